package org.semlux.training.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes texts of the lines of a {@link CorpusFile}, or of what stands between their tabs, as the
 * first one tells.
 */
final class DelimitedTexts implements DelimitedRows.Sink {
  /** What an id is where nothing but its place says so: no title, and no text without spaces. */
  private static final Pattern ID = Pattern.compile("\\s*[\\x21-\\x7e]+\\s*");

  /** What data sets call a column of ids, which nothing but a header says. */
  private static final Pattern IDS =
      Pattern.compile(
          "_?id|[qdp]id|docno|(query|doc|document|corpus|passage|text)[_-]?ids?",
          Pattern.CASE_INSENSITIVE);

  private final CorpusFile corpus;
  private final CorpusFile.Sink sink;
  private final boolean hasIds;
  private DelimitedRows.Sink kind;

  DelimitedTexts(CorpusFile corpus, CorpusFile.Sink sink) {
    this.corpus = corpus;
    this.sink = sink;
    hasIds = CorpusFile.isNamed(corpus.file(), ".tsv");
  }

  @Override
  public void row(String where, List<String> cells) throws IOException {
    if (kind == null) {
      kind = kind(where, cells.stream().map(String::strip).toList());
    }
    kind.row(where, cells);
  }

  private DelimitedRows.Sink kind(String where, List<String> first) throws IOException {
    boolean parted = first.size() > 1;
    if (isHeader(corpus, first)) {
      return new Columns(corpus, sink, true);
    }
    if (parted && (isIds(first.get(0)) || first.get(0).equalsIgnoreCase("title"))) {
      throw new IOException(
          "%s: a header %s without the column [%s]: call it so, and ids [_id]"
              .formatted(where, first, corpus.field()));
    }
    if (hasIds || (parted && isId(first.get(0)))) {
      return this::textWithId;
    }
    return (at, cells) ->
        sink.accept(new CorpusFile.Row(at, List.of(), "", String.join("\t", cells)));
  }

  private void textWithId(String where, List<String> cells) throws IOException {
    if (cells.size() < 2) {
      throw new IOException(
          where + ": no tab between an id and a text: give JSON lines if texts have no ids");
    }
    if (hasIds ? cells.get(0).isBlank() : !isId(cells.get(0))) {
      throw new IOException(
          "%s: [%s] before the tab is no id of one word, as other lines have: name the columns in a first line, _id (or title), a tab and %s, or give JSON lines"
              .formatted(where, cells.get(0), corpus.field()));
    }
    String text = String.join("\t", cells.subList(1, cells.size())).strip();
    sink.accept(new CorpusFile.Row(where, List.of(cells.get(0).strip()), "", text));
  }

  private static boolean isId(String cell) {
    return ID.matcher(cell).matches();
  }

  /** Whether what stands between the tabs of a first line names the text. */
  static boolean isHeader(CorpusFile corpus, List<String> first) {
    return first.contains(corpus.field())
        && (first.size() > 1 || CorpusFile.isNamed(corpus.file(), ".tsv"));
  }

  /** Whether a cell names a column of ids, so that its line is a header. */
  static boolean isIds(String cell) {
    return IDS.matcher(cell).matches();
  }

  /** Makes texts of cells below a header. */
  static final class Columns implements DelimitedRows.Sink {
    private final CorpusFile corpus;
    private final CorpusFile.Sink sink;
    private final boolean tabs;
    private List<String> names = List.of();

    /**
     * @param tabs whether they stand between the cells, where nothing quotes another one
     */
    Columns(CorpusFile corpus, CorpusFile.Sink sink, boolean tabs) {
      this.corpus = corpus;
      this.sink = sink;
      this.tabs = tabs;
    }

    @Override
    public void row(String where, List<String> found) throws IOException {
      if (names.isEmpty()) {
        header(where, found.stream().map(String::strip).toList());
        return;
      }
      List<String> cells = found;
      int last = names.size() - 1;
      if (tabs && found.size() > names.size() && names.get(last).equals(corpus.field())) {
        cells = new ArrayList<>(found.subList(0, last));
        cells.add(String.join("\t", found.subList(last, found.size())));
      }
      if (cells.size() != names.size()) {
        throw new IOException(
            "%s: %s cells for the columns %s".formatted(where, cells.size(), names));
      }
      List<String> all = cells;
      sink.accept(
          CorpusFile.row(
              where,
              name -> cell(all, name),
              cell(cells, corpus.titleField()),
              cell(cells, corpus.field())));
    }

    private void header(String where, List<String> found) throws IOException {
      if (!found.contains(corpus.field())) {
        throw new IOException(
            "%s: no header with the column [%s], found %s: write one, such as _id,title,%s"
                .formatted(where, corpus.field(), found, corpus.field()));
      }
      ColumnNames.requireOnce(where, found, CorpusFile.IDS);
      ColumnNames.requireOnce(where, found, List.of(corpus.titleField(), corpus.field()));
      names = found;
    }

    /** Empty where there is no such column. */
    private String cell(List<String> cells, String name) {
      int place = names.indexOf(name);
      return place < 0 ? "" : cells.get(place);
    }
  }
}

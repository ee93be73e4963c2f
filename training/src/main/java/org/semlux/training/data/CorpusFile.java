package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads the texts of a corpus, or queries, one after the other, so that a file of any size takes
 * little memory.
 *
 * <p>{@code .jsonl} or {@code .json} holds an object a line, with {@code _id}, else {@code id},
 * title and text; {@code .csv} has a header that names such columns. Of everything else the first
 * line tells: a header where it names the text between tabs, whose last column takes further tabs
 * if it is the text; an id, a tab and a text in each line where it begins so, with one word of
 * ASCII, so that no title is taken for an id; else each line is a text, tabs included. In {@code
 * .tsv} without a header all that is not blank before the first tab is an id. {@code .gz} may
 * follow these names. Either all rows have an id or none.
 *
 * {@snippet lang=java :
 * new CorpusFile(Path.of("collection.tsv.gz"), "text", "title")
 *     .read(row -> System.out.println(row.id() + " " + row.titleAndText()));
 * }
 *
 * @param field of texts
 * @param titleField of titles; a row may lack it
 */
public record CorpusFile(Path file, String field, String titleField) {
  private static final List<String> IDS = List.of("_id", "id");

  /** What an id is where nothing but its place says so: no title, and no text without spaces. */
  private static final Pattern ID = Pattern.compile("\\s*[\\x21-\\x7e]+\\s*");

  /** What a first cell says in a header alone. */
  private static final Pattern HEADER =
      Pattern.compile(
          "_?id|title|[qdp]id|docno|(query|doc|document|corpus|passage|text)[_-]?ids?",
          Pattern.CASE_INSENSITIVE);

  /**
   * A text.
   *
   * @param where {@code file:line}
   * @param ids none where the file has none; two where {@code _id}, which it is called by, and
   *     {@code id} differ
   * @param title empty where it has none
   */
  public record Row(String where, List<String> ids, String title, String text) {
    public Row {
      ids = List.copyOf(ids);
    }

    /** Empty where the file has none. */
    public Optional<String> id() {
      return ids.stream().findFirst();
    }

    /** What it is called: where it has no id the number of its line. */
    public String name() {
      return id().orElseGet(() -> where.substring(where.lastIndexOf(':') + 1));
    }

    /** The text with its title before it, as it is searched. */
    public String titleAndText() {
      return (title + " " + text).strip();
    }
  }

  /** Takes rows. */
  public interface Sink {
    void accept(Row row) throws IOException;
  }

  /** Whether a file's lines are JSON objects, by its name. */
  public static boolean areObjects(Path file) {
    return DataFormat.of(file) == DataFormat.JSON_LINES;
  }

  /**
   * Whether the file names its fields, so that they may be called otherwise.
   *
   * @throws IOException when it cannot be read
   */
  public boolean namesFields() throws IOException {
    if (areObjects(file) || isNamed(file, ".csv")) {
      return true;
    }
    try (DelimitedRows rows = DelimitedRows.open(file)) {
      return isHeader(rows.firstCells().stream().map(String::strip).toList());
    }
  }

  /** Whether what stands between the tabs of a first line names the text. */
  private boolean isHeader(List<String> first) {
    return first.contains(field) && (first.size() > 1 || isNamed(file, ".tsv"));
  }

  private static boolean isNamed(Path file, String end) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(end) || name.endsWith(end + ".gz");
  }

  /**
   * Reads all rows.
   *
   * @throws IOException when the file cannot be read; a bad row is named
   */
  public void read(Sink sink) throws IOException {
    read(sink, notice -> {});
  }

  /**
   * The same.
   *
   * @param notices is told once where a row has two ids that differ
   */
  public void read(Sink sink, Consumer<String> notices) throws IOException {
    Sink alike = new Alike(sink, notices);
    if (areObjects(file)) {
      objects(alike);
      return;
    }
    try (DelimitedRows rows = DelimitedRows.open(file)) {
      if (isNamed(file, ".csv") && rows.firstCells().size() == 1) {
        // A text may hold any lines in its quotes, also such that look like rows.
        rows.readCommas(line -> false, new Columns(alike, false));
      } else {
        rows.readLines(new Lines(alike));
      }
    }
  }

  private void objects(Sink sink) throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          sink.accept(row(lines.where(), StrictJson.object(lines.where(), line.get())));
        }
      }
    }
  }

  private Row row(String where, JsonObject object) throws IOException {
    JsonElement text = object.get(field);
    if (text == null || !text.isJsonPrimitive()) {
      throw new IOException(where + ": no text [" + field + "], found " + object.keySet());
    }
    return row(
        where,
        name -> SourceText.of(object, name),
        SourceText.of(object, titleField),
        text.getAsString());
  }

  /** A row of cells by their names, empty where there is none. */
  private static Row row(String where, Function<String, String> cells, String title, String text) {
    List<String> ids = IDS.stream().map(cells).filter(id -> !id.isEmpty()).distinct().toList();
    return new Row(where, ids, title, text);
  }

  /** Refuses a file of which some rows have an id: others would be called by the same. */
  private static final class Alike implements Sink {
    private final Sink sink;
    private final Consumer<String> notices;
    private Optional<Boolean> named = Optional.empty();
    private boolean told;

    Alike(Sink sink, Consumer<String> notices) {
      this.sink = sink;
      this.notices = notices;
    }

    @Override
    public void accept(Row row) throws IOException {
      boolean has = row.id().isPresent();
      if (has != named.orElse(has)) {
        throw new IOException(
            row.where() + ": some rows have an id, [_id] or else [id], and others have none");
      }
      named = Optional.of(has);
      if (row.ids().size() > 1 && !told) {
        notices.accept(
            "%s: [_id] says [%s] and [id] says [%s]: rows are called by [_id]"
                .formatted(row.where(), row.ids().get(0), row.ids().get(1)));
        told = true;
      }
      sink.accept(row);
    }
  }

  /** Makes texts of lines, or of what stands between their tabs, as the first one tells. */
  private final class Lines implements DelimitedRows.Sink {
    private final Sink sink;
    private final boolean hasIds = isNamed(file, ".tsv");
    private DelimitedRows.Sink kind;

    Lines(Sink sink) {
      this.sink = sink;
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
      if (isHeader(first)) {
        return new Columns(sink, true);
      }
      if (parted && HEADER.matcher(first.get(0)).matches()) {
        throw new IOException(
            "%s: a header %s without the column [%s]: call it so, and ids [_id]"
                .formatted(where, first, field));
      }
      if (hasIds || (parted && isId(first.get(0)))) {
        return this::textWithId;
      }
      return (at, cells) -> sink.accept(new Row(at, List.of(), "", String.join("\t", cells)));
    }

    private void textWithId(String where, List<String> cells) throws IOException {
      if (cells.size() < 2) {
        throw new IOException(
            where + ": no tab between an id and a text: give JSON lines if texts have no ids");
      }
      if (hasIds ? cells.get(0).isBlank() : !isId(cells.get(0))) {
        throw new IOException(
            "%s: [%s] before the tab is no id of one word, as other lines have: name the columns in a first line, _id (or title), a tab and %s, or give JSON lines"
                .formatted(where, cells.get(0), field));
      }
      String text = String.join("\t", cells.subList(1, cells.size())).strip();
      sink.accept(new Row(where, List.of(cells.get(0)), "", text));
    }

    private static boolean isId(String cell) {
      return ID.matcher(cell).matches();
    }
  }

  /** Makes texts of cells below a header. */
  private final class Columns implements DelimitedRows.Sink {
    private final Sink sink;
    private final boolean tabs;
    private List<String> names = List.of();

    /**
     * @param tabs whether they stand between the cells, where nothing quotes another one
     */
    Columns(Sink sink, boolean tabs) {
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
      if (tabs && found.size() > names.size() && names.get(last).equals(field)) {
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
              where, name -> cell(all, name), cell(cells, titleField), cell(cells, field)));
    }

    private void header(String where, List<String> found) throws IOException {
      if (!found.contains(field)) {
        throw new IOException(
            "%s: no header with the column [%s], found %s: write one, such as _id,title,%s"
                .formatted(where, field, found, field));
      }
      ColumnNames.requireOnce(where, found, IDS);
      ColumnNames.requireOnce(where, found, List.of(titleField, field));
      names = found;
    }

    /** Empty where there is no such column. */
    private String cell(List<String> cells, String name) {
      int place = names.indexOf(name);
      return place < 0 ? "" : cells.get(place);
    }
  }
}

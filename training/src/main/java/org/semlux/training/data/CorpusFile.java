package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the texts of a corpus, or queries, one after the other, so that a file of any size takes
 * little memory.
 *
 * <p>{@code .jsonl} or {@code .json} holds an object a line, with {@code _id}, title and text;
 * {@code .csv} has a header that names such columns. Of everything else the first line tells: with
 * a tab in it each line is an id, a tab and a text, which {@code .tsv} always is (a header that
 * names {@code _id} or {@code id} and the text may stand above); else each line is a text. {@code
 * .gz} may follow these names. Either all rows have an id or none.
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

  /**
   * A text.
   *
   * @param where {@code file:line}
   * @param id empty where the file has none
   * @param title empty where it has none
   */
  public record Row(String where, Optional<String> id, String title, String text) {
    /** What it is called: where it has no id the number of its line. */
    public String name() {
      return id.orElseGet(() -> where.substring(where.lastIndexOf(':') + 1));
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

  /** Whether a file names its fields, so that they may be called otherwise. */
  public static boolean namesFields(Path file) {
    return areObjects(file) || isNamed(file, ".csv");
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
    Sink alike = new Alike(sink);
    if (areObjects(file)) {
      objects(alike);
    } else if (isNamed(file, ".csv") && !hasTabs()) {
      // A text may hold any lines in its quotes, also such that look like rows.
      DelimitedRows.readCommas(file, line -> false, new Columns(true, alike));
    } else if (isNamed(file, ".tsv")) {
      DelimitedRows.readLines(file, new Columns(false, alike));
    } else { // in one pass: it may be a pipe
      DelimitedRows.readLines(file, new Lines(alike));
    }
  }

  private boolean hasTabs() throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      Optional<String> line = lines.next();
      while (line.isPresent() && line.get().isBlank()) {
        line = lines.next();
      }
      return line.isPresent() && line.get().contains("\t");
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
    Optional<String> id = Optional.of(SourceText.of(object, IDS.get(0)));
    return new Row(
        where,
        id.filter(own -> !own.isEmpty()),
        SourceText.of(object, titleField),
        text.getAsString());
  }

  /** Refuses a file of which some rows have an id: others would be called by the same. */
  private static final class Alike implements Sink {
    private final Sink sink;
    private Optional<Boolean> named = Optional.empty();

    Alike(Sink sink) {
      this.sink = sink;
    }

    @Override
    public void accept(Row row) throws IOException {
      boolean has = row.id().isPresent();
      if (has != named.orElse(has)) {
        throw new IOException(row.where() + ": some rows have an [_id] and others have none");
      }
      named = Optional.of(has);
      sink.accept(row);
    }
  }

  /** Makes texts of lines, or of what stands in their columns, as the first one tells. */
  private final class Lines implements DelimitedRows.Sink {
    private final Sink sink;
    private final Columns columns;
    private Optional<Boolean> tabs = Optional.empty();

    Lines(Sink sink) {
      this.sink = sink;
      columns = new Columns(false, sink);
    }

    @Override
    public void row(String where, List<String> cells) throws IOException {
      tabs = tabs.or(() -> Optional.of(cells.size() > 1));
      if (tabs.get()) {
        columns.row(where, cells);
      } else {
        sink.accept(new Row(where, Optional.empty(), "", String.join("\t", cells)));
      }
    }
  }

  /** Makes texts of cells, by a header where there is one. */
  private final class Columns implements DelimitedRows.Sink {
    private final boolean needsHeader;
    private final Sink sink;
    private boolean first = true;
    private List<String> names = List.of();

    Columns(boolean needsHeader, Sink sink) {
      this.needsHeader = needsHeader;
      this.sink = sink;
    }

    @Override
    public void row(String where, List<String> cells) throws IOException {
      boolean header = first && isHeader(where, cells.stream().map(String::strip).toList());
      first = false;
      if (header) {
        names = cells.stream().map(String::strip).toList();
      } else if (names.isEmpty()) {
        if (cells.size() < 2) {
          throw new IOException(where + ": no tab between an id and a text");
        }
        String text = String.join("\t", cells.subList(1, cells.size())).strip();
        sink.accept(new Row(where, Optional.of(cells.get(0)), "", text));
      } else if (cells.size() != names.size()) {
        throw new IOException(
            "%s: %s cells for the columns %s".formatted(where, cells.size(), names));
      } else {
        Optional<String> id = IDS.stream().filter(names::contains).findFirst();
        sink.accept(
            new Row(
                where,
                id.map(name -> cells.get(names.indexOf(name))),
                names.contains(titleField) ? cells.get(names.indexOf(titleField)) : "",
                cells.get(names.indexOf(field))));
      }
    }

    private boolean isHeader(String where, List<String> cells) throws IOException {
      if (needsHeader && !cells.contains(field)) {
        throw new IOException(
            "%s: no header with the column [%s], found %s: write one, such as _id,title,%s"
                .formatted(where, field, cells, field));
      }
      return needsHeader || (cells.contains(field) && IDS.stream().anyMatch(cells::contains));
    }
  }
}

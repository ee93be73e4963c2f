package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

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
  static final List<String> IDS = List.of("_id", "id");

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
      return DelimitedTexts.isHeader(this, rows.firstCells().stream().map(String::strip).toList());
    }
  }

  /** Whether its name ends so, where {@code .gz} may follow. */
  static boolean isNamed(Path file, String end) {
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
        rows.readCommas(line -> false, new DelimitedTexts.Columns(this, alike, false));
      } else {
        rows.readLines(new DelimitedTexts(this, alike));
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
      throw new IOException(where + ": " + StrictJson.lacks(object, field, "text"));
    }
    return row(
        where,
        name -> SourceText.of(object, name),
        SourceText.of(object, titleField),
        text.getAsString());
  }

  /** A row of cells by their names, empty where there is none. */
  static Row row(String where, Function<String, String> cells, String title, String text) {
    List<String> ids =
        IDS.stream().map(cells).map(String::strip).filter(id -> !id.isEmpty()).distinct().toList();
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
}

package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.semlux.encoders.folder.Sha256;

/**
 * Reads rows to learn from, by the rules of sentence-transformers: a column called label or score,
 * in the singular or the plural, holds labels, every other column holds texts, and their order
 * alone says what they are: (anchor, positive), (anchor, positive, negative, ...), (sentence,
 * sentence), or a query and a list of documents.
 *
 * <p>The name says the format: {@code .parquet}; {@code .jsonl} or {@code .json} holds an object a
 * line, whose first row's keys are the columns; {@code .tsv} is separated by tabs, everything else
 * by commas, both with a header, which holds no number: two texts and a number before any header,
 * and the layout that the STS benchmark is published in, are read as {@link ScoredPairs} reads
 * them. {@code .gz} may follow these. Lists need JSON or Parquet. A column {@code split} tells rows
 * for training, choosing and judging apart.
 *
 * {@snippet lang=java :
 * TrainingRows rows =
 *     TrainingRows.read(Path.of("triplets.jsonl"), Split.TRAIN, System.err::println);
 * rows.columns(); // such as [anchor, positive, negative]
 * rows.rows().get(0).texts(); // one text a column
 * }
 *
 * @param columns of texts, in order
 * @param label the column of labels; empty where there is none
 * @param lists whether the second column holds lists, of one text too
 * @param rows never empty
 */
public record TrainingRows(
    List<String> columns, Optional<String> label, boolean lists, List<TrainingRow> rows) {
  private static final Pattern ID = Pattern.compile("id|.*_(id|ids|idx)");
  static final List<String> LABELS = List.of("label", "labels", "score", "scores");
  private static final String NO_HEADER =
      "%s: no header, its rows are read as sentence1, sentence2 and score%s";

  public TrainingRows {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** Scored pairs, in the order of their columns. */
  public static TrainingRows of(PairColumns columns, List<ScoredPair> pairs) {
    return new TrainingRows(
        List.of(columns.sentence1(), columns.sentence2()),
        Optional.of(columns.score()),
        false,
        pairs.stream().map(TrainingRow::of).toList());
  }

  /** SHA-256 of all texts and labels, however the file that holds them is read. */
  public String sha256() {
    MessageDigest digest = Sha256.newDigest();
    for (TrainingRow row : rows) {
      row.texts().forEach(text -> Sha256.update(digest, text));
      ByteBuffer labels = ByteBuffer.allocate(Double.BYTES * row.labels().size() + Integer.BYTES);
      row.labels().forEach(labels::putDouble);
      digest.update(labels.putInt(-row.labels().size()).array()); // no text has such a length
    }
    return Sha256.hex(digest);
  }

  /** The same without labels. */
  public TrainingRows unlabelled() {
    return new TrainingRows(
        columns,
        Optional.empty(),
        lists,
        rows.stream().map(row -> new TrainingRow(row.texts(), List.of())).toList());
  }

  /**
   * All rows of a file, in order.
   *
   * @param split those that are meant where a column tells them apart
   * @param notices is told when rows of other splits were left out, texts look like ids or stand
   *     elsewhere than their names say, or no header names the columns
   * @throws IOException when the file cannot be read or holds no such row, or a negative stands
   *     before the positive; a bad row is named by file, line and reason
   */
  public static TrainingRows read(Path file, Split split, Consumer<String> notices)
      throws IOException {
    if (DataFormat.of(file).isDelimited() && ScoredPairs.isPublishedWithoutHeader(file)) {
      notices.accept(NO_HEADER.formatted(file, ", the columns six, seven and five"));
      return of(
          PairColumns.DEFAULT,
          ScoredPairs.read(file, PairColumns.DEFAULT, Optional.of(split), Optional.empty(), notices)
              .pairs());
    }
    Reader reader = new Reader(file, new SplitRows(file, Optional.of(split)), notices);
    switch (DataFormat.of(file)) {
      case PARQUET -> reader.parquet();
      case JSON_LINES -> reader.objects();
      case TABS -> DelimitedRows.readTabs(file, reader::isRow, reader::cells);
      case COMMAS -> DelimitedRows.readCommas(file, reader::isRow, reader::cells);
    }
    reader.splits.end(notices);
    List<String> ids =
        reader.texts.stream().filter(column -> ID.matcher(column).matches()).toList();
    if (!ids.isEmpty()) {
      notices.accept(
          "[%s]: the columns %s look like ids and are read as texts: leave them out unless they are, of the texts %s"
              .formatted(file, ids, reader.texts));
    }
    ColumnOrder.check(file, reader.texts, notices);
    if (reader.rows.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return new TrainingRows(reader.texts, reader.label, reader.lists, reader.rows);
  }

  /** What a file's columns are, and its rows so far. */
  private static final class Reader {
    private final Path file;
    private final SplitRows splits;
    private final Consumer<String> notices;
    private final List<TrainingRow> rows = new ArrayList<>();
    private List<String> names = List.of();
    private List<String> texts = List.of();
    private Optional<String> label = Optional.empty();
    private Optional<String> split = Optional.empty();
    private boolean lists;

    Reader(Path file, SplitRows splits, Consumer<String> notices) {
      this.file = file;
      this.splits = splits;
      this.notices = notices;
    }

    /** Takes the names of all columns. */
    private void columns(String where, Collection<String> found) throws IOException {
      names = found.stream().map(String::strip).toList();
      label = LABELS.stream().filter(names::contains).findFirst();
      split = names.stream().filter(name -> name.equalsIgnoreCase(Split.COLUMN)).findFirst();
      texts =
          names.stream()
              .filter(name -> !name.equals(split.orElse("")) && !name.equals(label.orElse("")))
              .toList();
      Optional<String> second = texts.stream().filter(LABELS::contains).findFirst();
      if (second.isPresent()) {
        throw new IOException(
            "%s: both [%s] and [%s] name labels: leave one out"
                .formatted(where, label.orElseThrow(), second.get()));
      }
      if (texts.size() < 2 || new HashSet<>(names).size() < names.size()) {
        throw new IOException(
            "%s: the columns %s are no two texts, or one is there twice: a header names them, such as anchor, positive, negative"
                .formatted(where, names));
      }
    }

    /** Whether cells could be a row, for lines inside of a quoted field. */
    boolean isRow(List<String> cells) {
      return cells.size() == names.size() && cells.size() > 1;
    }

    void cells(String where, List<String> cells) throws IOException {
      if (names.isEmpty()) {
        boolean header = isHeader(where, cells);
        columns(where, header ? cells : PairColumns.DEFAULT.names());
        if (header) {
          return;
        }
        notices.accept(NO_HEADER.formatted(file, ""));
      }
      if (cells.size() != names.size()) {
        throw new IOException(
            "%s: %s cells for the columns %s".formatted(where, cells.size(), names));
      }
      JsonObject row = new JsonObject();
      for (int i = 0; i < cells.size(); i++) {
        row.addProperty(names.get(i), cells.get(i));
      }
      add(where, row);
    }

    /** False for two texts and a number. */
    private static boolean isHeader(String where, List<String> cells) throws IOException {
      List<String> numbers = cells.stream().filter(DelimitedRows::isNumber).toList();
      boolean pair = cells.size() == 3 && numbers.equals(cells.subList(2, 3));
      if (!numbers.isEmpty() && !pair) {
        throw new IOException(
            "%s: the first row holds the number [%s], so it is no header: write one above it that names the columns, such as anchor, positive, negative or sentence1, sentence2, score"
                .formatted(where, numbers.get(0)));
      }
      return !pair;
    }

    void objects() throws IOException {
      try (TextLines lines = TextLines.open(file)) {
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
          if (!line.get().isBlank()) {
            JsonObject row = StrictJson.object(lines.where(), line.get());
            if (names.isEmpty()) {
              columns(lines.where(), row.keySet());
            }
            if (!row.keySet().equals(new HashSet<>(names))) {
              throw new IOException(
                  "%s: the keys %s, where the first row has %s"
                      .formatted(lines.where(), row.keySet(), names));
            }
            add(lines.where(), row);
          }
        }
      }
    }

    void parquet() throws IOException {
      columns(file.toString(), ParquetColumns.names(file));
      long number = 0;
      for (List<JsonElement> cells : ParquetColumns.read(file, names)) {
        number++;
        JsonObject row = new JsonObject();
        for (int i = 0; i < names.size(); i++) {
          row.add(names.get(i), cells.get(i));
        }
        add(file + ": row " + number, row);
      }
    }

    private void add(String where, JsonObject row) throws IOException {
      if (split.isEmpty() || splits.takes(where, cell(where, row, split.get()))) {
        List<String> found = texts(where, row);
        splits.look(texts, found);
        rows.add(new TrainingRow(found, labels(where, row)));
      }
    }

    private List<String> texts(String where, JsonObject row) throws IOException {
      List<String> found = new ArrayList<>();
      for (String name : texts) {
        JsonElement value = row.get(name);
        if (value != null
            && value.isJsonArray()
            && name.equals(texts.get(1))
            && texts.size() == 2) {
          found.addAll(list(where, name, value));
          lists = true;
        } else {
          found.add(cell(where, row, name));
        }
      }
      return found;
    }

    private static List<String> list(String where, String name, JsonElement value)
        throws IOException {
      List<JsonElement> elements = value.getAsJsonArray().asList();
      if (elements.isEmpty() || !elements.stream().allMatch(JsonElement::isJsonPrimitive)) {
        throw new IOException(
            where + ": [" + name + "] is no list of texts or numbers, or an empty one");
      }
      return elements.stream().map(JsonElement::getAsString).toList();
    }

    private static String cell(String where, JsonObject row, String name) throws IOException {
      JsonElement value = row.get(name);
      if (value == null || !value.isJsonPrimitive()) {
        throw new IOException(
            "%s: [%s] is neither a text nor a number: lists stand in the second column of two, or are labels"
                .formatted(where, name));
      }
      return value.getAsString();
    }

    private List<Double> labels(String where, JsonObject row) throws IOException {
      if (label.isEmpty()) {
        return List.of();
      }
      JsonElement value = row.get(label.get());
      List<String> numbers =
          value != null && value.isJsonArray()
              ? list(where, label.get(), value)
              : List.of(cell(where, row, label.get()));
      List<Double> found = new ArrayList<>();
      for (String number : numbers) {
        found.add(number(where, label.get(), number));
      }
      return found;
    }

    private static double number(String where, String name, String text) throws IOException {
      try {
        double number = Double.parseDouble(text);
        if (Double.isFinite(number)) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below, as for a number that is not finite.
      }
      throw new IOException(where + ": the " + name + " [" + text + "] is not a number");
    }
  }
}

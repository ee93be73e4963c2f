package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads {@link TrainingRows}: finds what the columns are, then makes rows of them. */
final class TrainingRowReader {
  private static final String NO_HEADER =
      "%s: no header, its rows are read as sentence1, sentence2 and score%s";

  private final Path file;
  private final Split wanted;
  private final SplitRows splits;
  private final OddTexts odd;
  private final Consumer<String> notices;
  private final List<TrainingRow> rows = new ArrayList<>();
  private List<String> names = List.of();
  private List<String> texts = List.of();
  private Optional<String> label = Optional.empty();
  private Optional<String> split = Optional.empty();
  private boolean lists;

  /**
   * @param split the rows that are meant, where a column tells them apart
   * @param notices is told what was left out or assumed, or looks wrong
   */
  TrainingRowReader(Path file, Split split, Consumer<String> notices) {
    this.file = file;
    wanted = split;
    splits = new SplitRows(file, Optional.of(split));
    this.notices = notices;
    odd = new OddTexts(file);
  }

  /** All rows of the file, see {@link TrainingRows#read}. */
  TrainingRows read() throws IOException {
    switch (DataFormat.of(file)) {
      case PARQUET -> parquet();
      case JSON_LINES -> objects();
      case TABS, COMMAS -> {
        try (DelimitedRows data = DelimitedRows.open(file)) {
          if (ScoredPairs.isPublishedWithoutHeader(data)) {
            notices.accept(NO_HEADER.formatted(file, ", the columns six, seven and five"));
            List<ScoredPair> pairs = ScoredPairs.readPublished(file, data, wanted, notices);
            return TrainingRows.of(PairColumns.DEFAULT, pairs);
          }
          data.read(this::isRow, this::cells);
        }
      }
    }
    splits.end(notices);
    odd.end(texts, notices);
    ColumnOrder.check(file, texts, "", notices);
    if (rows.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return new TrainingRows(texts, label, lists, rows);
  }

  /** Takes the names of all columns. */
  private void columns(String where, Collection<String> found) throws IOException {
    names = found.stream().map(String::strip).toList();
    if (names.contains("")) {
      throw new IOException(
          "%s: a column of %s has no name, such as the index that pandas writes: leave it out (index=False), or name it"
              .formatted(where, names));
    }
    Optional<String> tabs = names.stream().filter(name -> name.contains("\t")).findFirst();
    if (tabs.isPresent()) {
      throw new IOException(
          "%s: tabs in [%s], where the file's name stands for commas between columns: call it .tsv"
              .formatted(where, tabs.get()));
    }
    label = ColumnNames.LABELS.stream().filter(names::contains).findFirst();
    split = names.stream().filter(name -> name.equalsIgnoreCase(Split.COLUMN)).findFirst();
    texts =
        names.stream()
            .filter(name -> !name.equals(split.orElse("")) && !name.equals(label.orElse("")))
            .toList();
    Optional<String> second = texts.stream().filter(ColumnNames.LABELS::contains).findFirst();
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
  private boolean isRow(List<String> cells) {
    return cells.size() == names.size() && cells.size() > 1;
  }

  private void cells(String where, List<String> cells) throws IOException {
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

  /**
   * False for two texts and a number. A column may be called by one, such as a year, where the
   * others have usual names.
   *
   * @throws IOException when nobody can say
   */
  private boolean isHeader(String where, List<String> cells) throws IOException {
    List<String> numbers = cells.stream().filter(Numbers::is).toList();
    if (ColumnNames.areUsual(cells)) {
      return true;
    }
    if (numbers.isEmpty()) {
      if (!ColumnNames.anyUsual(cells)) {
        notices.accept(
            "[%s]: the first row is read as the names of the columns, %s: write a header above it if it is a row"
                .formatted(file, cells));
      }
      return true;
    }
    if (cells.size() == 3 && numbers.equals(cells.subList(2, 3))) {
      return false;
    }
    throw new IOException(
        "%s: the first row holds the number [%s], so it looks like no header: write one above it, or in its place, that names the columns in words, such as anchor, positive, negative or sentence1, sentence2, score"
            .formatted(where, numbers.get(0)));
  }

  private void objects() throws IOException {
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

  private void parquet() throws IOException {
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
      odd.look(where, texts.size(), found);
      rows.add(new TrainingRow(found, labels(where, row)));
    }
  }

  private List<String> texts(String where, JsonObject row) throws IOException {
    List<String> found = new ArrayList<>();
    for (String name : texts) {
      JsonElement value = row.get(name);
      if (value != null && value.isJsonArray() && name.equals(texts.get(1)) && texts.size() == 2) {
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
      found.add(
          Numbers.of(number)
              .orElseThrow(
                  () ->
                      new IOException(
                          "%s: the %s [%s] is not a number"
                              .formatted(where, label.get(), number))));
    }
    return found;
  }
}

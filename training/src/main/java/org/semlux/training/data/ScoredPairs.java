package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads pairs of sentences with a score, such as the STS benchmark.
 *
 * <p>The name says the format: {@code .parquet}; {@code .jsonl} or {@code .json} holds an object a
 * line, {@code .tsv} is separated by tabs, everything else by commas; {@code .gz} may follow these.
 * A first row that holds the names of the columns is a header; without one, the first three columns
 * are taken. Fields are quoted as RFC 4180 says, so that they may hold line ends.
 *
 * <p>Where the first line has seven or more columns with tabs between, whatever the file is called,
 * it is as the STS benchmark and GLUE publish it: quotes mean nothing, and without a header the
 * score is the fifth column and the sentences are the sixth and the seventh.
 *
 * <p>A column {@code split}, as in the STS benchmark in a single file, tells rows for training,
 * choosing and judging apart.
 *
 * {@snippet lang=java :
 * List<ScoredPair> pairs = ScoredPairs.read(Path.of("sts-dev.csv"), PairColumns.DEFAULT);
 * pairs.get(0).score(); // as the file has it, here 0 to 5
 * }
 */
public final class ScoredPairs {
  private static final int PUBLISHED_COLUMNS = 7;
  private static final int[] FIRST_COLUMNS = {0, 1, 2};
  private static final int[] PUBLISHED = {5, 6, 4};

  private final Path file;
  private final PairColumns columns;
  private final SplitRows splits;
  private final Optional<Consumer<String>> skipped;
  private final List<ScoredPair> pairs = new ArrayList<>();

  private ScoredPairs(
      Path file, PairColumns columns, Optional<Split> split, Optional<Consumer<String>> skipped) {
    this.file = file;
    this.columns = columns;
    this.splits = new SplitRows(file, split);
    this.skipped = skipped;
  }

  /** A row that is no pair: those around it may be. */
  private static final class BadRowException extends IOException {
    private static final long serialVersionUID = 1;

    BadRowException(String where, String reason) {
      super(where + ": " + reason);
    }
  }

  /** Reads what belongs to a row. */
  private interface Row {
    ScoredPair read() throws IOException;
  }

  /**
   * All pairs of a file, in order; never an empty list.
   *
   * @throws IOException when the file cannot be read, holds no row or rows of several splits; a bad
   *     row is named by file, line and reason
   */
  public static List<ScoredPair> read(Path file, PairColumns columns) throws IOException {
    return read(file, columns, Optional.empty(), Optional.empty(), notice -> {});
  }

  /**
   * The good pairs of a file, in order; never an empty list.
   *
   * @param split the rows that are meant where a column {@code split} tells them apart; without
   *     one, all
   * @param skipped is told of each bad row by file, line and reason; empty: the first one fails
   * @param notices is told when rows of other splits were left out
   * @throws IOException when the file cannot be read or holds no good row, or none of the split;
   *     where a quote is never closed, nobody can say where the next row begins
   */
  public static List<ScoredPair> read(
      Path file,
      PairColumns columns,
      Optional<Split> split,
      Optional<Consumer<String>> skipped,
      Consumer<String> notices)
      throws IOException {
    ScoredPairs reader = new ScoredPairs(file, columns, split, skipped);
    reader.read();
    reader.splits.end(notices);
    if (reader.pairs.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return List.copyOf(reader.pairs);
  }

  private void read() throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".parquet")) {
      readParquet();
    } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      readObjects();
    } else if (isPublished()) {
      Places rows = new Places(PUBLISHED);
      DelimitedRows.readLines(file, rows);
    } else if (name.endsWith(".tsv")) {
      Places rows = new Places(FIRST_COLUMNS);
      DelimitedRows.readTabs(file, rows::isRow, rows);
    } else {
      Places rows = new Places(FIRST_COLUMNS);
      DelimitedRows.readCommas(file, rows::isRow, rows);
    }
  }

  private void add(Row row) throws IOException {
    try {
      pairs.add(row.read());
    } catch (BadRowException e) {
      skipped.orElseThrow(() -> e).accept(e.getMessage());
    }
  }

  private boolean isPublished() throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      return lines.next().map(line -> line.split("\t", -1).length).orElse(0) >= PUBLISHED_COLUMNS;
    }
  }

  private void readParquet() throws IOException {
    List<String> names = new ArrayList<>(columns.names());
    List<String> found = ParquetColumns.names(file);
    Optional<String> split = found.containsAll(names) ? splitColumn(found) : Optional.empty();
    List<String> others =
        split.isPresent() ? List.of(split.get()) : others(ParquetColumns.texts(file));
    names.addAll(others);
    int pair = columns.names().size();
    long row = 0;
    for (List<JsonElement> cells : ParquetColumns.read(file, names)) {
      row++;
      String where = file + ": row " + row;
      List<String> more =
          cells.subList(pair, names.size()).stream()
              .map(cell -> cell.isJsonNull() ? "" : cell(cell))
              .toList();
      if (split.isEmpty()) {
        splits.look(others, more);
      }
      if (split.isEmpty() || splits.takes(where, more.get(0))) {
        add(() -> pair(where, texts(where, cells.subList(0, pair))));
      }
    }
  }

  /** The column that tells splits apart, in any case, and is none of the three. */
  private Optional<String> splitColumn(Collection<String> names) {
    return names.stream()
        .filter(name -> name.equalsIgnoreCase(Split.COLUMN) && !columns.names().contains(name))
        .findFirst();
  }

  /** The columns that are none of the three. */
  private List<String> others(Collection<String> names) {
    return names.stream().filter(name -> !columns.names().contains(name)).toList();
  }

  private List<String> texts(String where, List<JsonElement> cells) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      if (!cells.get(i).isJsonPrimitive()) {
        throw new BadRowException(
            where,
            "[%s] is %s"
                .formatted(columns.names().get(i), cells.get(i).isJsonNull() ? "null" : "a list"));
      }
      texts.add(cells.get(i).getAsString());
    }
    return texts;
  }

  private void readObjects() throws IOException {
    Optional<Boolean> divided = Optional.empty();
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        String where = lines.where();
        Optional<JsonObject> row =
            line.get().isBlank() ? Optional.empty() : object(where, line.get());
        if (row.isPresent()) {
          Optional<String> split = splitColumn(row.get().keySet());
          boolean has = split.isPresent();
          if (has != divided.orElse(has)) {
            throw new IOException(where + ": some rows have a [split] and others have none");
          }
          divided = Optional.of(has);
          if (!has) {
            List<String> names = others(row.get().keySet());
            splits.look(names, names.stream().map(row.get()::get).map(ScoredPairs::cell).toList());
          }
          if (!has || splits.takes(where, cell(row.get().get(split.get())))) {
            add(() -> pair(where, row.get()));
          }
        }
      }
    }
  }

  private static String cell(JsonElement value) {
    return value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /** Empty for a bad line that is left out. */
  private Optional<JsonObject> object(String where, String line) throws IOException {
    try {
      return Optional.of(StrictJson.object(where, line));
    } catch (IOException e) {
      skipped.orElseThrow(() -> e).accept(e.getMessage());
      return Optional.empty();
    }
  }

  private ScoredPair pair(String where, JsonObject row) throws IOException {
    List<String> values = new ArrayList<>();
    for (String name : columns.names()) {
      JsonElement value = row.get(name);
      if (value == null || !value.isJsonPrimitive()) {
        throw new BadRowException(where, "no text or number [" + name + "], found " + row.keySet());
      }
      values.add(value.getAsString());
    }
    return pair(where, values);
  }

  /** Rows of cells: where their first row is no header, they lie where they usually do. */
  private final class Places implements DelimitedRows.Sink {
    private int[] places;
    private int split = -1;
    private boolean first = true;
    private List<String> names = List.of();

    Places(int[] usual) {
      places = usual;
    }

    @Override
    public void row(String where, List<String> cells) throws IOException {
      Optional<int[]> header = first ? header(cells) : Optional.empty();
      first = false;
      if (header.isPresent()) {
        places = header.get();
        names = cells.stream().map(String::strip).toList();
        split = splitColumn(names).map(names::indexOf).orElse(-1);
        return;
      }
      if (split < 0) {
        look(cells);
      }
      if (split < 0 || splits.takes(where, split < cells.size() ? cells.get(split) : "")) {
        add(() -> pair(where, values(where, cells, places)));
      }
    }

    /** Columns without a header go by their place. */
    private void look(List<String> cells) {
      List<String> others = new ArrayList<>();
      List<String> found = new ArrayList<>();
      for (int i = 0; i < cells.size(); i++) {
        int place = i;
        if (Arrays.stream(places).noneMatch(taken -> taken == place)) {
          others.add(i < names.size() ? names.get(i) : Integer.toString(i + 1));
          found.add(cells.get(i));
        }
      }
      splits.look(others, found);
    }

    /** Whether cells could be a row: texts, and a number for a score. */
    boolean isRow(List<String> cells) {
      return Arrays.stream(places).allMatch(place -> place < cells.size())
          && cells.get(places[2]).matches("\\s*[-+]?[\\d.]+\\s*");
    }
  }

  /** The places of the three columns when this first row is a header. */
  private Optional<int[]> header(List<String> row) throws IOException {
    List<String> found = row.stream().map(String::strip).toList();
    int[] places = columns.names().stream().mapToInt(found::indexOf).toArray();
    boolean complete = places[0] >= 0 && places[1] >= 0 && places[2] >= 0;
    if (!complete && !columns.equals(PairColumns.DEFAULT)) {
      throw new IOException(
          file + ":1: no header with the columns " + columns.names() + ", found " + found);
    }
    return complete ? Optional.of(places) : Optional.empty();
  }

  private List<String> values(String where, List<String> row, int[] places) throws IOException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= row.size()) {
        throw new BadRowException(
            where,
            "no column for [%s], the row has %s".formatted(columns.names().get(i), row.size()));
      }
      values.add(row.get(places[i]));
    }
    return values;
  }

  private static ScoredPair pair(String where, List<String> values) throws IOException {
    return new ScoredPair(values.get(0), values.get(1), score(where, values.get(2)));
  }

  private static double score(String where, String text) throws IOException {
    try {
      double score = Double.parseDouble(text);
      if (Double.isFinite(score)) {
        return score;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is not finite.
    }
    throw new BadRowException(where, "the score [" + text + "] is not a number");
  }
}

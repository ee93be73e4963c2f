package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads pairs of sentences with a score, such as the STS benchmark.
 *
 * <p>The name says the format: {@code .parquet}; {@code .jsonl} or {@code .json} holds an object a
 * line, {@code .tsv} is separated by tabs, everything else by commas; {@code .gz} may follow these.
 * A first row that holds the names of the columns is a header, and so is one that names a label
 * (label, labels, score or scores) and two texts in whatever words; without one, the first three
 * columns are taken. Fields are quoted as RFC 4180 says, so that they may hold line ends.
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
  /**
   * What a file holds.
   *
   * @param columns what it calls them, or would
   * @param pairs in order, never none
   * @param splits whether a column told rows for training, choosing and judging apart
   */
  public record Found(PairColumns columns, List<ScoredPair> pairs, boolean splits) {
    public Found {
      pairs = List.copyOf(pairs);
    }
  }

  private static final Pattern NAMES =
      Pattern.compile("(?i).*\\.(parquet|(csv|tsv|jsonl|json)(\\.gz)?)");
  private static final int PUBLISHED_COLUMNS = 7;
  private static final int[] FIRST_COLUMNS = {0, 1, 2};
  private static final int[] PUBLISHED = {5, 6, 4};

  private final Path file;
  private final PairRows rows;

  private ScoredPairs(Path file, PairRows rows) {
    this.file = file;
    this.rows = rows;
  }

  /** Whether a file holds rows, by its name, where others hold a text a line. */
  public static boolean areIn(Path file) {
    return NAMES.matcher(file.getFileName().toString()).matches();
  }

  /**
   * All pairs of a file, in order; never an empty list.
   *
   * @throws IOException when the file cannot be read, holds no row or rows of several splits; a bad
   *     row is named by file, line and reason
   */
  public static List<ScoredPair> read(Path file, PairColumns columns) throws IOException {
    return read(file, columns, Optional.empty(), Optional.empty(), notice -> {}).pairs();
  }

  /**
   * The good pairs of a file.
   *
   * @param columns what the file calls them; of the default ones it may call them otherwise, see
   *     {@link PairColumns#in}
   * @param split the rows that are meant where a column {@code split} tells them apart; without
   *     one, all
   * @param skipped is told of each bad row by file, line and reason; empty: the first one fails
   * @param notices is told when rows of other splits were left out
   * @throws IOException when the file cannot be read or holds no good row, or none of the split;
   *     where a quote is never closed, nobody can say where the next row begins
   */
  public static Found read(
      Path file,
      PairColumns columns,
      Optional<Split> split,
      Optional<Consumer<String>> skipped,
      Consumer<String> notices)
      throws IOException {
    PairRows rows = new PairRows(file, columns, split, skipped);
    new ScoredPairs(file, rows).read();
    return found(file, columns, rows, notices);
  }

  /** Those of a file as the STS benchmark is published without a header. */
  static List<ScoredPair> readPublished(
      Path file, DelimitedRows data, Split split, Consumer<String> notices) throws IOException {
    PairRows rows = new PairRows(file, PairColumns.DEFAULT, Optional.of(split), Optional.empty());
    data.readLines(new DelimitedPairs(file, rows, false, PUBLISHED));
    return found(file, PairColumns.DEFAULT, rows, notices).pairs();
  }

  private static Found found(
      Path file, PairColumns columns, PairRows rows, Consumer<String> notices) throws IOException {
    rows.splits().end(notices);
    Found found = new Found(rows.columns(), rows.pairs(), rows.splits().areTold());
    if (!found.columns.equals(columns)) { // nobody chose them
      ColumnOrder.check(
          file,
          List.of(found.columns.sentence1(), found.columns.sentence2()),
          ", or say which is which by --sentence1-column, --sentence2-column and --score-column",
          notices);
    }
    if (found.pairs.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return found;
  }

  private void read() throws IOException {
    switch (DataFormat.of(file)) {
      case PARQUET -> readParquet();
      case JSON_LINES -> readObjects();
      case TABS, COMMAS -> readDelimited();
    }
  }

  private void readDelimited() throws IOException {
    try (DelimitedRows data = DelimitedRows.open(file)) {
      if (data.firstCells().size() >= PUBLISHED_COLUMNS) {
        data.readLines(new DelimitedPairs(file, rows, false, PUBLISHED));
      } else {
        boolean commas = DataFormat.of(file) == DataFormat.COMMAS;
        DelimitedPairs pairs = new DelimitedPairs(file, rows, commas, FIRST_COLUMNS);
        data.read(pairs::isRow, pairs);
      }
    }
  }

  /**
   * Whether a file is as the STS benchmark is published, with a score where a header has a name.
   */
  static boolean isPublishedWithoutHeader(DelimitedRows data) {
    List<String> cells = data.firstCells();
    return cells.size() >= PUBLISHED_COLUMNS && Numbers.is(cells.get(PUBLISHED[2]));
  }

  private void readParquet() throws IOException {
    List<String> found = ParquetColumns.names(file);
    boolean named = rows.take(file.toString(), found);
    List<String> names = new ArrayList<>(rows.columns().names());
    Optional<String> split = named ? rows.splitColumn(found) : Optional.empty();
    List<String> others =
        split.isPresent() ? List.of(split.get()) : rows.others(ParquetColumns.texts(file));
    names.addAll(others);
    int pair = rows.columns().names().size();
    long row = 0;
    for (List<JsonElement> cells : ParquetColumns.read(file, names)) {
      row++;
      String where = file + ": row " + row;
      List<String> more =
          cells.subList(pair, names.size()).stream()
              .map(cell -> cell.isJsonNull() ? "" : cell(cell))
              .toList();
      if (split.isEmpty()) {
        rows.splits().look(others, more);
      }
      if (split.isEmpty() || rows.splits().takes(where, more.get(0))) {
        rows.add(() -> PairRows.pair(where, texts(where, cells.subList(0, pair))));
      }
    }
  }

  private List<String> texts(String where, List<JsonElement> cells) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      if (!cells.get(i).isJsonPrimitive()) {
        throw new PairRows.BadRowException(
            where,
            "[%s] is %s"
                .formatted(
                    rows.columns().names().get(i), cells.get(i).isJsonNull() ? "null" : "a list"));
      }
      texts.add(cells.get(i).getAsString());
    }
    return texts;
  }

  private void readObjects() throws IOException {
    Optional<Boolean> divided = Optional.empty();
    boolean named = false;
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        String where = lines.where();
        Optional<JsonObject> row =
            line.get().isBlank() ? Optional.empty() : object(where, line.get());
        if (row.isPresent()) {
          named = named || rows.take(where, List.copyOf(row.get().keySet()));
          Optional<String> split = rows.splitColumn(row.get().keySet());
          boolean has = split.isPresent();
          if (has != divided.orElse(has)) {
            throw new IOException(where + ": some rows have a [split] and others have none");
          }
          divided = Optional.of(has);
          if (!has) {
            List<String> names = rows.others(row.get().keySet());
            rows.splits()
                .look(names, names.stream().map(row.get()::get).map(ScoredPairs::cell).toList());
          }
          if (!has || rows.splits().takes(where, cell(row.get().get(split.get())))) {
            rows.add(() -> pair(where, row.get()));
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
      rows.leaveOut(e);
      return Optional.empty();
    }
  }

  private ScoredPair pair(String where, JsonObject row) throws IOException {
    List<String> values = new ArrayList<>();
    for (String name : rows.columns().names()) {
      JsonElement value = row.get(name);
      if (value == null || !value.isJsonPrimitive()) {
        throw new PairRows.BadRowException(where, StrictJson.lacks(row, name, "text or number"));
      }
      values.add(value.getAsString());
    }
    return PairRows.pair(where, values);
  }
}

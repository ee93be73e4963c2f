package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

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
 */
public final class ScoredPairs {
  private static final int PUBLISHED_COLUMNS = 7;
  private static final int[] FIRST_COLUMNS = {0, 1, 2};
  private static final int[] PUBLISHED = {5, 6, 4};

  private final Path file;
  private final PairColumns columns;
  private final Optional<Consumer<String>> skipped;
  private final List<ScoredPair> pairs = new ArrayList<>();

  private ScoredPairs(Path file, PairColumns columns, Optional<Consumer<String>> skipped) {
    this.file = file;
    this.columns = columns;
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
   * @throws IOException when the file cannot be read or holds no row; a bad row is named by file,
   *     line and reason
   */
  public static List<ScoredPair> read(Path file, PairColumns columns) throws IOException {
    return new ScoredPairs(file, columns, Optional.empty()).read();
  }

  /**
   * The good pairs of a file, in order; never an empty list.
   *
   * @param skipped is told of each bad row by file, line and reason
   * @throws IOException when the file cannot be read or holds no good row; where a quote is never
   *     closed, nobody can say where the next row begins
   */
  public static List<ScoredPair> read(Path file, PairColumns columns, Consumer<String> skipped)
      throws IOException {
    return new ScoredPairs(file, columns, Optional.of(skipped)).read();
  }

  private List<ScoredPair> read() throws IOException {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".parquet")) {
      readParquet();
    } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      readObjects();
    } else if (isPublished()) {
      readPublished();
    } else {
      readRows(name.endsWith(".tsv") ? '\t' : ',');
    }
    if (pairs.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return List.copyOf(pairs);
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

  private void readPublished() throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      int[] places = PUBLISHED;
      boolean first = true;
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        List<String> row = List.of(line.get().split("\t", -1));
        Optional<int[]> header = first ? header(row) : Optional.empty();
        first = false;
        if (header.isPresent()) {
          places = header.get();
        } else if (!line.get().isBlank()) {
          int[] from = places;
          add(() -> pair(lines.where(), values(lines.where(), row, from)));
        }
      }
    }
  }

  private void readParquet() throws IOException {
    long row = 0;
    for (List<Optional<Object>> cells : ParquetColumns.read(file, columns.names())) {
      row++;
      String where = file + ": row " + row;
      add(() -> pair(where, texts(where, cells)));
    }
  }

  private List<String> texts(String where, List<Optional<Object>> cells) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).isEmpty()) {
        throw new BadRowException(where, "[" + columns.names().get(i) + "] is null");
      }
      texts.add(cells.get(i).get().toString());
    }
    return texts;
  }

  private void readObjects() throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          String text = line.get();
          add(() -> pair(lines.where(), object(lines.where(), text)));
        }
      }
    }
  }

  private static JsonObject object(String where, String line) throws BadRowException {
    try {
      JsonElement element = StrictJson.parse(line);
      if (element.isJsonObject()) {
        return element.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new BadRowException(where, "not a JSON object: " + e.getMessage());
    }
    throw new BadRowException(where, "not a JSON object");
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

  private void readRows(char delimiter) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setDelimiter(delimiter).get();
    long linesRead = 0;
    try (BufferedReader reader = DataFile.open(file);
        CSVParser rows = CSVParser.builder().setReader(reader).setFormat(format).get()) {
      Iterator<CSVRecord> records = rows.iterator();
      int[] places = FIRST_COLUMNS;
      for (boolean first = true; records.hasNext(); first = false) {
        CSVRecord row = records.next();
        linesRead = rows.getCurrentLineNumber();
        Optional<int[]> header = first ? header(row.toList()) : Optional.empty();
        if (header.isPresent()) {
          places = header.get();
        } else {
          String where = file + ":" + (linesRead - lineEnds(row));
          int[] from = places;
          add(() -> pair(where, values(where, row.toList(), from)));
        }
      }
    } catch (UncheckedIOException e) {
      throw unreadable(linesRead + 1, e.getCause());
    }
  }

  /** Line ends in quoted fields. */
  private static long lineEnds(CSVRecord row) {
    return row.stream().flatMapToInt(String::chars).filter(c -> c == '\n').count();
  }

  private IOException unreadable(long line, IOException cause) {
    IOException explained = DataFile.explain(file + ":" + line, cause);
    return explained != cause
        ? explained
        : new IOException(file + ":" + line + ": unreadable row: " + cause.getMessage(), cause);
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
            "no column for [%s], the row has %d".formatted(columns.names().get(i), row.size()));
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

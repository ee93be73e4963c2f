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
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads pairs of sentences with a score, such as the STS benchmark.
 *
 * <p>The name says the format: {@code .jsonl} or {@code .json} holds an object a line, {@code .tsv}
 * is separated by tabs, everything else by commas; {@code .gz} may follow. A first row that holds
 * the names of the columns is a header; without one, the first three columns are taken. Fields are
 * quoted as RFC 4180 says, so that they may hold line ends.
 */
public final class ScoredPairs {
  private final Path file;
  private final PairColumns columns;
  private final List<ScoredPair> pairs = new ArrayList<>();

  private ScoredPairs(Path file, PairColumns columns) {
    this.file = file;
    this.columns = columns;
  }

  /**
   * All pairs of a file, in order; never an empty list.
   *
   * @throws IOException when the file cannot be read or holds no row; a bad row is named by file,
   *     line and reason
   */
  public static List<ScoredPair> read(Path file, PairColumns columns) throws IOException {
    ScoredPairs reading = new ScoredPairs(file, columns);
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      reading.readObjects();
    } else {
      reading.readRows(name.endsWith(".tsv") ? '\t' : ',');
    }
    if (reading.pairs.isEmpty()) {
      throw new IOException("[" + file + "] holds no rows");
    }
    return List.copyOf(reading.pairs);
  }

  private void readObjects() throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          pairs.add(pair(lines.where(), object(lines.where(), line.get())));
        }
      }
    }
  }

  private static JsonObject object(String where, String line) throws IOException {
    try {
      JsonElement element = StrictJson.parse(line);
      if (element.isJsonObject()) {
        return element.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new IOException(where + ": not a JSON object: " + e.getMessage(), e);
    }
    throw new IOException(where + ": not a JSON object");
  }

  private ScoredPair pair(String where, JsonObject row) throws IOException {
    List<String> values = new ArrayList<>();
    for (String name : columns.names()) {
      JsonElement value = row.get(name);
      if (value == null || !value.isJsonPrimitive()) {
        throw new IOException(where + ": no text or number [" + name + "], found " + row.keySet());
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
      int[] places = {0, 1, 2};
      for (boolean first = true; records.hasNext(); first = false) {
        CSVRecord row = records.next();
        linesRead = rows.getCurrentLineNumber();
        Optional<int[]> header = first ? header(row) : Optional.empty();
        if (header.isPresent()) {
          places = header.get();
        } else {
          String where = file + ":" + (linesRead - lineEnds(row));
          pairs.add(pair(where, values(where, row, places)));
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
  private Optional<int[]> header(CSVRecord row) throws IOException {
    List<String> found = row.toList().stream().map(String::strip).toList();
    int[] places = columns.names().stream().mapToInt(found::indexOf).toArray();
    boolean complete = places[0] >= 0 && places[1] >= 0 && places[2] >= 0;
    if (!complete && !columns.equals(PairColumns.DEFAULT)) {
      throw new IOException(
          file + ":1: no header with the columns " + columns.names() + ", found " + found);
    }
    return complete ? Optional.of(places) : Optional.empty();
  }

  private List<String> values(String where, CSVRecord row, int[] places) throws IOException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= row.size()) {
        throw new IOException(
            "%s: no column for [%s], the row has %d"
                .formatted(where, columns.names().get(i), row.size()));
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
    throw new IOException(where + ": the score [" + text + "] is not a number");
  }
}

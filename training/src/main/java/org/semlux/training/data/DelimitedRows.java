package org.semlux.training.data;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The rows of CSV and TSV files. In quoted fields, as RFC 4180 has them, a delimiter or a line end
 * means nothing, so a stray quote could swallow whole rows up to the next one: that is found out.
 */
final class DelimitedRows implements Closeable {
  private static final String TAB = "\t";

  /** Takes the rows one after the other. */
  interface Sink {
    void row(String where, List<String> cells) throws IOException;
  }

  private final Path file;
  private final BufferedReader reader;
  private final List<String> firstCells;

  private DelimitedRows(Path file, BufferedReader reader, List<String> firstCells) {
    this.file = file;
    this.reader = reader;
    this.firstCells = firstCells;
  }

  /** Opens a file, once, whatever it turns out to be: it may be a pipe. */
  static DelimitedRows open(Path file) throws IOException {
    BufferedReader reader = DataFile.open(file);
    try {
      String first = DataFile.peekLine(file, reader);
      return new DelimitedRows(file, reader, List.of(first.split(TAB, -1)));
    } catch (IOException e) {
      reader.close();
      throw e;
    }
  }

  /** What stands in the first line that is not blank, where tabs would part cells. */
  List<String> firstCells() {
    return firstCells;
  }

  /**
   * Reads rows with tabs between cells where the file's name says so, else with commas. Many files
   * with tabs quote nothing: where quotes do not add up to fields without tabs, they are characters
   * like any other.
   *
   * @param isRow whether cells make a row, for lines inside of a quoted field
   * @throws IOException for a quote that is never closed, or that encloses whole rows
   */
  void read(Predicate<List<String>> isRow, Sink sink) throws IOException {
    if (DataFormat.of(file) == DataFormat.TABS) {
      DataFile.requireLasting(file);
      if (!quotesFields(isRow)) {
        readLines(sink);
      } else {
        quoted(reader, '\t', isRow, sink);
      }
    } else {
      readCommas(isRow, sink);
    }
  }

  /** The same with commas, whatever the name says. */
  void readCommas(Predicate<List<String>> isRow, Sink sink) throws IOException {
    quoted(reader, ',', isRow, sink);
  }

  /** A row a line, with tabs between its cells; quotes mean nothing. */
  void readLines(Sink sink) throws IOException {
    TextLines lines = TextLines.of(file.toString(), reader);
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      if (!line.get().isBlank()) {
        sink.row(lines.where(), List.of(line.get().split(TAB, -1)));
      }
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private boolean quotesFields(Predicate<List<String>> isRow) throws IOException {
    try (BufferedReader again = DataFile.open(file)) {
      quoted(
          again,
          '\t',
          isRow,
          (where, cells) -> {
            if (cells.stream().anyMatch(cell -> cell.contains(TAB))) {
              throw new StrayQuoteException(where);
            }
          });
      return true;
    } catch (StrayQuoteException e) {
      return false;
    }
  }

  /** A quote where no field begins or ends. */
  private static final class StrayQuoteException extends IOException {
    private static final long serialVersionUID = 1;

    StrayQuoteException(String message) {
      super(message);
    }

    StrayQuoteException(String message, IOException cause) {
      super(message, cause);
    }
  }

  private void quoted(
      BufferedReader source, char delimiter, Predicate<List<String>> isRow, Sink sink)
      throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setDelimiter(delimiter).get();
    long linesRead = 0;
    try (CSVParser rows = CSVParser.builder().setReader(source).setFormat(format).get()) {
      Iterator<CSVRecord> records = rows.iterator();
      int width = 0;
      while (records.hasNext()) {
        List<String> row = records.next().toList();
        linesRead = rows.getCurrentLineNumber();
        String where = file + ":" + (linesRead - lineEnds(row));
        width = width == 0 ? row.size() : width;
        if (lineEnds(row) > 0 && (row.size() > width || encloses(row, delimiter, isRow))) {
          throw new StrayQuoteException(
              where
                  + ": a quote that opens here encloses whole rows: double it, and quote its field");
        }
        sink.row(where, row);
      }
    } catch (UncheckedIOException e) {
      throw unreadable(linesRead + 1, e.getCause());
    }
  }

  /** Line ends in quoted fields. */
  private static long lineEnds(List<String> row) {
    return row.stream().flatMapToInt(String::chars).filter(c -> c == '\n').count();
  }

  /** Whether lines that are whole in a quoted field look like rows themselves. */
  private static boolean encloses(List<String> row, char delimiter, Predicate<List<String>> isRow) {
    String separator = Pattern.quote(String.valueOf(delimiter));
    for (int cell = 0; cell < row.size(); cell++) {
      String[] lines = row.get(cell).split("\r?\n", -1);
      int first = cell == 0 ? 0 : 1; // others begin before their field does
      for (int i = first; i < lines.length - 1; i++) {
        if (isRow.test(List.of(lines[i].split(separator, -1)))) {
          return true;
        }
      }
    }
    return false;
  }

  private IOException unreadable(long line, IOException cause) {
    IOException explained = DataFile.explain(file + ":" + line, cause);
    return explained != cause
        ? explained
        : new StrayQuoteException(
            file + ":" + line + ": unreadable row: " + cause.getMessage(), cause);
  }
}

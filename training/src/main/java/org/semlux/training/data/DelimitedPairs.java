package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Makes pairs of rows of cells, as of CSV and TSV: where their first row is no header, the two
 * sentences and the score lie where they usually do.
 */
final class DelimitedPairs implements DelimitedRows.Sink {
  private final Path file;
  private final PairRows rows;
  private final boolean commas;
  private int[] places;
  private int split = -1;
  private boolean first = true;
  private List<String> names = List.of();

  /**
   * @param commas whether they stand between cells, where a text may hold one by mistake
   * @param usual the places of the two sentences and the score where no header names them
   */
  DelimitedPairs(Path file, PairRows rows, boolean commas, int[] usual) {
    this.file = file;
    this.rows = rows;
    this.commas = commas;
    places = usual;
  }

  @Override
  public void row(String where, List<String> cells) throws IOException {
    Optional<int[]> header;
    try {
      header = first ? header(cells) : Optional.empty();
    } catch (PairRows.BadRowException e) {
      rows.leaveOut(e);
      return;
    } finally {
      first = false;
    }
    if (header.isPresent()) {
      places = header.get();
      names = cells.stream().map(String::strip).toList();
      split = rows.splitColumn(names).map(names::indexOf).orElse(-1);
      return;
    }
    if (isShifted(cells)) {
      String reason =
          "%s cells for the columns %s: quote the text that holds the comma"
              .formatted(cells.size(), names);
      rows.leaveOut(new PairRows.BadRowException(where, reason));
      return;
    }
    if (split < 0) {
      look(cells);
    }
    if (split < 0 || rows.splits().takes(where, split < cells.size() ? cells.get(split) : "")) {
      rows.add(() -> PairRows.pair(where, values(where, cells)));
    }
  }

  /** All behind a stray comma is; lines may end in commas, and tables in sources between tabs. */
  private boolean isShifted(List<String> cells) {
    return commas
        && !names.isEmpty()
        && cells.stream().skip(names.size()).anyMatch(cell -> !cell.isBlank());
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
    rows.splits().look(others, found);
  }

  /** Whether cells could be a row: texts, and a number for a score. */
  boolean isRow(List<String> cells) {
    return Arrays.stream(places).allMatch(place -> place < cells.size())
        && Numbers.is(cells.get(places[2]));
  }

  /** The places of the three columns when this first row is a header. */
  private Optional<int[]> header(List<String> row) throws IOException {
    List<String> found = row.stream().map(String::strip).toList();
    boolean isText = isRow(row) && !found.containsAll(rows.columns().names());
    if (!isText && rows.take(file + ":1", found)) { // a text may well be called label
      return Optional.of(rows.columns().names().stream().mapToInt(found::indexOf).toArray());
    }
    if (!rows.columns().equals(PairColumns.DEFAULT)) {
      throw new IOException(
          file + ":1: no header with the columns " + rows.columns().names() + ", found " + found);
    }
    if (ColumnNames.areUsual(found) || ColumnNames.areCounted(found)) {
      throw new PairRows.BadRowException(
          file + ":1",
          "a header without a label, "
              + found
              + (found.size() > 1 ? ": " : ": call the file .txt if each line is a text, or ")
              + "name its columns sentence1, sentence2 and score");
    }
    return Optional.empty();
  }

  private List<String> values(String where, List<String> row) throws IOException {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < places.length; i++) {
      if (places[i] >= row.size()) {
        throw new PairRows.BadRowException(
            where,
            "no column for [%s], the row has %s"
                .formatted(rows.columns().names().get(i), row.size()));
      }
      values.add(row.get(places[i]));
    }
    return values;
  }
}

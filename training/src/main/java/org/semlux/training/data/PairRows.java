package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The pairs that a file's rows make, whatever its format: those of the split that is meant. */
final class PairRows {
  private PairColumns columns;
  private final SplitRows splits;
  private final Optional<Consumer<String>> skipped;
  private final List<ScoredPair> pairs = new ArrayList<>();

  /**
   * @param skipped is told of each bad row; empty: the first one fails
   */
  PairRows(
      Path file, PairColumns columns, Optional<Split> split, Optional<Consumer<String>> skipped) {
    this.columns = columns;
    this.splits = new SplitRows(file, split);
    this.skipped = skipped;
  }

  /** A row that is no pair: those around it may be. */
  static final class BadRowException extends IOException {
    private static final long serialVersionUID = 1;

    BadRowException(String where, String reason) {
      super(where + ": " + reason);
    }
  }

  /** Reads what belongs to a row. */
  interface Row {
    ScoredPair read() throws IOException;
  }

  /** The three columns that are a pair's. */
  PairColumns columns() {
    return columns;
  }

  /**
   * Takes the names of all columns of the file, in order.
   *
   * @return whether three of them are a pair's; else they stay what they are
   * @throws IOException when nobody can say which
   */
  boolean take(String where, List<String> found) throws IOException {
    Optional<PairColumns> named = columns.in(where, found);
    columns = named.orElse(columns);
    return named.isPresent();
  }

  /** Which rows are meant. */
  SplitRows splits() {
    return splits;
  }

  /** The good pairs so far, in order. */
  List<ScoredPair> pairs() {
    return List.copyOf(pairs);
  }

  /**
   * Takes a row.
   *
   * @throws IOException when it is bad, and bad ones are not left out
   */
  void add(Row row) throws IOException {
    try {
      pairs.add(row.read());
    } catch (BadRowException e) {
      leaveOut(e);
    }
  }

  /** Tells of a bad row, or fails by it. */
  void leaveOut(IOException bad) throws IOException {
    skipped.orElseThrow(() -> bad).accept(bad.getMessage());
  }

  /** The column that tells splits apart, in any case, and is none of the three. */
  Optional<String> splitColumn(Collection<String> names) {
    return names.stream()
        .filter(name -> name.equalsIgnoreCase(Split.COLUMN) && !columns.names().contains(name))
        .findFirst();
  }

  /** The columns that are none of the three. */
  List<String> others(Collection<String> names) {
    return names.stream().filter(name -> !columns.names().contains(name)).toList();
  }

  /** A pair of two sentences and a score. */
  static ScoredPair pair(String where, List<String> values) throws IOException {
    return new ScoredPair(values.get(0), values.get(1), score(where, values.get(2)));
  }

  private static double score(String where, String text) throws IOException {
    return Numbers.of(text)
        .orElseThrow(() -> new BadRowException(where, "the score [" + text + "] is not a number"));
  }
}

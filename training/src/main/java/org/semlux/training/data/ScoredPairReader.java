package org.semlux.training.data;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads files of scored pairs that are alike, and says what of them was left out.
 *
 * @param columns what the files call them
 * @param skipsBadRows whether rows that are no pair with a score are left out; else the first fails
 * @param err is told
 */
public record ScoredPairReader(PairColumns columns, boolean skipsBadRows, PrintWriter err) {
  /**
   * The pairs of a file, their scores as they stand there, and what it calls its columns.
   *
   * @param split the rows that are meant, where a column tells them apart
   */
  public ScoredPairs.Found read(Path file, Optional<Split> split) throws IOException {
    List<String> skipped = new ArrayList<>();
    Optional<Consumer<String>> leaving =
        skipsBadRows ? Optional.of(skipped::add) : Optional.empty();
    ScoredPairs.Found found = ScoredPairs.read(file, columns, split, leaving, err::println);
    if (!skipped.isEmpty()) {
      err.printf(
          Locale.ROOT,
          "%s: %,d bad rows left out of %,d, the first is %s%n",
          file,
          skipped.size(),
          skipped.size() + found.pairs().size(),
          skipped.get(0));
    }
    return found;
  }
}

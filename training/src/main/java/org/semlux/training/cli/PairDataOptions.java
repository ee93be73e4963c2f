package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.Split;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How files of scored sentence pairs are read. */
final class PairDataOptions {
  /** What scores are divided by, which only those who learn from scores notice. */
  static final String SCORE_SCALE = "--score-scale";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--sentence1-column",
      paramLabel = "NAME",
      defaultValue = "sentence1",
      description = "The column, or key, of the first sentence.")
  String sentence1;

  @Option(
      names = "--sentence2-column",
      paramLabel = "NAME",
      defaultValue = "sentence2",
      description = "The one of the second sentence.")
  String sentence2;

  @Option(
      names = "--score-column",
      paramLabel = "NAME",
      defaultValue = "score",
      description = "The one of the score.")
  String score;

  @Option(
      names = SCORE_SCALE,
      paramLabel = "X",
      defaultValue = "5",
      description = "If any score exceeds 1, all scores are divided by this.")
  double scoreScale;

  @Option(
      names = "--skip-bad-rows",
      description = "Leave out rows that are no pair with a score, and say how many.")
  boolean skipBadRows;

  /**
   * The pairs of a file, their scores as they stand there.
   *
   * @param split the rows that are meant, where a column tells them apart
   */
  List<ScoredPair> read(Path file, Optional<Split> split) throws IOException {
    List<String> skipped = new ArrayList<>();
    List<ScoredPair> pairs =
        ScoredPairs.read(
            file,
            columns(),
            split,
            skipBadRows ? Optional.of(skipped::add) : Optional.empty(),
            spec.commandLine().getErr()::println);
    if (!skipped.isEmpty()) {
      spec.commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "%s: %,d bad rows left out of %,d, the first is %s%n",
              file,
              skipped.size(),
              skipped.size() + pairs.size(),
              skipped.get(0));
    }
    return pairs;
  }

  /** The names of these options that were given. */
  List<String> given() {
    List<String> own =
        List.of(
            "--sentence1-column",
            "--sentence2-column",
            "--score-column",
            SCORE_SCALE,
            "--skip-bad-rows");
    return own.stream().filter(spec.commandLine().getParseResult()::hasMatchedOption).toList();
  }

  /** What the files call the columns. */
  PairColumns columns() {
    return new PairColumns(sentence1, sentence2, score);
  }
}

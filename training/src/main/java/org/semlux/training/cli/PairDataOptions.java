package org.semlux.training.cli;

import java.util.List;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPairReader;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How files of scored sentence pairs are read. */
final class PairDataOptions {
  /** What scores are divided by, which only those who learn from scores notice. */
  static final String SCORE_SCALE = "--score-scale";

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Spec(Spec.Target.SELF)
  CommandSpec own;

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

  /** Reads files of pairs so. */
  ScoredPairReader reader() {
    PairColumns columns = new PairColumns(sentence1, sentence2, score);
    return new ScoredPairReader(columns, skipBadRows, spec.commandLine().getErr());
  }

  /** The names of these options that were given. */
  List<String> given() {
    return own.options().stream()
        .map(OptionSpec::longestName)
        .filter(new GivenOptions(spec)::has)
        .toList();
  }
}

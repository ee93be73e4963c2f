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
  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Spec(Spec.Target.SELF)
  CommandSpec own;

  @Option(
      names = "--sentence1-column",
      paramLabel = "NAME",
      defaultValue = "sentence1",
      description =
          "The column, or key, of the first sentence. Where a file has other names than these three,"
              + " label, labels, score or scores is the score, and the two others are the"
              + " sentences.")
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

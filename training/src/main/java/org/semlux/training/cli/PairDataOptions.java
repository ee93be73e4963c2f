package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairs;
import picocli.CommandLine.Option;

/** How files of scored sentence pairs are read. */
final class PairDataOptions {
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
      names = "--score-scale",
      paramLabel = "X",
      defaultValue = "5",
      description = "If any score exceeds 1, all scores are divided by this.")
  double scoreScale;

  /** The pairs of a file, their scores as they stand there. */
  List<ScoredPair> read(Path file) throws IOException {
    return ScoredPairs.read(file, new PairColumns(sentence1, sentence2, score));
  }
}

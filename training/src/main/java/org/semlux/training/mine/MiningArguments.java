package org.semlux.training.mine;

import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * Which negatives are taken, in the words and with the defaults of sentence-transformers' {@code
 * mine_hard_negatives}. Filled in by the command line.
 *
 * {@snippet lang=java :
 * MiningArguments arguments = new MiningArguments();
 * arguments.numNegatives = 5;
 * arguments.relativeMargin = .05;
 * arguments.check(); // an IllegalArgumentException names what makes no sense
 * }
 */
public final class MiningArguments {
  /** What a line of the output is. */
  public enum Format {
    /** A negative. */
    TRIPLET,
    /** A positive with all its negatives. */
    N_TUPLE,
    /** A positive and its negatives in a list, for rerankers. */
    LABELED_LIST;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Option(
      names = "--min-label",
      paramLabel = "X",
      description =
          "What is labelled so or higher answers its query (default: what is labelled above 0, where"
              + " all labels are whole numbers).")
  public Double minLabel;

  @Option(
      names = "--range-min",
      paramLabel = "N",
      description = "Leave out the nearest N (default: ${DEFAULT-VALUE}).")
  public int rangeMin;

  @Option(
      names = "--range-max",
      paramLabel = "N",
      description =
          "Look at the nearest N alone (default: as many as are needed, ten times as many where a"
              + " margin or a score decides).")
  public Integer rangeMax;

  @Option(names = "--max-score", paramLabel = "X", description = "Leave out what scores higher.")
  public Double maxScore;

  @Option(names = "--min-score", paramLabel = "X", description = "Leave out what scores lower.")
  public Double minScore;

  @Option(
      names = "--absolute-margin",
      paramLabel = "X",
      description = "Leave out what scores less than X below the query's worst positive.")
  public Double absoluteMargin;

  @Option(
      names = "--relative-margin",
      paramLabel = "R",
      description =
          "The same by a share of the positive's score: .05 takes up to 95 percent of it.")
  public Double relativeMargin;

  @Option(
      names = "--num-negatives",
      paramLabel = "N",
      description = "Of each query (default: ${DEFAULT-VALUE}).")
  public int numNegatives = 3;

  @Option(
      names = "--output-format",
      paramLabel = "NAME",
      description = "A line of the output: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  public Format outputFormat = Format.TRIPLET;

  @Option(names = "--output-scores", description = "Write the scores too, the positive's first.")
  public boolean outputScores;

  /** Whether scores decide, and not the order alone. */
  public boolean byScore() {
    return Stream.of(maxScore, minScore, absoluteMargin, relativeMargin)
        .anyMatch(given -> given != null);
  }

  /** How many of the nearest are looked at, of queries with so many rows at most. */
  int nearest(int mostRows, boolean rescored) {
    if (rangeMax != null) {
      return rangeMax;
    }
    boolean more =
        absoluteMargin != null
            || relativeMargin != null
            || maxScore != null
            || (rescored && minScore != null);
    return rangeMin + numNegatives * (more ? 10 : 1) + mostRows;
  }

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException naming the option
   */
  public void check() {
    require(numNegatives > 0, "--num-negatives", numNegatives);
    require(rangeMin >= 0, "--range-min", rangeMin);
    require(
        rangeMax == null || rangeMax >= rangeMin + numNegatives,
        "--range-max",
        rangeMax + " with --range-min " + rangeMin + " and --num-negatives " + numNegatives);
    require(relativeMargin == null || relativeMargin >= 0, "--relative-margin", relativeMargin);
    require(absoluteMargin == null || absoluteMargin >= 0, "--absolute-margin", absoluteMargin);
  }

  private static void require(boolean sensible, String option, Object value) {
    if (!sensible) {
      throw new IllegalArgumentException(option + " " + value + " makes no sense");
    }
  }
}

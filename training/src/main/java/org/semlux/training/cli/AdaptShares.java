package org.semlux.training.cli;

import java.util.OptionalInt;
import org.semlux.training.adapt.AdaptationData;
import picocli.CommandLine.Option;

/** How much of the documents {@code semlux adapt} learns from, and how much it judges by. */
final class AdaptShares {
  private static final int MOST_HELD_OUT = 1000;

  @Option(
      names = "--max-documents",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Documents that are learnt from and searched, drawn from all of them: time and memory"
              + " follow these alone.")
  private int mostDocuments;

  @Option(
      names = "--max-pairs",
      paramLabel = "N",
      defaultValue = "8000",
      description = "Pairs made of documents that are learnt from (default: ${DEFAULT-VALUE}).")
  private int mostPairs;

  @Option(
      names = "--sentences",
      paramLabel = "N",
      description =
          "Sentences of a document that ask (default: 3 of one without title and headings, of"
              + " others none).")
  private Integer sentences;

  @Option(
      names = "--held-out",
      paramLabel = "R",
      defaultValue = "0.1",
      description =
          "The share of the titles to judge by, with all their documents; of documents without a"
              + " title the share of these. At most 1,000, and 20 where there are 80.")
  private double heldOut;

  /** Documents that are taken of all. */
  int mostDocuments() {
    return mostDocuments;
  }

  /** What is made of them. */
  AdaptationData.Shares values() {
    return new AdaptationData.Shares(
        heldOut,
        MOST_HELD_OUT,
        sentences == null ? OptionalInt.empty() : OptionalInt.of(sentences),
        mostPairs);
  }

  /** Refuses what makes no sense. */
  void check(GivenOptions given) {
    given.require(
        heldOut > 0 && heldOut <= 0.5, "--held-out " + heldOut + " is not above 0 and up to 0.5");
    given.require(mostDocuments > 0, "--max-documents " + mostDocuments + " makes no sense");
    given.require(mostPairs > 0, "--max-pairs " + mostPairs + " makes no sense");
    given.require(
        sentences == null || sentences >= 0, "--sentences " + sentences + " makes no sense");
  }
}

package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How few terms a sparse encoder learns to give: the weights of SpladeLoss's regularizers, in
 * sentence-transformers' words, and how they rise.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.splade.documentRegularizerWeight = 3e-5;
 * arguments.splade.queryRegularizerWeight = 5e-5;
 * }
 */
public final class SpladeArguments {
  /** Whether queries have a weight of their own; earlier builds did not say. */
  private static final String QUERY_REGULARIZER = "query_regularizer";

  private static final String QUERY_WEIGHT = "query_regularizer_weight";
  private static final String ZERO = "0.0";

  @Spec(Spec.Target.SELF)
  private CommandSpec own;

  @Option(
      names = "--document-regularizer-weight",
      paramLabel = "R",
      description = "SpladeLoss: of the documents' FLOPS (default: ${DEFAULT-VALUE}).")
  public double documentRegularizerWeight = 3e-3;

  @Option(
      names = "--query-regularizer-weight",
      paramLabel = "R",
      description =
          "SpladeLoss: of the FLOPS of the first sentences. Without it all are documents, but for"
              + " queries that are looked up in a table: those cost nothing.")
  public Double queryRegularizerWeight;

  @Option(
      names = "--regularizer-warmup-ratio",
      paramLabel = "R",
      description =
          "SpladeLoss: the share of all steps over which its weights rise as a square; 0: full from"
              + " the first step (default: 1/3).")
  public double regularizerWarmupRatio = 1.0 / 3;

  /** The options' names, where a command line fills them in. */
  public List<String> options() {
    return own.options().stream().map(OptionSpec::longestName).toList();
  }

  /** The weight of the queries' regularizer; empty where all texts are documents. */
  OptionalDouble queryWeight() {
    return queryRegularizerWeight == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(queryRegularizerWeight);
  }

  /** Whether nothing holds the number of terms down. */
  public boolean isOff() {
    return documentRegularizerWeight == 0
        && (queryRegularizerWeight == null || queryRegularizerWeight == 0);
  }

  void check() {
    TrainingArguments.require(
        regularizerWarmupRatio >= 0 && regularizerWarmupRatio <= 1,
        "--regularizer-warmup-ratio",
        regularizerWarmupRatio);
    TrainingArguments.require(
        isWeight(documentRegularizerWeight),
        "--document-regularizer-weight",
        documentRegularizerWeight);
    TrainingArguments.require(
        queryRegularizerWeight == null || isWeight(queryRegularizerWeight),
        "--query-regularizer-weight",
        queryRegularizerWeight);
  }

  private static boolean isWeight(double given) {
    return given >= 0 && Double.isFinite(given);
  }

  void addTo(Map<String, Object> map) {
    map.put("document_regularizer_weight", documentRegularizerWeight);
    if (queryRegularizerWeight != null) { // 0 is something else: queries are no documents then
      map.put(QUERY_WEIGHT, queryRegularizerWeight);
    }
    map.put("regularizer_warmup_ratio", regularizerWarmupRatio);
  }

  void addDeciding(Map<String, Object> map) {
    map.put(QUERY_REGULARIZER, queryRegularizerWeight == null ? "none" : "own");
  }

  /**
   * Makes what an earlier build has noted of a run comparable: it noted a weight of 0 where none
   * was given.
   *
   * @param before what is noted, which is changed
   * @param wanted what is asked for
   * @throws IOException when 0 is asked for, of which nobody knows whether it was given
   */
  static void takeEarlier(Path folder, Map<String, String> before, Map<String, String> wanted)
      throws IOException {
    if (!wanted.containsKey(QUERY_REGULARIZER) || before.containsKey(QUERY_REGULARIZER)) {
      return;
    }
    before.put(QUERY_REGULARIZER, wanted.get(QUERY_REGULARIZER));
    if (ZERO.equals(before.get(QUERY_WEIGHT))) {
      if (ZERO.equals(wanted.get(QUERY_WEIGHT))) {
        throw new IOException(
            folder
                + " was written by an earlier build, which noted a weight of 0 where none was given"
                + " too: leave --query-regularizer-weight 0 out if that run had none, or give"
                + " another --output");
      }
      before.remove(QUERY_WEIGHT);
    }
  }
}

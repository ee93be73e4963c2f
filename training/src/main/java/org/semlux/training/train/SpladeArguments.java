package org.semlux.training.train;

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
      map.put("query_regularizer_weight", queryRegularizerWeight);
    }
    map.put("regularizer_warmup_ratio", regularizerWarmupRatio);
  }
}

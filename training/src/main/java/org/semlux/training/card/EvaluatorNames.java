package org.semlux.training.card;

import java.util.Map;

/** What the reference's cards call an evaluator. */
final class EvaluatorNames {
  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "EmbeddingSimilarityEvaluator", "Semantic Similarity",
          "SparseEmbeddingSimilarityEvaluator", "Semantic Similarity");

  private EvaluatorNames() {}

  /** Such as {@code Information Retrieval}. */
  static String description(String evaluator) {
    String words = evaluator.replaceFirst("Evaluator$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    return DESCRIPTIONS.getOrDefault(evaluator, words);
  }
}

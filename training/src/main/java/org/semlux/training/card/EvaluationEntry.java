package org.semlux.training.card;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an evaluation found during training.
 *
 * @param step of the optimiser that it came after; 0 is before training
 * @param epoch how often the data had been seen
 * @param evaluator its class in the reference, such as {@code EmbeddingSimilarityEvaluator}
 * @param metrics by the reference's names, such as {@code sts-dev_spearman_cosine}
 */
public record EvaluationEntry(
    long step, double epoch, String evaluator, Map<String, Double> metrics) {
  public EvaluationEntry {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}

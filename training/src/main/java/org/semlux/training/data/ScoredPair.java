package org.semlux.training.data;

/**
 * Two sentences and how alike they are.
 *
 * @param score the gold label; the larger, the more alike. Any finite number: see {@link
 *     ScoreScale}
 */
public record ScoredPair(String sentence1, String sentence2, double score) {}

package org.semlux.training.mine;

/**
 * What was found for one query.
 *
 * @param documents places in the corpus, nearest first
 * @param scores of each
 * @param positives the scores of the query's positives
 */
public record Candidates(int[] documents, float[] scores, float[] positives) {}

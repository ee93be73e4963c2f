package org.semlux.training.data;

import java.util.List;

/**
 * A row to learn from, in the order of sentence-transformers' columns.
 *
 * @param texts both texts of a pair; or an anchor, its positive and negatives; or a query and the
 *     documents of its list
 * @param labels none, one, or one for each of several texts, as the loss takes them
 */
public record TrainingRow(List<String> texts, List<Double> labels) {
  public TrainingRow {
    texts = List.copyOf(texts);
    labels = List.copyOf(labels);
  }

  /** A pair with its score. */
  public static TrainingRow of(ScoredPair pair) {
    return new TrainingRow(List.of(pair.sentence1(), pair.sentence2()), List.of(pair.score()));
  }
}

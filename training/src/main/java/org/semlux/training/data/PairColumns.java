package org.semlux.training.data;

import java.util.List;

/** What a data file calls the two sentences and their score. */
public record PairColumns(String sentence1, String sentence2, String score) {
  /** The names of the data sets on the Hugging Face hub, such as stsb. */
  public static final PairColumns DEFAULT = new PairColumns("sentence1", "sentence2", "score");

  /** The names in the order of {@link ScoredPair}'s components. */
  List<String> names() {
    return List.of(sentence1, sentence2, score);
  }
}

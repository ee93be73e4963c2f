package org.semlux.training.evaluate;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.TermWeights;

/** How many terms texts have, by the reference's names. */
final class Terms {
  static final String ACTIVE_DIMS = "active_dims";
  static final String SPARSITY_RATIO = "sparsity_ratio";

  /** Of queries and a corpus. */
  static final List<String> COLUMNS =
      List.of(
          "query_active_dims",
          "query_sparsity_ratio",
          "corpus_active_dims",
          "corpus_sparsity_ratio");

  private Terms() {}

  /** The mean number of terms a text. */
  static double mean(List<TermWeights> texts) {
    return texts.stream().mapToInt(TermWeights::size).average().orElse(0);
  }

  /** Puts the metrics of {@link #COLUMNS} behind others. */
  static void put(
      Map<String, Double> metrics,
      MetricNames names,
      List<TermWeights> queries,
      List<TermWeights> corpus,
      int vocabulary) {
    double query = mean(queries);
    double document = mean(corpus);
    metrics.put(names.key(COLUMNS.get(0)), query);
    metrics.put(names.key(COLUMNS.get(1)), 1 - query / vocabulary);
    metrics.put(names.key(COLUMNS.get(2)), document);
    metrics.put(names.key(COLUMNS.get(3)), 1 - document / vocabulary);
  }
}

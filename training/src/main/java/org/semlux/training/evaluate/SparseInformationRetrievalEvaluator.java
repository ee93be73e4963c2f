package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.semlux.encoders.api.TermWeights;
import org.semlux.training.data.RetrievalData;

/**
 * {@link InformationRetrievalEvaluator} for term weights, as the reference's evaluator of the same
 * name has it: it also tells how many terms queries and documents have, and how many they share.
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 * @param similarities to search by
 */
public record SparseInformationRetrievalEvaluator(String name, List<Similarity> similarities) {
  private static final String FLOPS = "avg_flops";

  public SparseInformationRetrievalEvaluator {
    similarities = new InformationRetrievalEvaluator(name, similarities).similarities();
  }

  /**
   * The metrics of the dense evaluator, then terms of queries and corpus, and {@code
   * {name}_avg_flops}, the mean number of terms that a query and a document share.
   *
   * @param queries the terms of {@link RetrievalData#queries}, in their order
   * @param corpus those of {@link RetrievalData#corpus}
   * @param vocabulary terms that there are: all ids are below
   */
  public Map<String, Double> evaluate(
      RetrievalData data, List<TermWeights> queries, List<TermWeights> corpus, int vocabulary) {
    RetrievalMetrics.requireSizes(data, queries, corpus);
    Map<String, Double> metrics =
        vectors()
            .evaluate(data, similarity -> Scores.sparse(similarity, queries, corpus, vocabulary));
    MetricNames names = new MetricNames(name);
    Terms.put(metrics, names, queries, corpus, vocabulary);
    double[] inQueries = shares(queries, vocabulary);
    double[] inCorpus = shares(corpus, vocabulary);
    double flops = 0;
    for (int term = 0; term < vocabulary; term++) {
      flops += inQueries[term] * inCorpus[term];
    }
    metrics.put(names.key(FLOPS), flops);
    return metrics;
  }

  /** The share of the texts that has each term. */
  private static double[] shares(List<TermWeights> texts, int vocabulary) {
    double[] shares = new double[vocabulary];
    for (TermWeights text : texts) {
      for (int id : text.ids()) {
        shares[id] += 1.0 / texts.size();
      }
    }
    return shares;
  }

  /** See {@link InformationRetrievalEvaluator#primaryMetric}. */
  public String primaryMetric(Map<String, Double> metrics) {
    return vectors().primaryMetric(metrics);
  }

  /** See {@link InformationRetrievalEvaluator#writeCsv}. */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    return csv(folder).append(epoch, steps, metrics);
  }

  ResultsCsv csv(Path folder) {
    return vectors().csv(folder, Stream.concat(Terms.COLUMNS.stream(), Stream.of(FLOPS)).toList());
  }

  private InformationRetrievalEvaluator vectors() {
    return new InformationRetrievalEvaluator(name, similarities);
  }
}

package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.encoders.api.TermWeights;

/**
 * {@link EmbeddingSimilarityEvaluator} for term weights, as the reference's evaluator of the same
 * name has it: it also tells how many terms a text has.
 *
 * {@snippet lang=java :
 * List<ScoredPair> pairs = ScoredPairs.read(Path.of("sts-dev.csv"), PairColumns.DEFAULT);
 * try (SparseEncoder encoder = SparseEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   Map<String, Double> metrics =
 *       new SparseEmbeddingSimilarityEvaluator("sts-dev", List.of(Similarity.DOT))
 *           .evaluate(
 *               encoder.encode(pairs.stream().map(ScoredPair::sentence1).toList()),
 *               encoder.encode(pairs.stream().map(ScoredPair::sentence2).toList()),
 *               encoder.info().dimensions(), // terms of the vocabulary
 *               pairs.stream().mapToDouble(ScoredPair::score).toArray());
 * }
 * }
 *
 * @param name of the data set, such as {@code sts-dev}; prefixes the metrics and names the file;
 *     may be empty
 * @param similarities the columns of the file, in this order
 */
public record SparseEmbeddingSimilarityEvaluator(String name, List<Similarity> similarities) {
  public SparseEmbeddingSimilarityEvaluator {
    similarities = new EmbeddingSimilarityEvaluator(name, similarities).similarities();
  }

  /**
   * The metrics of the dense evaluator, then {@code {name}_active_dims}, the mean number of terms a
   * text, and {@code {name}_sparsity_ratio}, the share of the vocabulary that a text has not.
   *
   * @param first the terms of the pairs' first sentences, {@code [pairs]}
   * @param second those of the second
   * @param vocabulary terms that there are: all ids are below
   * @param scores the gold scores, {@code [pairs]}, in any range
   */
  public Map<String, Double> evaluate(
      List<TermWeights> first, List<TermWeights> second, int vocabulary, double[] scores) {
    if (first.size() != scores.length || second.size() != scores.length) {
      throw new IllegalArgumentException(
          "%s and %s texts for %s scores".formatted(first.size(), second.size(), scores.length));
    }
    Map<String, Double> metrics =
        vectors()
            .evaluate(
                i -> values(first.get(i), vocabulary),
                i -> values(second.get(i), vocabulary),
                scores);
    double active = (Terms.mean(first) + Terms.mean(second)) / 2;
    MetricNames names = new MetricNames(name);
    metrics.put(names.key(Terms.ACTIVE_DIMS), active);
    metrics.put(names.key(Terms.SPARSITY_RATIO), 1 - active / vocabulary);
    return metrics;
  }

  /**
   * How alike the texts of each pair are.
   *
   * @param vocabulary terms that there are
   */
  public static double[] similarities(
      Similarity similarity, List<TermWeights> first, List<TermWeights> second, int vocabulary) {
    return IntStream.range(0, first.size())
        .mapToDouble(
            i -> similarity.of(values(first.get(i), vocabulary), values(second.get(i), vocabulary)))
        .toArray();
  }

  /** All weights of the vocabulary: only two texts are ever spread out at a time. */
  private static float[] values(TermWeights terms, int vocabulary) {
    float[] values = new float[vocabulary];
    for (int i = 0; i < terms.size(); i++) {
      values[terms.ids()[i]] = terms.weights()[i];
    }
    return values;
  }

  /**
   * The metric that models are chosen by: Spearman's, of the one similarity or the best of them.
   */
  public String primaryMetric() {
    return vectors().primaryMetric();
  }

  /**
   * Appends a row to {@code {folder}/similarity_evaluation[_name]_results.csv}.
   *
   * @param epoch a fraction during training, else {@link EmbeddingSimilarityEvaluator#NOT_TRAINING}
   * @param metrics what {@link #evaluate} returned
   * @return the file
   */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    return csv(folder).append(epoch, steps, metrics);
  }

  ResultsCsv csv(Path folder) {
    return vectors().csv(folder, List.of(Terms.ACTIVE_DIMS, Terms.SPARSITY_RATIO));
  }

  private EmbeddingSimilarityEvaluator vectors() {
    return new EmbeddingSimilarityEvaluator(name, similarities);
  }
}

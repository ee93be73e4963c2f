package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.semlux.encoders.api.DenseVector;

/**
 * How well the similarity of embeddings follows gold scores, as the reference's evaluator of the
 * same name has it: Pearson's and Spearman's correlation for each similarity.
 *
 * {@snippet lang=java :
 * var evaluator = new EmbeddingSimilarityEvaluator("sts-dev", List.of(Similarity.COSINE));
 * DenseVector one = new DenseVector(new float[] {1, 0});
 * List<DenseVector> others =
 *     List.of(new DenseVector(new float[] {1, 1}), new DenseVector(new float[] {0, 1}));
 * Map<String, Double> metrics =
 *     evaluator.evaluate(List.of(one, one), others, new double[] {4, 1});
 * metrics.get("sts-dev_spearman_cosine"); // 1
 * }
 *
 * @param name of the data set, such as {@code sts-dev}; prefixes the metrics and names the file;
 *     may be empty
 * @param similarities the columns of the file, in this order
 */
public record EmbeddingSimilarityEvaluator(String name, List<Similarity> similarities) {
  /** What its files are called by. */
  static final String CSV = "similarity_evaluation";

  /** The value of {@code epoch} and {@code steps} outside training. */
  public static final int NOT_TRAINING = -1;

  public EmbeddingSimilarityEvaluator {
    similarities = List.copyOf(similarities);
    if (similarities.isEmpty()) {
      throw new IllegalArgumentException("no similarity to evaluate by");
    }
    new MetricNames(name); // refuses slashes
  }

  /**
   * Metrics by their names in the reference, {@code {name}_pearson_cosine} and so on; with more
   * than one similarity also the best of each, {@code {name}_pearson_max}. NaN where all scores, or
   * all similarities, are the same.
   *
   * @param first the embeddings of the pairs' first sentences, {@code [pairs][dimensions]}
   * @param second those of the second
   * @param scores the gold scores, {@code [pairs]}, in any range
   */
  public Map<String, Double> evaluate(
      List<DenseVector> first, List<DenseVector> second, double[] scores) {
    if (first.size() != scores.length || second.size() != scores.length) {
      throw new IllegalArgumentException(
          "%s and %s embeddings for %s scores"
              .formatted(first.size(), second.size(), scores.length));
    }
    return evaluate(i -> first.get(i).values(), i -> second.get(i).values(), scores);
  }

  /** The same of vectors {@code [dimensions]} that are made when they are asked for. */
  Map<String, Double> evaluate(
      IntFunction<float[]> first, IntFunction<float[]> second, double[] scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    double bestPearson = Double.NEGATIVE_INFINITY;
    double bestSpearman = Double.NEGATIVE_INFINITY;
    for (Similarity similarity : similarities) {
      double[] predicted =
          IntStream.range(0, scores.length)
              .mapToDouble(i -> similarity.of(first.apply(i), second.apply(i)))
              .toArray();
      double pearson = Correlation.pearson(scores, predicted);
      double spearman = Correlation.spearman(scores, predicted);
      metrics.put(key("pearson", similarity.toString()), pearson);
      metrics.put(key("spearman", similarity.toString()), spearman);
      bestPearson = Math.max(bestPearson, pearson);
      bestSpearman = Math.max(bestSpearman, spearman);
    }
    if (similarities.size() > 1) {
      metrics.put(key("pearson", "max"), bestPearson);
      metrics.put(key("spearman", "max"), bestSpearman);
    }
    return metrics;
  }

  /**
   * The metric that models are chosen by: Spearman's, of the one similarity or the best of them.
   */
  public String primaryMetric() {
    return key("spearman", similarities.size() > 1 ? "max" : similarities.get(0).toString());
  }

  /**
   * Appends a row to {@code {folder}/similarity_evaluation[_name]_results.csv}.
   *
   * @param epoch a fraction during training, else {@link #NOT_TRAINING}
   * @param metrics what {@link #evaluate} returned
   * @return the file
   */
  public Path writeCsv(Path folder, Number epoch, int steps, Map<String, Double> metrics)
      throws IOException {
    return csv(folder, List.of()).append(epoch, steps, metrics);
  }

  /**
   * The file.
   *
   * @param more further columns, each named as its metric is
   */
  ResultsCsv csv(Path folder, List<String> more) {
    MetricNames names = new MetricNames(name);
    Map<String, String> columns = new LinkedHashMap<>();
    for (Similarity similarity : similarities) {
      for (String correlation : List.of("pearson", "spearman")) {
        columns.put(similarity + "_" + correlation, key(correlation, similarity.toString()));
      }
    }
    more.forEach(column -> columns.put(column, names.key(column)));
    return new ResultsCsv(folder.resolve(names.file(CSV)), columns, ResultsCsv.END);
  }

  private String key(String correlation, String similarity) {
    return new MetricNames(name).key(correlation + "_" + similarity);
  }
}

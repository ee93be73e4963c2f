package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well a cross-encoder's scores follow gold scores, as the reference's evaluator of the same
 * name has it: Pearson's and Spearman's correlation.
 *
 * {@snippet lang=java :
 * var evaluator = new CrossEncoderCorrelationEvaluator("sts-dev");
 * double[] scores = {.9, .1, .4};
 * double[] gold = {5, 0, 3};
 * Map<String, Double> metrics = evaluator.evaluate(scores, gold);
 * metrics.get(evaluator.primaryMetric()); // 1: Spearman's
 * }
 *
 * @param name of the data set, such as {@code sts-dev}; prefixes the metrics and names the file;
 *     may be empty
 */
public record CrossEncoderCorrelationEvaluator(String name) {
  /** What its files are called by. */
  static final String CSV = "CrossEncoderCorrelationEvaluator";

  private static final String PEARSON = "pearson";
  private static final String SPEARMAN = "spearman";

  public CrossEncoderCorrelationEvaluator {
    new MetricNames(name); // refuses slashes
  }

  /**
   * {@code {name}_pearson} and {@code {name}_spearman}. NaN where all scores, or all predictions,
   * are the same.
   *
   * @param predicted the model's scores, {@code [pairs]}
   * @param scores the gold scores, {@code [pairs]}, in any range
   */
  public Map<String, Double> evaluate(double[] predicted, double[] scores) {
    MetricNames names = new MetricNames(name);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(names.key(PEARSON), Correlation.pearson(scores, predicted));
    metrics.put(names.key(SPEARMAN), Correlation.spearman(scores, predicted));
    return metrics;
  }

  /** The metric that models are chosen by: Spearman's. */
  public String primaryMetric() {
    return new MetricNames(name).key(SPEARMAN);
  }

  /**
   * Appends a row to {@code {folder}/CrossEncoderCorrelationEvaluator[_name]_results.csv}.
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
    MetricNames names = new MetricNames(name);
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("Pearson_Correlation", names.key(PEARSON));
    columns.put("Spearman_Correlation", names.key(SPEARMAN));
    return new ResultsCsv(folder.resolve(names.file(CSV)), columns, ResultsCsv.END);
  }
}

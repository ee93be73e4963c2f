package org.semlux.training.evaluate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.training.data.RerankingSample;

/**
 * How well a cross-encoder's scores bring texts into the order that a query wants, as the
 * reference's evaluator of the same name has it: MAP over all texts, MRR and NDCG of the first ten;
 * the same of the first search where the samples tell its order.
 *
 * {@snippet lang=java :
 * var evaluator = new CrossEncoderRerankingEvaluator("msmarco");
 * var sample =
 *     new RerankingSample("Who plays?", List.of("A man plays."), List.of("It rains."), List.of());
 * Map<String, Double> metrics = evaluator.evaluate(List.of(sample), new double[] {3, -8});
 * metrics.get("msmarco_mrr@10"); // 1: the positive text scores higher
 * }
 *
 * @param name of the data set; prefixes the metrics and names the file; may be empty
 */
public record CrossEncoderRerankingEvaluator(String name) {
  public CrossEncoderRerankingEvaluator {
    new MetricNames(name); // refuses slashes
  }

  /**
   * {@code {name}_map}, {@code {name}_mrr@10} and {@code {name}_ndcg@10}, and those of the order
   * before, {@code {name}_base_map} and so on. A sample without positive texts counts as 0.
   *
   * @param scores of each sample's query with each of its {@link RerankingSample#texts}, one after
   *     the other
   */
  public Map<String, Double> evaluate(List<RerankingSample> samples, double[] scores) {
    Reranking after = new Reranking();
    Reranking before = new Reranking();
    boolean ranked = false;
    int first = 0;
    for (RerankingSample sample : samples) {
      if (!sample.ranked().isEmpty()) {
        ranked = true;
        addRanked(before, sample);
      }
      int end = first + sample.texts().size();
      if (sample.positive().isEmpty()) {
        after.addFailure();
      } else {
        boolean[] relevant = new boolean[end - first];
        Arrays.fill(relevant, 0, sample.positive().size(), true);
        after.add(relevant, Arrays.copyOfRange(scores, first, end), true);
      }
      first = end;
    }
    if (first != scores.length) {
      throw new IllegalArgumentException(scores.length + " scores for " + first + " texts");
    }
    MetricNames names = new MetricNames(name);
    Map<String, Double> metrics = new LinkedHashMap<>();
    after.metrics("").forEach((metric, value) -> metrics.put(names.key(metric), value));
    if (ranked) {
      before.metrics("base_").forEach((metric, value) -> metrics.put(names.key(metric), value));
    }
    return metrics;
  }

  /** The first search's own order; positive texts that it missed come last. */
  private static void addRanked(Reranking before, RerankingSample sample) {
    List<String> ranked = sample.ranked();
    int hits = (int) ranked.stream().filter(sample.positive()::contains).count();
    if (hits == 0) {
      before.addFailure();
      return;
    }
    int texts = ranked.size() + Math.max(0, sample.positive().size() - hits);
    boolean[] relevant = new boolean[texts];
    for (int i = 0; i < texts; i++) {
      relevant[i] = i >= ranked.size() || sample.positive().contains(ranked.get(i));
    }
    before.add(relevant, IntStream.range(0, texts).mapToDouble(i -> -i).toArray(), false);
  }

  /** The metric that models are chosen by: NDCG of the first ten. */
  public String primaryMetric() {
    return new MetricNames(name).key("ndcg@" + Reranking.FIRST);
  }

  /**
   * Appends a row to {@code {folder}/CrossEncoderRerankingEvaluator[_name]_results_@10.csv}.
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
    return Reranking.csv(
        folder, "CrossEncoderRerankingEvaluator", new MetricNames(name), List.of());
  }
}

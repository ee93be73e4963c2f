package org.semlux.training.evaluate;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What scores make of lists of texts of which some are relevant, summed up list by list. Equal
 * scores count as scikit-learn has it: NDCG takes the mean over all their orders, average precision
 * takes them at once. Only MRR has to choose an order.
 */
final class Reranking {
  /** Texts that the reference's evaluators look at by default. */
  static final int FIRST = 10;

  private double averagePrecision;
  private double reciprocalRank;
  private double ndcg;
  private int lists;

  /**
   * Adds a list.
   *
   * @param relevant {@code [texts]}
   * @param scores {@code [texts]}
   * @param laterFirst whether of texts of equal score the later one comes first
   */
  void add(boolean[] relevant, double[] scores, boolean laterFirst) {
    Comparator<Integer> byScore = Comparator.comparingDouble(i -> -scores[i]);
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(laterFirst ? byScore.thenComparing(Comparator.reverseOrder()) : byScore)
            .mapToInt(Integer::intValue)
            .toArray();
    lists++;
    reciprocalRank +=
        IntStream.range(0, Math.min(FIRST, order.length))
            .filter(place -> relevant[order[place]])
            .mapToDouble(place -> 1.0 / (place + 1))
            .findFirst()
            .orElse(0);
    addByGroups(order, relevant, scores);
  }

  /** Adds a list without relevant texts, which counts as a failure. */
  void addFailure() {
    lists++;
  }

  private void addByGroups(int[] order, boolean[] relevant, double[] scores) {
    int all = (int) IntStream.of(order).filter(i -> relevant[i]).count();
    double gain = 0;
    double precisions = 0;
    int found = 0;
    for (int start = 0, end; start < order.length; start = end) {
      end = start + 1;
      while (end < order.length && scores[order[end]] == scores[order[start]]) {
        end++;
      }
      int hits = (int) Arrays.stream(order, start, end).filter(i -> relevant[i]).count();
      gain += (double) hits / (end - start) * discounts(start, end);
      found += hits;
      precisions += (double) hits * found / end;
    }
    ndcg += all == 0 ? 0 : gain / discounts(0, all);
    averagePrecision += all == 0 ? 0 : precisions / all;
  }

  private static double discounts(int start, int end) {
    return IntStream.range(start, Math.min(end, FIRST))
        .mapToDouble(place -> Math.log(2) / Math.log(place + 2))
        .sum();
  }

  /** Means by the reference's names, each with {@code prefix} in front. */
  Map<String, Double> metrics(String prefix) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(prefix + "map", averagePrecision / lists);
    metrics.put(prefix + "mrr@" + FIRST, reciprocalRank / lists);
    metrics.put(prefix + "ndcg@" + FIRST, ndcg / lists);
    return metrics;
  }

  /** The file of those metrics, and of others that are named as their columns are. */
  static ResultsCsv csv(Path folder, String evaluator, MetricNames names, List<String> more) {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put("MAP", names.key("map"));
    columns.put("MRR@" + FIRST, names.key("mrr@" + FIRST));
    columns.put("NDCG@" + FIRST, names.key("ndcg@" + FIRST));
    more.forEach(column -> columns.put(column, names.key(column)));
    Path file = folder.resolve(names.file(evaluator, "_@" + FIRST));
    return new ResultsCsv(file, columns, ResultsCsv.END);
  }
}

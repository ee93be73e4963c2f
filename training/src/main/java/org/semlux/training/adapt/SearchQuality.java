package org.semlux.training.adapt;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How well each query found its answers.
 *
 * @param values by metric: ndcg@10 (Järvelin and Kekäläinen 2002), mrr@10 and recall@100, each
 *     {@code [queries]}
 */
public record SearchQuality(Map<String, double[]> values) {
  /** What models are compared by. */
  public static final String PRIMARY = "ndcg@10";

  /** How many documents of a query are looked at. */
  public static final int LOOKED_AT = 100;

  private static final int TEN = 10;

  /**
   * Of what was found, best first.
   *
   * @param found the gain of each document that was found for each query, 0 of those that are no
   *     answers
   * @param answers the gains of all answers of each query, in any order; one or more
   */
  public static SearchQuality of(List<double[]> found, List<double[]> answers) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String metric : List.of(PRIMARY, "mrr@10", "recall@100")) {
      values.put(metric, new double[answers.size()]);
    }
    for (int query = 0; query < answers.size(); query++) {
      double[] gains = found.get(query);
      int[] places =
          IntStream.range(0, Math.min(LOOKED_AT, gains.length))
              .filter(place -> gains[place] > 0)
              .toArray();
      values.get(PRIMARY)[query] = ndcg(gains, answers.get(query));
      values.get("mrr@10")[query] =
          places.length == 0 || places[0] >= TEN ? 0 : 1.0 / (places[0] + 1);
      values.get("recall@100")[query] = (double) places.length / answers.get(query).length;
    }
    return new SearchQuality(values);
  }

  /**
   * NDCG@10, by the gains as they are, as BEIR and trec_eval have it.
   *
   * @param found the gains of what was found, best first
   * @param answers the gains of all answers, in any order; one or more
   */
  public static double ndcg(double[] found, double[] answers) {
    double[] best = Arrays.stream(answers).map(gain -> -gain).sorted().map(gain -> -gain).toArray();
    return discounted(found) / discounted(best);
  }

  private static double discounted(double[] gains) {
    double sum = 0;
    for (int place = 0; place < Math.min(TEN, gains.length); place++) {
      sum += gains[place] * Math.log(2) / Math.log(place + 2);
    }
    return sum;
  }
}

package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.semlux.training.mine.MiningData;

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

  /** Of the documents that were found for each query, best first. */
  public static SearchQuality of(MiningData data, List<int[]> found) {
    List<int[]> places = new ArrayList<>();
    for (int query = 0; query < found.size(); query++) {
      places.add(places(data.positives().get(query), found.get(query)));
    }
    return ofPlaces(places, data.positives().stream().mapToInt(List::size).toArray());
  }

  /**
   * Of where the answers stand.
   *
   * @param places of each query's answers among the first {@value #LOOKED_AT}, from 0, in order
   * @param relevant how many answers each has
   */
  public static SearchQuality ofPlaces(List<int[]> places, int[] relevant) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String metric : List.of(PRIMARY, "mrr@10", "recall@100")) {
      values.put(metric, new double[relevant.length]);
    }
    for (int query = 0; query < relevant.length; query++) {
      int[] found = places.get(query);
      values.get(PRIMARY)[query] = ndcg(found, relevant[query]);
      values.get("mrr@10")[query] = found.length == 0 || found[0] >= TEN ? 0 : 1.0 / (found[0] + 1);
      values.get("recall@100")[query] = (double) found.length / relevant[query];
    }
    return new SearchQuality(values);
  }

  /**
   * NDCG@10 where answers are equally good.
   *
   * @param places of those that were found, from 0
   * @param relevant how many there are in all, 1 or more
   */
  public static double ndcg(int[] places, int relevant) {
    double gain = 0;
    for (int place : places) {
      gain += place < TEN ? discount(place) : 0;
    }
    double best = 0;
    for (int place = 0; place < Math.min(TEN, relevant); place++) {
      best += discount(place);
    }
    return gain / best;
  }

  /** Where the answers stand, from 0, the best first. */
  private static int[] places(List<Integer> answers, int[] documents) {
    return IntStream.range(0, Math.min(LOOKED_AT, documents.length))
        .filter(place -> answers.contains(documents[place]))
        .toArray();
  }

  private static double discount(int place) {
    return Math.log(2) / Math.log(place + 2);
  }
}

package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.training.mine.Candidates;
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

  /** Of what was found for each query. */
  public static SearchQuality of(MiningData data, List<Candidates> found) {
    Map<String, double[]> values = new LinkedHashMap<>();
    for (String metric : List.of(PRIMARY, "mrr@10", "recall@100")) {
      values.put(metric, new double[found.size()]);
    }
    for (int query = 0; query < found.size(); query++) {
      List<Integer> places = places(data.positives().get(query), found.get(query).documents());
      int relevant = data.positives().get(query).size();
      double gain = 0;
      double best = 0;
      for (int place : places) {
        gain += place < TEN ? discount(place) : 0;
      }
      for (int place = 0; place < Math.min(TEN, relevant); place++) {
        best += discount(place);
      }
      values.get(PRIMARY)[query] = gain / best;
      values.get("mrr@10")[query] =
          places.isEmpty() || places.get(0) >= TEN ? 0 : 1.0 / (places.get(0) + 1);
      values.get("recall@100")[query] = (double) places.size() / relevant;
    }
    return new SearchQuality(values);
  }

  /** Where the answers stand, from 0, the best first. */
  private static List<Integer> places(List<Integer> answers, int[] documents) {
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < Math.min(LOOKED_AT, documents.length); place++) {
      if (answers.contains(documents[place])) {
        places.add(place);
      }
    }
    return places;
  }

  private static double discount(int place) {
    return Math.log(2) / Math.log(place + 2);
  }
}

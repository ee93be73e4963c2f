package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What words and meaning find together: reciprocal ranks (Cormack et al. 2009). */
final class Fused {
  private static final int RANK_CONSTANT = 60;

  private Fused() {}

  /** The best documents of each query, as many as either found at most. */
  static List<int[]> of(List<int[]> words, List<int[]> meaning) {
    List<int[]> fused = new ArrayList<>();
    for (int query = 0; query < words.size(); query++) {
      Map<Integer, Double> scores = new TreeMap<>();
      for (int[] found : List.of(words.get(query), meaning.get(query))) {
        for (int rank = 0; rank < found.length; rank++) {
          scores.merge(found[rank], 1.0 / (RANK_CONSTANT + rank + 1), Double::sum);
        }
      }
      fused.add(
          scores.entrySet().stream()
              .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
              .limit(Math.max(words.get(query).length, meaning.get(query).length))
              .mapToInt(Map.Entry::getKey)
              .toArray());
    }
    return fused;
  }
}

package org.semlux.training.mine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.training.data.TrainingRow;

/**
 * Queries, and the texts that their negatives come from.
 *
 * {@snippet lang=java :
 * List<TrainingRow> rows =
 *     List.of(new TrainingRow(List.of("Who plays?", "A man plays."), List.of()));
 * MiningData data = MiningData.of(rows, List.of("It rains."));
 * data.corpus(); // [It rains., A man plays.]
 * data.positives(); // [[1]]
 * }
 *
 * @param queries different ones, in the order of the rows
 * @param positives of each query: places in the corpus, different ones
 * @param corpus different texts, positives included
 * @param mostRows of one query
 */
public record MiningData(
    List<String> queries, List<List<Integer>> positives, List<String> corpus, int mostRows) {
  /**
   * Of rows whose first two texts are a query and its positive.
   *
   * @param corpus more texts; none: positives alone, each a negative of the others' queries
   */
  public static MiningData of(List<TrainingRow> rows, List<String> corpus) {
    Map<String, Integer> places = new LinkedHashMap<>();
    corpus.forEach(text -> places.putIfAbsent(text, places.size()));
    rows.forEach(row -> places.putIfAbsent(row.texts().get(1), places.size()));
    Map<String, List<Integer>> positives = new LinkedHashMap<>();
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (TrainingRow row : rows) {
      List<Integer> own = positives.computeIfAbsent(row.texts().get(0), query -> new ArrayList<>());
      int place = places.get(row.texts().get(1));
      if (!own.contains(place)) {
        own.add(place);
      }
      counts.merge(row.texts().get(0), 1, Integer::sum);
    }
    return new MiningData(
        List.copyOf(positives.keySet()),
        List.copyOf(positives.values()),
        List.copyOf(places.keySet()),
        counts.values().stream().mapToInt(Integer::intValue).max().orElse(0));
  }

  /** How many of the nearest are to be searched for, positives among them. */
  public int searched(MiningArguments arguments, boolean rescored) {
    return Math.min(arguments.nearest(mostRows, rescored) + mostRows, corpus.size());
  }
}

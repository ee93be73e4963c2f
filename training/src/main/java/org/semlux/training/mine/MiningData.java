package org.semlux.training.mine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;

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
   * Of rows of a query and its answers: the texts that are labelled above 0, else the second text.
   * It is that of a triplet or tuple with a teacher's scores, too, whatever they say.
   *
   * @param corpus more texts; none: answers alone, each a negative of the others' queries
   * @param notices is told how many rows without an answer are left out
   * @throws IllegalArgumentException when no row has an answer
   */
  public static MiningData of(TrainingRows rows, List<String> corpus, Consumer<String> notices) {
    List<List<String>> answers = rows.rows().stream().map(row -> answers(rows, row)).toList();
    long without = answers.stream().filter(List::isEmpty).count();
    if (without == answers.size()) {
      throw new IllegalArgumentException(
          "no row has a text labelled above 0 in [%s]: mining needs answers"
              .formatted(rows.label().orElse("")));
    }
    if (without > 0) {
      notices.accept(
          String.format(
              Locale.ROOT,
              "%,d of %,d rows have no text labelled above 0 and are left out",
              without,
              answers.size()));
    }
    return of(
        IntStream.range(0, answers.size())
            .boxed()
            .flatMap(
                i ->
                    answers.get(i).stream()
                        .map(answer -> List.of(rows.rows().get(i).texts().get(0), answer)))
            .map(texts -> new TrainingRow(texts, List.of()))
            .toList(),
        corpus);
  }

  private static List<String> answers(TrainingRows rows, TrainingRow row) {
    List<Double> labels = row.labels();
    List<String> texts = row.texts().subList(1, row.texts().size());
    boolean tuple = texts.size() > 1 && !rows.lists();
    if (labels.isEmpty() || (tuple && rows.label().orElseThrow().startsWith("score"))) {
      return texts.subList(0, 1);
    }
    return IntStream.range(0, Math.min(texts.size(), labels.size()))
        .filter(i -> labels.get(i) > 0)
        .mapToObj(texts::get)
        .toList();
  }

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

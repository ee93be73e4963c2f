package org.semlux.training.mine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
   * Of rows of a query and its answers: the texts that are labelled so, else the second text. It is
   * that of a triplet or tuple with a teacher's scores, too, whatever they say.
   *
   * @param least label of an answer; empty: any above 0, as grades are
   * @param corpus more texts; none: answers alone, each a negative of the others' queries
   * @param notices is told how many rows without an answer are left out
   * @throws IllegalArgumentException when no row has an answer, a list has not as many labels as
   *     texts, or labels are no whole numbers and nobody says which of them are of an answer
   */
  public static MiningData of(
      TrainingRows rows, OptionalDouble least, List<String> corpus, Consumer<String> notices) {
    requireGrades(rows, least);
    List<List<String>> answers =
        rows.rows().stream().map(row -> answers(rows, row, least)).toList();
    long without = answers.stream().filter(List::isEmpty).count();
    String labelled = least.isPresent() ? least.getAsDouble() + " or above" : "above 0";
    if (without == answers.size()) {
      throw new IllegalArgumentException(
          "no row has a text labelled %s in [%s]: mining needs answers"
              .formatted(labelled, rows.label().orElse("")));
    }
    if (without > 0) {
      notices.accept(
          String.format(
              Locale.ROOT,
              "%,d of %,d rows have no text labelled %s and are left out",
              without,
              answers.size(),
              labelled));
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

  /** Of a teacher's scores 0 says nothing, and all above it would be answers. */
  private static void requireGrades(TrainingRows rows, OptionalDouble least) {
    List<TrainingRow> labelled = rows.rows().stream().filter(row -> labelsTell(rows, row)).toList();
    if (least.isPresent() && labelled.isEmpty()) {
      throw new IllegalArgumentException(
          "--min-label changes nothing, since no label says what answers: leave it out");
    }
    Optional<Double> score =
        labelled.stream()
            .flatMap(row -> row.labels().stream())
            .filter(label -> label != Math.rint(label))
            .findFirst();
    if (least.isEmpty() && score.isPresent()) {
      throw new IllegalArgumentException(
          "[%s] holds %s, so its labels are scores and no grades, of which all above 0 are answers: say by --min-label from which on a text is one"
              .formatted(rows.label().orElseThrow(), score.get()));
    }
  }

  /** Whether labels, and not their places, say which of a row's texts are answers. */
  private static boolean labelsTell(TrainingRows rows, TrainingRow row) {
    boolean tuple = row.texts().size() > 2 && !rows.lists();
    boolean scored = tuple && rows.label().isPresent() && rows.label().get().startsWith("score");
    return !row.labels().isEmpty() && !scored;
  }

  private static List<String> answers(TrainingRows rows, TrainingRow row, OptionalDouble least) {
    List<Double> labels = row.labels();
    List<String> texts = row.texts().subList(1, row.texts().size());
    if (!labelsTell(rows, row)) {
      return texts.subList(0, 1);
    }
    if (rows.lists() && labels.size() != texts.size()) {
      throw new IllegalArgumentException(
          "the list of the query [%s] holds %s texts and %s labels: give each its own"
              .formatted(row.texts().get(0), texts.size(), labels.size()));
    }
    return IntStream.range(0, Math.min(texts.size(), labels.size()))
        .filter(i -> least.isPresent() ? labels.get(i) >= least.getAsDouble() : labels.get(i) > 0)
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

package org.semlux.training.adapt;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.semlux.training.adapt.AdaptationData.Pair;
import org.semlux.training.data.OutputFile;
import org.semlux.training.mine.MiningSearch;
import org.semlux.training.mine.TeacherScores;

/**
 * Makes the rows that are trained with: pairs, negatives for each, and a teacher's scores of both.
 *
 * @param negatives of each pair; where 0, other pairs' answers are all that a query is told from
 * @param relativeMargin see {@link MixedNegatives}; where empty, a teacher tells of {@link
 *     DrawnDocuments} what they are
 * @param lists whether rows without a teacher's scores are lists of documents with labels
 * @param temperature what scores are divided by in the loss
 * @param teachersScale what a teacher's scores are multiplied by, to be of the model's size
 */
public record AdaptationRows(
    AdaptationData data,
    int negatives,
    OptionalDouble relativeMargin,
    boolean lists,
    double temperature,
    double teachersScale,
    long seed,
    PrintWriter err) {
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /** A pair and its negatives' places. */
  private record Row(Pair pair, List<Integer> negatives) {}

  /** The columns of texts where rows are no lists, the query's first. */
  public static List<String> columns(int negatives) {
    return Stream.concat(
            Stream.of("anchor", "positive"),
            IntStream.rangeClosed(1, negatives).mapToObj(i -> "negative_" + i))
        .toList();
  }

  /**
   * Mines and writes.
   *
   * @param unanswered queries; where words and meaning agree on a document, it counts as the answer
   * @param teacher scores the rows
   */
  public void write(
      MiningSearch base,
      WordSearch words,
      List<String> unanswered,
      Optional<TeacherScores> teacher,
      Path file)
      throws IOException {
    PairSearch search = PairSearch.of(data, base, words, seed, err);
    List<Pair> agreed = search.agreed(unanswered);
    List<Pair> pairs = new ArrayList<>(data.training());
    pairs.addAll(agreed);
    List<Row> rows = alone(pairs);
    if (negatives > 0) {
      List<List<Integer>> found = search.negatives(pairs, agreed, negatives, relativeMargin);
      rows =
          IntStream.range(0, pairs.size())
              .mapToObj(i -> new Row(pairs.get(i), found.get(i)))
              .collect(Collectors.toCollection(ArrayList::new));
      leaveOut(rows, lists && teacher.isEmpty() ? 1 : negatives);
    }
    Optional<List<float[]>> scores =
        teacher.isEmpty()
            ? Optional.empty()
            : Optional.of(teacher.get().of(asked(rows)).stream().map(this::scaled).toList());
    if (relativeMargin.isEmpty() && scores.isPresent()) {
      for (int i = 0; i < rows.size(); i++) {
        if (rows.get(i).pair.opened()) {
          putFirst(scores.get().get(i));
        }
      }
    }
    write(rows, scores, file);
  }

  /** What people opened stands above what else was asked about, whatever the teacher says. */
  private void putFirst(float[] scores) {
    for (int i = 1; i < scores.length; i++) {
      scores[0] = Math.max(scores[0], scores[i] + (float) temperature);
    }
  }

  private float[] scaled(float[] scores) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] *= (float) teachersScale;
    }
    return scores;
  }

  /** Writes the pairs alone, where there is nothing to search for. */
  public void write(Path file) throws IOException {
    write(alone(data.training()), Optional.empty(), file);
  }

  private static List<Row> alone(List<Pair> pairs) {
    return pairs.stream().map(pair -> new Row(pair, List.of())).toList();
  }

  private void write(List<Row> rows, Optional<List<float[]>> scores, Path file) throws IOException {
    try (OutputFile out = new OutputFile(file)) {
      for (int i = 0; i < rows.size(); i++) {
        int place = i;
        out.writer()
            .write(GSON.toJson(json(rows.get(i), scores.map(all -> all.get(place)))) + "\n");
      }
      out.commit();
    }
  }

  /** Of a query that nearly every document answers there is nothing to be told apart. */
  private void leaveOut(List<Row> rows, int fewest) {
    int all = rows.size();
    rows.removeIf(row -> row.negatives.size() < fewest);
    if (rows.size() == all) {
      return;
    }
    err.printf(
        Locale.ROOT,
        "%,d of %,d pairs are left out: too few documents are known not to answer their queries%n",
        all - rows.size(),
        all);
    if (rows.size() < AdaptationData.FEWEST) {
      throw new IllegalArgumentException(
          "%s pairs are left to learn from, where %s are the least: give documents with titles of their own, or [--clicks]"
              .formatted(rows.size(), AdaptationData.FEWEST));
    }
  }

  private List<TeacherScores.Asked> asked(List<Row> rows) {
    return rows.stream()
        .map(
            row -> {
              List<String> texts = new ArrayList<>(List.of(row.pair.answer()));
              row.negatives.forEach(place -> texts.add(passage(row, place)));
              return new TeacherScores.Asked(row.pair.query(), texts);
            })
        .toList();
  }

  /** Without its title where the answer is without its own: nothing else tells them apart. */
  private String passage(Row row, int place) {
    Document document = data.corpus().get(place);
    String title = data.corpus().get(row.pair.document()).title().strip();
    return PairMaker.passage(
        row.pair.query().equals(title) ? document.textBehindTitle() : document.text());
  }

  private JsonObject json(Row row, Optional<float[]> scores) {
    if (lists && scores.isEmpty()) {
      return list(row);
    }
    JsonObject json = new JsonObject();
    List<String> texts = new ArrayList<>(List.of(row.pair.query(), row.pair.answer()));
    row.negatives.forEach(place -> texts.add(passage(row, place)));
    List<String> columns = columns(row.negatives.size());
    for (int i = 0; i < texts.size(); i++) {
      json.addProperty(columns.get(i), texts.get(i));
    }
    if (scores.isPresent()) {
      JsonArray all = new JsonArray();
      for (float score : scores.get()) {
        all.add(score);
      }
      json.add("scores", all);
    }
    return json;
  }

  private JsonObject list(Row row) {
    JsonObject json = new JsonObject();
    json.addProperty("query", row.pair.query());
    JsonArray documents = new JsonArray();
    JsonArray labels = new JsonArray();
    documents.add(row.pair.answer());
    labels.add(1);
    for (int place : row.negatives) {
      documents.add(passage(row, place));
      labels.add(0);
    }
    json.add("docs", documents);
    json.add("labels", labels);
    return json;
  }
}

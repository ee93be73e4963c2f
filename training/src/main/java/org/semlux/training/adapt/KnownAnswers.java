package org.semlux.training.adapt;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.training.data.Clicks;
import org.semlux.training.data.Gains;
import org.semlux.training.data.RetrievalData;

/**
 * What people asked, and which documents they opened or somebody judged to answer it.
 *
 * @param clicked documents by query, all of them alike
 * @param judged documents by query, as good as they were judged, of some queries none; never learnt
 *     from
 * @param unanswered queries of which nothing is known
 * @param given how many judgements of an answer there were, also those of other queries and
 *     documents
 */
public record KnownAnswers(
    Map<String, Gains> clicked, Map<String, Gains> judged, List<String> unanswered, long given) {
  /** Nothing at all. */
  public static final KnownAnswers NONE = new KnownAnswers(Map.of(), Map.of(), List.of(), 0);

  private static final String CORPUS = "the corpus";

  /** Clicked queries to learn from and others to judge by. */
  record Parted(Map<String, Gains> learnt, Map<String, Gains> judged) {}

  /**
   * Reads what there is of three files.
   *
   * @param queries texts by id, as {@link RetrievalData} has them; those that are judged are judged
   *     by, the others learnt from
   * @param judgements of them
   * @param clicks as {@link Clicks} reads them
   * @param err is told how many of the judgements are of other queries, and left out, and of scores
   *     that are no grades
   * @throws IOException when a file cannot be read; a bad line is named
   */
  public static KnownAnswers read(Path queries, Path judgements, Path clicks, PrintWriter err)
      throws IOException {
    if (judgements != null && queries == null) {
      throw new IllegalArgumentException(
          "--qrels judges queries by their ids: give them by --queries");
    }
    Map<String, String> texts = queries == null ? Map.of() : RetrievalData.texts(queries);
    Map<String, Gains> judged = new LinkedHashMap<>();
    long given = 0;
    if (judgements != null) {
      Map<String, Gains> byId = RetrievalData.judgements(judgements, err::println);
      given = byId.values().stream().mapToLong(gains -> gains.documents().size()).sum();
      byId.forEach(
          (id, gains) -> {
            if (texts.containsKey(id)) {
              judged.merge(texts.get(id), gains, Gains::and);
            }
          });
      long lacking = byId.keySet().stream().filter(id -> !texts.containsKey(id)).count();
      if (lacking > 0) {
        err.printf(
            Locale.ROOT,
            "--qrels: %,d of %,d judged queries are not in [%s] and are left out%n",
            lacking,
            byId.size(),
            queries);
      }
      if (judged.values().stream().allMatch(Gains::isEmpty)) {
        throw new IOException(
            "no query of [%s] has a relevant document in [%s]".formatted(queries, judgements));
      }
    }
    Map<String, Gains> clicked = clicks == null ? new LinkedHashMap<>() : Clicks.read(clicks);
    clicked.keySet().removeAll(judged.keySet());
    List<String> unanswered =
        texts.values().stream()
            .filter(text -> !judged.containsKey(text) && !clicked.containsKey(text))
            .distinct()
            .toList();
    return new KnownAnswers(clicked, judged, unanswered, given);
  }

  /**
   * What is left of it where only some documents are there; queries without any are unanswered.
   *
   * @param there ids
   * @param where they are, for messages
   * @param err is told how much is found
   * @throws IllegalArgumentException when nothing is left of what was judged or clicked
   */
  public KnownAnswers among(Set<String> there, String where, PrintWriter err) {
    requireSome(there, where, err);
    Map<String, Gains> stillClicked = among(clicked, there);
    Map<String, Gains> stillJudged = among(judged, there);
    List<String> others =
        Stream.of(judged.keySet(), clicked.keySet(), unanswered)
            .flatMap(Collection::stream)
            .filter(query -> !stillJudged.containsKey(query) && !stillClicked.containsKey(query))
            .distinct()
            .toList();
    return new KnownAnswers(stillClicked, stillJudged, others, given);
  }

  /**
   * Tells how much of it is among some documents.
   *
   * @param there ids
   * @param where they are, for messages
   * @throws IllegalArgumentException when nothing of what was judged or clicked is
   */
  public void requireSome(Set<String> there, String where, PrintWriter err) {
    requireSome("--qrels", judged, there, where, err);
    requireSome("--clicks", clicked, there, where, err);
  }

  private static void requireSome(
      String option, Map<String, Gains> answers, Set<String> there, String where, PrintWriter err) {
    if (found(option, answers, there, where, err) == 0 && answered(answers) > 0) {
      throw new IllegalArgumentException(
          "%s: none of %s queries has a document in %s: give documents by the ids (_id) that it has"
              .formatted(option, answered(answers), where));
    }
  }

  private static Map<String, Gains> among(Map<String, Gains> answers, Set<String> there) {
    Map<String, Gains> left = new LinkedHashMap<>();
    answers.forEach(
        (query, gains) -> {
          Gains found = gains.among(there);
          if (!found.isEmpty()) {
            left.put(query, found);
          }
        });
    return left;
  }

  /** Documents that a sample must not lack. */
  public Set<String> documents() {
    Set<String> all = new HashSet<>(clickedDocuments());
    all.addAll(documents(judged));
    return all;
  }

  /** How many judgements are of one of some documents. */
  public long judgements(Set<String> there) {
    return judged.values().stream()
        .flatMap(gains -> gains.documents().stream())
        .filter(there::contains)
        .count();
  }

  Set<String> clickedDocuments() {
    return documents(clicked);
  }

  private static Set<String> documents(Map<String, Gains> answers) {
    Set<String> all = new HashSet<>();
    answers.values().forEach(gains -> all.addAll(gains.documents()));
    return all;
  }

  /**
   * Tells how much of it is among some documents, and refuses what is of no use with them.
   *
   * @param fewest queries to judge by
   */
  void check(Set<String> there, int fewest, PrintWriter err) {
    long judging = found("--qrels", judged, there, CORPUS, err);
    if (!judged.isEmpty() && judging < fewest) {
      throw new IllegalArgumentException(
          "--qrels: %s of %s judged queries have a relevant document in the corpus, where %s are the least to judge by: give more, of documents by the ids that the corpus has, or leave --qrels out"
              .formatted(judging, answered(judged), fewest));
    }
    if (found("--clicks", clicked, there, CORPUS, err) == 0 && !clicked.isEmpty()) {
      throw new IllegalArgumentException(
          "--clicks: none of %s clicked queries has a document in the corpus: give documents by the ids that the corpus has"
              .formatted(clicked.size()));
    }
  }

  private static long found(
      String option, Map<String, Gains> answers, Set<String> there, String where, PrintWriter err) {
    if (answers.isEmpty()) {
      return 0;
    }
    long queries = answers.values().stream().filter(gains -> anyAmong(gains, there)).count();
    Set<String> documents = documents(answers);
    err.printf(
        Locale.ROOT,
        "%s: %,d of %,d queries have a document in %s, %,d of %,d documents found%n",
        option,
        queries,
        answered(answers),
        where,
        documents.stream().filter(there::contains).count(),
        documents.size());
    return queries;
  }

  /** How many queries have an answer at all. */
  private static long answered(Map<String, Gains> answers) {
    return answers.values().stream().filter(gains -> !gains.isEmpty()).count();
  }

  private static boolean anyAmong(Gains gains, Set<String> there) {
    return gains.documents().stream().anyMatch(there::contains);
  }

  /**
   * Parts the clicked queries that have a document among some.
   *
   * @param fewest to judge by: where the share is less, all are learnt from
   */
  Parted clicks(Set<String> there, double share, int fewest, int most, long seed) {
    List<String> queries =
        new ArrayList<>(
            clicked.keySet().stream()
                .filter(query -> anyAmong(clicked.get(query), there))
                .toList());
    Collections.shuffle(queries, new Random(seed));
    int wanted = (int) Math.min(most, Math.ceil(queries.size() * share));
    int count = wanted < fewest ? 0 : wanted;
    Map<String, Gains> learnt = new LinkedHashMap<>();
    Map<String, Gains> judging = new LinkedHashMap<>();
    for (int i = 0; i < queries.size(); i++) {
      (i < count ? judging : learnt).put(queries.get(i), clicked.get(queries.get(i)));
    }
    return new Parted(learnt, judging);
  }
}

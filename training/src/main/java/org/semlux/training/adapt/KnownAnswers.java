package org.semlux.training.adapt;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.training.data.RetrievalData;
import org.semlux.training.data.StrictJson;
import org.semlux.training.data.TextLines;
import org.semlux.training.index.SourceText;

/**
 * What people asked, and which documents they opened or somebody judged to answer it.
 *
 * @param clicked ids of documents by query
 * @param judged the same; never learnt from
 * @param unanswered queries of which nothing is known
 */
public record KnownAnswers(
    Map<String, Set<String>> clicked, Map<String, Set<String>> judged, List<String> unanswered) {
  /** Nothing at all. */
  public static final KnownAnswers NONE = new KnownAnswers(Map.of(), Map.of(), List.of());

  private static final String CORPUS = "the corpus";

  /** Clicked queries to learn from and others to judge by. */
  record Parted(Map<String, Set<String>> learnt, Map<String, Set<String>> judged) {}

  /**
   * Reads what there is of three files.
   *
   * @param queries texts by id, as {@link RetrievalData} has them; those that are judged are judged
   *     by, the others learnt from
   * @param judgements of them
   * @param clicks JSON lines with {@code query} and {@code id}, else a tab between a query and a
   *     document's id
   * @throws IOException when a file cannot be read; a bad line is named
   */
  public static KnownAnswers read(Path queries, Path judgements, Path clicks) throws IOException {
    if (judgements != null && queries == null) {
      throw new IllegalArgumentException(
          "--qrels judges queries by their ids: give them by --queries");
    }
    Map<String, String> texts = queries == null ? Map.of() : RetrievalData.texts(queries);
    Map<String, Set<String>> judged = new LinkedHashMap<>();
    if (judgements != null) {
      RetrievalData.judgements(judgements)
          .forEach(
              (id, documents) -> {
                if (texts.containsKey(id)) {
                  judged
                      .computeIfAbsent(texts.get(id), text -> new LinkedHashSet<>())
                      .addAll(documents);
                }
              });
      if (judged.isEmpty()) {
        throw new IOException(
            "no query of [%s] has a relevant document in [%s]".formatted(queries, judgements));
      }
    }
    Map<String, Set<String>> clicked = clicks == null ? new LinkedHashMap<>() : clicks(clicks);
    clicked.keySet().removeAll(judged.keySet());
    List<String> unanswered =
        texts.values().stream()
            .filter(text -> !judged.containsKey(text) && !clicked.containsKey(text))
            .distinct()
            .toList();
    return new KnownAnswers(clicked, judged, unanswered);
  }

  private static Map<String, Set<String>> clicks(Path file) throws IOException {
    boolean objects =
        file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.jsonl?(\\.gz)?");
    Map<String, Set<String>> clicked = new LinkedHashMap<>();
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          continue;
        }
        String[] click = objects ? object(lines.where(), line.get()) : line.get().split("\t", -1);
        if (click.length != 2 || click[0].isBlank() || click[1].isBlank()) {
          throw new IOException(lines.where() + ": no query and document's id");
        }
        clicked
            .computeIfAbsent(click[0].strip(), query -> new LinkedHashSet<>())
            .add(click[1].strip());
      }
    }
    return clicked;
  }

  private static String[] object(String where, String line) throws IOException {
    JsonObject object = StrictJson.object(where, line);
    return new String[] {SourceText.of(object, "query"), SourceText.of(object, "id")};
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
    Map<String, Set<String>> stillClicked = among(clicked, there);
    Map<String, Set<String>> stillJudged = among(judged, there);
    List<String> others =
        Stream.of(judged.keySet(), clicked.keySet(), unanswered)
            .flatMap(Collection::stream)
            .filter(query -> !stillJudged.containsKey(query) && !stillClicked.containsKey(query))
            .distinct()
            .toList();
    return new KnownAnswers(stillClicked, stillJudged, others);
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
      String option,
      Map<String, Set<String>> answers,
      Set<String> there,
      String where,
      PrintWriter err) {
    if (found(option, answers, there, where, err) == 0 && !answers.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: none of %d queries has a document in %s: give documents by the ids (_id) that it has"
              .formatted(option, answers.size(), where));
    }
  }

  private static Map<String, Set<String>> among(
      Map<String, Set<String>> answers, Set<String> there) {
    Map<String, Set<String>> left = new LinkedHashMap<>();
    answers.forEach(
        (query, ids) -> {
          Set<String> found = new LinkedHashSet<>(ids);
          found.retainAll(there);
          if (!found.isEmpty()) {
            left.put(query, found);
          }
        });
    return left;
  }

  /** Documents that a sample must not lack. */
  public Set<String> documents() {
    Set<String> all = new HashSet<>(clickedDocuments());
    judged.values().forEach(all::addAll);
    return all;
  }

  /** How many judgements are of one of some documents. */
  public long judgements(Set<String> there) {
    return judged.values().stream().flatMap(Set::stream).filter(there::contains).count();
  }

  Set<String> clickedDocuments() {
    Set<String> all = new HashSet<>();
    clicked.values().forEach(all::addAll);
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
          "--qrels: %d of %d judged queries have a relevant document in the corpus, where %d are the least to judge by: give more, of documents by the ids that the corpus has, or leave --qrels out"
              .formatted(judging, judged.size(), fewest));
    }
    if (found("--clicks", clicked, there, CORPUS, err) == 0 && !clicked.isEmpty()) {
      throw new IllegalArgumentException(
          "--clicks: none of %d clicked queries has a document in the corpus: give documents by the ids that the corpus has"
              .formatted(clicked.size()));
    }
  }

  private static long found(
      String option,
      Map<String, Set<String>> answers,
      Set<String> there,
      String where,
      PrintWriter err) {
    if (answers.isEmpty()) {
      return 0;
    }
    long queries =
        answers.values().stream().filter(ids -> ids.stream().anyMatch(there::contains)).count();
    Set<String> documents = new HashSet<>();
    answers.values().forEach(documents::addAll);
    err.printf(
        Locale.ROOT,
        "%s: %,d of %,d queries have a document in %s, %,d of %,d documents found%n",
        option,
        queries,
        answers.size(),
        where,
        documents.stream().filter(there::contains).count(),
        documents.size());
    return queries;
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
                .filter(query -> clicked.get(query).stream().anyMatch(there::contains))
                .toList());
    Collections.shuffle(queries, new Random(seed));
    int wanted = (int) Math.min(most, Math.ceil(queries.size() * share));
    int count = wanted < fewest ? 0 : wanted;
    Map<String, Set<String>> learnt = new LinkedHashMap<>();
    Map<String, Set<String>> judging = new LinkedHashMap<>();
    for (int i = 0; i < queries.size(); i++) {
      (i < count ? judging : learnt).put(queries.get(i), clicked.get(queries.get(i)));
    }
    return new Parted(learnt, judging);
  }
}

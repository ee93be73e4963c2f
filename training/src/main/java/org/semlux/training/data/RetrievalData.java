package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Queries, a corpus, and which documents of it answer which query, as BEIR and TREC have them.
 *
 * {@snippet lang=java :
 * RetrievalData data =
 *     RetrievalData.read(
 *         Path.of("queries.jsonl"),
 *         Path.of("corpus.jsonl"),
 *         Path.of("qrels.tsv"),
 *         System.err::println);
 * for (String query : data.queries().keySet()) {
 *   Set<String> answers = data.relevant().get(query); // ids of documents, at least one
 * }
 * }
 *
 * @param queries texts by id, only those that some document answers
 * @param corpus texts by id
 * @param relevant ids of documents by id of query; never an empty set. A document may be missing
 *     from the corpus: then nobody can find it
 */
public record RetrievalData(
    Map<String, String> queries, Map<String, String> corpus, Map<String, Set<String>> relevant) {
  public RetrievalData {
    Map<String, String> answered = new LinkedHashMap<>(queries);
    answered.keySet().retainAll(relevant.keySet());
    queries = Collections.unmodifiableMap(answered);
    corpus = Collections.unmodifiableMap(new LinkedHashMap<>(corpus));
    relevant = Map.copyOf(relevant);
  }

  /**
   * Reads three files, each compressed by gzip or not.
   *
   * @param queries as {@link CorpusFile} reads them, with ids
   * @param corpus the same; a {@code title} is put before its text
   * @param judgements BEIR's {@code query-id, corpus-id, score} with tabs between and perhaps a
   *     header, or TREC's {@code query-id iteration corpus-id score}; documents with a score above
   *     0 answer the query, alike
   * @param notices is told when scores are no grades, since all above 0 count then too, of a header
   *     of unusual names, of judgements that contradict each other and of documents that the corpus
   *     lacks
   * @throws IOException when a file cannot be read, an id is there twice, no query is answered or
   *     no document that answers is in the corpus; a bad line is named
   */
  public static RetrievalData read(
      Path queries, Path corpus, Path judgements, Consumer<String> notices) throws IOException {
    Map<String, Set<String>> relevant = new LinkedHashMap<>();
    judgements(judgements, notices)
        .forEach(
            (query, gains) -> {
              if (!gains.isEmpty()) {
                relevant.put(query, gains.documents());
              }
            });
    RetrievalData data = new RetrievalData(texts(queries), texts(corpus), relevant);
    if (data.queries.isEmpty()) {
      throw new IOException(
          "no query of [%s] has a relevant document in [%s]".formatted(queries, judgements));
    }
    data.requireSome(corpus, judgements, notices);
    return data;
  }

  /** By other ids nobody finds anything, and all models look alike. */
  private void requireSome(Path file, Path judgements, Consumer<String> notices)
      throws IOException {
    List<String> answers =
        queries.keySet().stream().map(relevant::get).flatMap(Set::stream).distinct().toList();
    long there = answers.stream().filter(corpus::containsKey).count();
    if (there == 0) {
      throw new IOException(
          "[%s]: none of %s documents that answer a query is in [%s]: give documents by the ids that it has"
              .formatted(judgements, answers.size(), file));
    }
    if (there < answers.size()) {
      notices.accept(
          String.format(
              Locale.ROOT,
              "[%s]: %,d of %,d documents that answer a query are not in [%s] and count as not found",
              judgements,
              answers.size() - there,
              answers.size(),
              file));
    }
  }

  /** Texts by id, see {@link #read}. */
  public static Map<String, String> texts(Path file) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    new CorpusFile(file, "text", "title")
        .read(
            row -> {
              String id =
                  row.id()
                      .orElseThrow(
                          () ->
                              new IOException(
                                  row.where()
                                      + ": no id: give JSON lines or a header with _id, or a tab between an id of one word and a text"));
              if (texts.putIfAbsent(id, row.titleAndText()) != null) {
                throw new IOException(row.where() + ": the id [" + id + "] is there twice");
              }
            });
    if (texts.isEmpty()) {
      throw new IOException("[" + file + "] holds no texts");
    }
    return texts;
  }

  /**
   * The scores of the documents that answer a query, by its id, see {@link #read}: of each query
   * that is judged, also where no document answers it.
   */
  public static Map<String, Gains> judgements(Path file, Consumer<String> notices)
      throws IOException {
    Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
    Optional<String> contrary = Optional.empty();
    boolean first = true;
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (line.get().isBlank()) {
          continue;
        }
        String[] columns = line.get().strip().split(line.get().contains("\t") ? " *\t *" : "\\s+");
        boolean header = first && !Numbers.is(columns[columns.length - 1]);
        first = false;
        if (!header) {
          boolean agrees = read(lines.where(), columns, scores);
          contrary = agrees ? contrary : contrary.or(() -> Optional.of(lines.where()));
        } else if (Arrays.stream(columns).noneMatch(DelimitedTexts::isIds)
            && !ColumnNames.LABELS.contains(columns[columns.length - 1])) {
          notices.accept(
              "%s: read as the names of the columns, %s, since the last is no number: mend it if it is a judgement"
                  .formatted(lines.where(), List.of(columns)));
        }
      }
    }
    contrary.ifPresent(
        where ->
            notices.accept(
                where
                    + ": this document was judged otherwise for this query before: of several judgements the highest counts"));
    scores.values().forEach(documents -> documents.values().removeIf(score -> score <= 0));
    scores.values().stream()
        .flatMap(documents -> documents.values().stream())
        .filter(score -> score != Math.rint(score))
        .findFirst()
        .ifPresent(
            score ->
                notices.accept(
                    "[%s] holds the score %s, which is no grade: whatever is above 0 counts as an answer"
                        .formatted(file, score)));
    Map<String, Gains> judged = new LinkedHashMap<>();
    scores.forEach((query, documents) -> judged.put(query, new Gains(documents)));
    return judged;
  }

  /** Whether it says the same as earlier lines, if any, of the same document. */
  private static boolean read(
      String where, String[] columns, Map<String, Map<String, Double>> scores) throws IOException {
    int last = columns.length - 1;
    if (last != 2 && last != 3) {
      throw new IOException(
          where + ": neither [query-id corpus-id score] nor TREC's [query-id 0 corpus-id score]");
    }
    double score =
        Numbers.of(columns[last])
            .orElseThrow(
                () ->
                    new IOException(where + ": the score [" + columns[last] + "] is not a number"));
    Map<String, Double> documents =
        scores.computeIfAbsent(columns[0], any -> new LinkedHashMap<>());
    Double before = documents.put(columns[last - 1], score);
    if (before == null) {
      return true;
    }
    documents.merge(columns[last - 1], before, Math::max);
    return before == score;
  }
}

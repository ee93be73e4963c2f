package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
   * @param notices is told when scores are no grades, since all above 0 count then too, and of a
   *     header of unusual names
   * @throws IOException when a file cannot be read, an id is there twice or no query is answered; a
   *     bad line is named
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
    return data;
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
          read(lines.where(), columns, scores);
        } else if (Arrays.stream(columns).noneMatch(DelimitedTexts::isIds)
            && !ColumnNames.LABELS.contains(columns[columns.length - 1])) {
          notices.accept(
              "%s: read as the names of the columns, %s, since the last is no number: mend it if it is a judgement"
                  .formatted(lines.where(), List.of(columns)));
        }
      }
    }
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

  private static void read(String where, String[] columns, Map<String, Map<String, Double>> scores)
      throws IOException {
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
    if (score > 0) {
      documents.merge(columns[last - 1], score, Math::max);
    }
  }
}

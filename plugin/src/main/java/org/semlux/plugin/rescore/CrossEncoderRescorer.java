package org.semlux.plugin.rescore;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.search.rescore.RescoreContext;
import org.elasticsearch.search.rescore.Rescorer;
import org.elasticsearch.tasks.TaskCancelledException;
import org.semlux.encoders.api.PairScore;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.ingest.deployed.HeldModels;

/**
 * Scores a shard's window in one request to the model.
 *
 * <p>Elasticsearch gives a rescorer no asynchronous hook: it blocks the search thread that the
 * shard's query runs on until the scores are there. That is bounded three times over: by {@value
 * Reranking#MAX_WINDOW} pairs, by {@link #DEADLINE}, and by the search's own timeout and
 * cancellation, which are looked at every {@value #CHECK_MILLIS} ms; what has not run by then is
 * dropped from the encoder's queue.
 */
final class CrossEncoderRescorer implements Rescorer {
  /** After which a shard gives up: 408. */
  static final Duration DEADLINE = Duration.ofSeconds(60);

  private static final int CHECK_MILLIS = 20;

  private final EncoderSource encoders;
  private final Reranking reranking;
  private final ScoreWeights weights;
  private final DocumentFields documents;

  CrossEncoderRescorer(
      EncoderSource encoders, Reranking reranking, ScoreWeights weights, DocumentFields documents) {
    this.encoders = encoders;
    this.reranking = reranking;
    this.weights = weights;
    this.documents = documents;
  }

  /**
   * The window in its new order, then all other hits in their old one: their scores are cut to the
   * window's lowest, so that none overtakes a document that the model has read.
   */
  @Override
  public TopDocs rescore(TopDocs hits, IndexSearcher searcher, RescoreContext context)
      throws IOException {
    ScoreDoc[] docs = hits.scoreDocs;
    int window = Math.min(docs.length, context.getWindowSize());
    if (window == 0) {
      return hits;
    }
    int[] ids = Arrays.stream(docs, 0, window).mapToInt(doc -> doc.doc).toArray();
    Map<Integer, Float> scores = score(ids, searcher, context);
    for (int i = 0; i < window; i++) {
      Float score = scores.get(docs[i].doc);
      docs[i].score =
          score == null ? weights.query() * docs[i].score : weights.combine(docs[i].score, score);
    }
    Arrays.sort(docs, 0, window, SCORE_DOC_COMPARATOR);
    float lowest = docs[window - 1].score;
    for (int i = window; i < docs.length; i++) {
      docs[i].score = Math.min(lowest, weights.query() * docs[i].score);
    }
    context.setRescoredDocs(scores.keySet());
    return hits;
  }

  /** Scores of the documents that have text, by their number. */
  private Map<Integer, Float> score(int[] ids, IndexSearcher searcher, RescoreContext context)
      throws IOException {
    List<Integer> read = new ArrayList<>();
    List<RerankedDocument> found = new ArrayList<>();
    List<PairScore> answers;
    try (HeldModels models = new HeldModels(encoders)) { // who compares vectors has made them
      documents.read(
          searcher,
          ids,
          (id, values) -> {
            context.checkCancellation();
            RerankedDocument document =
                reranking.document(models, name -> values.getOrDefault(name, List.of()));
            if (!document.isEmpty()) {
              read.add(id);
              found.add(document);
            }
          });
      answers = await(models, found, context);
    }
    Map<Integer, Float> scores = new HashMap<>();
    for (int i = 0; i < answers.size(); i++) {
      scores.put(read.get(i), answers.get(i).score());
    }
    return scores;
  }

  private List<PairScore> await(
      HeldModels models, List<RerankedDocument> found, RescoreContext context) {
    Optional<Instant> deadline = Optional.of(Instant.now().plus(DEADLINE));
    PlainActionFuture<List<PairScore>> scores = new PlainActionFuture<>();
    // This thread waits for the answer, so nobody's context has to be carried along.
    ThreadContext unused = new ThreadContext(Settings.EMPTY);
    Runnable cancel = reranking.score(models, found, deadline, unused, scores);
    try {
      while (true) {
        try {
          return scores.get(CHECK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          context.checkCancellation();
        }
      }
    } catch (ExecutionException e) {
      throw ExceptionsHelper.convertToRuntime((Exception) e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TaskCancelledException("interrupted while a cross-encoder scored");
    } finally {
      cancel.run();
    }
  }

  /**
   * Asks the model again for this one document: fetching knows nothing of the query's scores. The
   * model may be another by now, of which the document has no vectors.
   */
  @Override
  public Explanation explain(
      int document, IndexSearcher searcher, RescoreContext context, Explanation first)
      throws IOException {
    if (first == null || !first.isMatch()) {
      return Explanation.noMatch("nothing matched");
    }
    float value = first.getValue().floatValue();
    Explanation weighted =
        Explanation.match(
            weights.query() * value,
            "product of:",
            first,
            Explanation.match(weights.query(), "query_weight"));
    Float score =
        context.isRescored(document)
            ? score(new int[] {document}, searcher, context).get(document)
            : null;
    if (score == null) {
      return Explanation.match(
          weighted.getValue(),
          "not scored by model [%s]: beyond the window of %s, or without text in [%s] or this model's vectors"
              .formatted(reranking.modelId(), context.getWindowSize(), reranking.field()),
          weighted);
    }
    Explanation rescored =
        Explanation.match(
            weights.rescoreQuery() * score,
            "product of:",
            Explanation.match(
                score,
                "score of model [%s] for the query and [%s]"
                    .formatted(reranking.modelId(), reranking.field())),
            Explanation.match(weights.rescoreQuery(), "rescore_query_weight"));
    return Explanation.match(
        weights.combine(value, score), weights.mode() + " of:", weighted, rescored);
  }
}

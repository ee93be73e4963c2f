package org.semlux.plugin.retriever;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.fetch.subphase.highlight.HighlightField;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.xcontent.Text;
import org.semlux.encoders.api.PairScore;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.ingest.deployed.HeldModels;
import org.semlux.plugin.rescore.RerankedDocument;
import org.semlux.plugin.rescore.Reranking;
import org.semlux.plugin.search.RunningSearch;

/**
 * One pass of a model over a window of hits: all its pairs are one request, which the encoder packs
 * into batches and which ends with the search that it is for.
 *
 * @param raw whether the model's scores count before their last activation
 * @param minScore what documents must reach at least by the model's own score, if anything
 * @param readsChunks whether hits come with the best chunks of their text, as highlights
 */
record RerankPass(
    EncoderSource encoders,
    Reranking reranking,
    boolean raw,
    Optional<Float> minScore,
    boolean readsChunks) {
  /** A hit of the window, with its rank there and the parts of it of which the best one counts. */
  private record Candidate(int rank, RankDoc doc, List<RerankedDocument> parts) {}

  /** A part and what it scored. */
  private record Scored(RerankedDocument part, PairScore pair) {}

  /**
   * Scores a window and returns at once.
   *
   * @param hits with the fields to be read; not used any more after the return
   * @param places of the hits, in their order
   * @param listener gets the documents, best first; may run on an encoder's callback thread, under
   *     the caller's thread context
   */
  void rank(
      SearchHit[] hits,
      RankDoc[] places,
      ThreadContext context,
      ActionListener<RankDoc[]> listener) {
    HeldModels models = new HeldModels(encoders); // kept vectors are compared by who made them
    List<Candidate> candidates = new ArrayList<>(hits.length);
    for (int i = 0; i < hits.length; i++) {
      candidates.add(new Candidate(i + 1, places[i], parts(hits[i], models)));
    }
    List<Candidate> read = candidates.stream().filter(c -> !c.parts.isEmpty()).toList();
    List<Candidate> silent = candidates.stream().filter(c -> c.parts.isEmpty()).toList();
    boolean hasChunks = readsChunks && Arrays.stream(hits).flatMap(this::chunks).count() > 0;
    if (hasChunks && read.isEmpty()) {
      listener.onFailure(lost());
      return;
    }
    Optional<RunningSearch> search = RunningSearch.of(context);
    Runnable cancel =
        reranking.score(
            models,
            read.stream().flatMap(c -> c.parts.stream()).toList(),
            search.flatMap(RunningSearch::deadline),
            context,
            ActionListener.releaseBefore(
                models, listener.map(scores -> ranked(read, scores, silent))));
    search.ifPresent(running -> running.task().addListener(cancel::run));
  }

  private List<RerankedDocument> parts(SearchHit hit, EncoderSource models) {
    Stream<RerankedDocument> parts =
        readsChunks
            ? chunks(hit).map(text -> new RerankedDocument(text, List.of()))
            : Stream.of(reranking.document(models, field -> HitText.values(hit, field)));
    return parts.filter(part -> !part.isEmpty()).toList();
  }

  /** The texts of a hit's best chunks, empty where its source no longer holds them. */
  private Stream<String> chunks(SearchHit hit) {
    HighlightField best = hit.getHighlightFields().get(reranking.field());
    return best == null ? Stream.empty() : Arrays.stream(best.fragments()).map(Text::string);
  }

  /** A window of which nothing can be read is not ranked: its order would be the one before. */
  private IllegalArgumentException lost() {
    return new IllegalArgumentException(
        "[chunks] of [%s] cannot be read: [_source] leaves out the texts that they are places of, or hides them from you; name a [field] whose texts are there"
            .formatted(reranking.field()));
  }

  /**
   * Best score first, of equals the better rank before; then what has no text, in its old order,
   * unless a least score is asked for.
   */
  private RankDoc[] ranked(List<Candidate> read, List<PairScore> scores, List<Candidate> silent) {
    // Lucene takes no negative scores. A model without an activation gives its raw ones.
    boolean unbounded = raw || scores.stream().allMatch(s -> s.scores()[0] == s.raw()[0]);
    List<RerankedDoc> docs = new ArrayList<>(read.size() + silent.size());
    Iterator<PairScore> next = scores.iterator();
    for (Candidate candidate : read) {
      Scored best =
          candidate.parts.stream().map(part -> new Scored(part, next.next())).toList().stream()
              .max(Comparator.comparing(scored -> score(scored.pair)))
              .get();
      float score = score(best.pair);
      if (minScore.isEmpty() || score >= minScore.get()) {
        docs.add(doc(candidate, unbounded ? positive(score) : score, Optional.of(score), best));
      }
    }
    docs.sort(
        Comparator.comparing((RerankedDoc doc) -> doc.origin().score().get())
            .reversed()
            .thenComparing(doc -> doc.origin().before()));
    if (minScore.isEmpty()) {
      silent.forEach(c -> docs.add(doc(c, 0, Optional.empty(), null)));
    }
    RankDoc[] order = docs.toArray(RankDoc[]::new);
    Ranking.number(order);
    return order;
  }

  private float score(PairScore pair) {
    return raw ? pair.raw()[0] : pair.score();
  }

  private RerankedDoc doc(Candidate from, float shown, Optional<Float> score, Scored best) {
    Optional<Passage> passage =
        Optional.ofNullable(best)
            .filter(scored -> readsChunks || !scored.pair.window().isWhole())
            .map(scored -> new Passage(reranking.field(), part(scored)));
    String read =
        "model [%s] for the query and [%s]".formatted(reranking.modelId(), reranking.field());
    return new RerankedDoc(
        from.doc.doc,
        from.doc.shardIndex,
        shown,
        new RerankedDoc.Origin(read, from.rank, score, passage));
  }

  private static String part(Scored scored) {
    return scored.pair.window().isWhole()
        ? scored.part.text()
        : scored.pair.window().of(scored.part.text());
  }

  /** Keeps the order of all numbers: e<sup>x</sup> below 0, 1 + x from there on. */
  static float positive(float score) {
    return score < 0 ? (float) Math.exp(score) : 1 + score;
  }
}

package org.semlux.encoders.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a caller wants scored. Cancel it by cancelling the future that {@code submit} returned: work
 * that was cancelled or has expired is dropped before it runs.
 *
 * {@snippet lang=java :
 * ScoreRequest request =
 *     ScoreRequest.of("Who plays?", List.of("A man plays."))
 *         .withLongTexts(ScoreRequest.LongTexts.WINDOWS)
 *         .withDeadline(Instant.now().plusSeconds(2));
 * try (PairScorer scorer = PairScorer.load(Path.of("reranker"), EncoderOptions.defaults())) {
 *   PairScore score = scorer.submit(request).join().get(0);
 *   String read = score.window().of("A man plays."); // what the best score was given for
 * }
 * }
 *
 * @param pairs the pairs, in the order of the answers; an empty text is fine
 * @param longTexts what becomes of a pair that does not fit into the model's window
 * @param priority who waits for it
 * @param deadline after which nobody needs the answer
 */
public record ScoreRequest(
    List<TextPair> pairs, LongTexts longTexts, Priority priority, Optional<Instant> deadline) {
  /** What becomes of a pair that does not fit. */
  public enum LongTexts {
    /** The end of the longer text is not read, as in the reference. */
    TRUNCATE,
    /**
     * The second text is read in overlapping windows, each with the whole first text; the largest
     * score counts, and {@link PairScore#window()} tells where it was found. Of a text of more than
     * 64 windows the rest is not read.
     */
    WINDOWS
  }

  public ScoreRequest {
    pairs = List.copyOf(pairs);
  }

  /** Pairs that somebody waits for, without deadline. */
  public static ScoreRequest of(List<TextPair> pairs) {
    return new ScoreRequest(pairs, LongTexts.TRUNCATE, Priority.RERANK, Optional.empty());
  }

  /** One query against many texts. */
  public static ScoreRequest of(String query, List<String> texts) {
    return of(texts.stream().map(text -> new TextPair(query, text)).toList());
  }

  public ScoreRequest withPairs(List<TextPair> other) {
    return new ScoreRequest(other, longTexts, priority, deadline);
  }

  public ScoreRequest withLongTexts(LongTexts other) {
    return new ScoreRequest(pairs, other, priority, deadline);
  }

  public ScoreRequest withPriority(Priority other) {
    return new ScoreRequest(pairs, longTexts, other, deadline);
  }

  public ScoreRequest withDeadline(Instant instant) {
    return new ScoreRequest(pairs, longTexts, priority, Optional.of(instant));
  }
}

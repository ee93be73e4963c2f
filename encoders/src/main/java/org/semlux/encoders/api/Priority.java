package org.semlux.encoders.api;

/**
 * Who waits for an encoding, the most urgent first. Where all wait, searches get six parts of the
 * threads' time, reranking two, documents one; while searches come, some threads are theirs alone.
 *
 * {@snippet lang=java :
 * EncodeRequest documents = EncodeRequest.of(List.of("A man plays.")); // INGEST
 * EncodeRequest query = EncodeRequest.of(List.of("Who plays?")).withPriority(Priority.SEARCH);
 * ScoreRequest hits = ScoreRequest.of("Who plays?", List.of("A man plays.")); // RERANK
 * }
 */
public enum Priority {
  /** Somebody waits for the answer, to one text or a few. */
  SEARCH,
  /** Somebody waits for the answers to many at once, such as the passages of a reranking. */
  RERANK,
  /** Documents on their way into an index. */
  INGEST
}

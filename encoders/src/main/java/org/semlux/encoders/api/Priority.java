package org.semlux.encoders.api;

/**
 * Who waits for an encoding, the most urgent first. While searches come, some threads are theirs
 * alone; of the rest, reranking gets two turns where documents get one.
 */
public enum Priority {
  /** Somebody waits for the answer, to one text or a few. */
  SEARCH,
  /** Somebody waits for the answers to many at once, such as the passages of a reranking. */
  RERANK,
  /** Documents on their way into an index. */
  INGEST
}

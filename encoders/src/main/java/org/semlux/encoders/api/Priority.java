package org.semlux.encoders.api;

/** Who waits for an encoding. A worker takes all waiting searches before any document. */
public enum Priority {
  /** Somebody waits for the answer. */
  SEARCH,
  /** Documents on their way into an index. */
  INGEST
}

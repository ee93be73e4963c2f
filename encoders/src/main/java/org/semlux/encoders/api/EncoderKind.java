package org.semlux.encoders.api;

import java.util.Locale;

/** What an encoder makes of a text. */
public enum EncoderKind {
  /** One vector of fixed dimensions. */
  DENSE,
  /** Weights of vocabulary terms (SPLADE). */
  SPARSE,
  /** Scores of text pairs. */
  CROSS,
  /** A vector a token, compared by {@link MaxSim}: late interaction (ColBERT). */
  MULTI_VECTOR;

  /** The name that the REST API shows. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

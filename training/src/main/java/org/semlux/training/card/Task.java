package org.semlux.training.card;

import java.util.Locale;
import org.semlux.encoders.api.EncoderKind;

/** What a model is trained to be. */
public enum Task {
  /** A text to a dense vector. */
  BI_ENCODER,
  /** A text to weights of the vocabulary's terms. */
  SPARSE_ENCODER,
  /** Two texts to a score. */
  CROSS_ENCODER,
  /** A text to a vector of each of its tokens. */
  MULTI_VECTOR_ENCODER;

  /** What the model is. */
  public EncoderKind kind() {
    return switch (this) {
      case BI_ENCODER -> EncoderKind.DENSE;
      case SPARSE_ENCODER -> EncoderKind.SPARSE;
      case CROSS_ENCODER -> EncoderKind.CROSS;
      case MULTI_VECTOR_ENCODER -> EncoderKind.MULTI_VECTOR;
    };
  }

  /** What hubs call models of its kind, their {@code pipeline_tag}. */
  public String pipeline() {
    return switch (this) {
      case BI_ENCODER -> "sentence-similarity";
      case SPARSE_ENCODER, MULTI_VECTOR_ENCODER -> "feature-extraction";
      case CROSS_ENCODER -> "text-ranking";
    };
  }

  /** As options and files name it, such as {@code bi-encoder}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

package org.semlux.training.train;

import java.util.Locale;

/** How the learning rate changes over the steps, as Hugging Face's schedulers of these names. */
public enum Schedule {
  /** Up to the full rate over the warm-up, then down to 0. */
  LINEAR,
  /** Up to the full rate over the warm-up, then down to 0 along half a cosine. */
  COSINE,
  /** The full rate throughout. */
  CONSTANT,
  /** Up to the full rate over the warm-up, then that. */
  CONSTANT_WITH_WARMUP;

  /**
   * The share of the full rate.
   *
   * @param step from 0
   * @param warmup steps of warm-up
   * @param total all steps
   */
  double factor(long step, long warmup, long total) {
    if (this == CONSTANT) {
      return 1;
    }
    if (step < warmup) {
      return (double) step / Math.max(1, warmup);
    }
    double left = (double) (total - step) / Math.max(1, total - warmup);
    return switch (this) {
      case LINEAR -> Math.max(0, left);
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (1 - left))));
      case CONSTANT, CONSTANT_WITH_WARMUP -> 1;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

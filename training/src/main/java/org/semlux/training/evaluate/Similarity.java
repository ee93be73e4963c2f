package org.semlux.training.evaluate;

import java.util.Locale;

/** How alike two vectors are: the larger, the more alike. Distances are therefore negated. */
public enum Similarity {
  /** {@code a·b / (|a| |b|)}, -1 to 1; 0 where a vector is zero. */
  COSINE {
    @Override
    public double of(float[] a, float[] b) {
      return DOT.of(a, b) / (norm(a) * norm(b));
    }
  },
  /** {@code -|a - b|}. */
  EUCLIDEAN {
    @Override
    public double of(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        double difference = (double) a[i] - b[i];
        sum += difference * difference;
      }
      return -Math.sqrt(sum);
    }
  },
  /** {@code -Σ |a_i - b_i|}. */
  MANHATTAN {
    @Override
    public double of(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += Math.abs((double) a[i] - b[i]);
      }
      return -sum;
    }
  },
  /** {@code a·b}. */
  DOT {
    @Override
    public double of(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }
  };

  /** The reference's guard against division by zero. */
  private static final double SMALLEST_NORM = 1e-12;

  /** Both vectors are {@code [dimensions]}. */
  public abstract double of(float[] a, float[] b);

  private static double norm(float[] a) {
    return Math.max(SMALLEST_NORM, Math.sqrt(DOT.of(a, a)));
  }

  /** The name in metrics and files, such as {@code cosine}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

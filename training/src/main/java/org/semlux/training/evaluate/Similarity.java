package org.semlux.training.evaluate;

import java.util.Locale;

/**
 * How alike two vectors are: the larger, the more alike. Distances are therefore negated.
 *
 * {@snippet lang=java :
 * Similarity.COSINE.of(new float[] {3, 4}, new float[] {6, 8}); // 1
 * Similarity.EUCLIDEAN.of(new float[] {3, 4}, new float[] {6, 8}); // -5: distances are negative
 * }
 */
public enum Similarity {
  /** {@code a/|a| · b/|b|} in float32, -1 to 1 but for rounding; 0 where a vector is zero. */
  COSINE {
    @Override
    public double of(float[] a, float[] b) {
      float normA = norm(a);
      float normB = norm(b);
      return Float32Sum.of(a.length, 4, i -> (a[i] / normA) * (b[i] / normB));
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
  static final double SMALLEST_NORM = 1e-12;

  /** Both vectors are {@code [dimensions]}. */
  public abstract double of(float[] a, float[] b);

  /** A vector of length 1 in the same direction, {@code [dimensions]}. */
  static float[] normalized(float[] a) {
    float norm = norm(a);
    float[] unit = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      unit[i] = a[i] / norm;
    }
    return unit;
  }

  private static float norm(float[] a) {
    float squares = Float32Sum.of(a.length, 1, i -> a[i] * a[i]);
    return Math.max((float) SMALLEST_NORM, (float) Math.sqrt(squares));
  }

  /** The name in metrics and files, such as {@code cosine}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

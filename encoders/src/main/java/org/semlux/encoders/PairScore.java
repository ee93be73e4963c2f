package org.semlux.encoders;

import java.util.Arrays;

/**
 * How well two texts match. Both arrays are owned by the receiver and hold one float32 number a
 * label, in the order of {@link EncoderInfo#labels()}.
 *
 * @param scores after the model's last activation
 * @param raw before it
 */
public record PairScore(float[] scores, float[] raw) {
  /** The score of a model with one label; the first one of others. */
  public float score() {
    return scores[0];
  }

  /** Label by label the larger number of two. */
  PairScore max(PairScore other) {
    return new PairScore(max(scores, other.scores), max(raw, other.raw));
  }

  private static float[] max(float[] a, float[] b) {
    float[] larger = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      larger[i] = Math.max(a[i], b[i]);
    }
    return larger;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PairScore that
        && Arrays.equals(scores, that.scores)
        && Arrays.equals(raw, that.raw);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(scores) + Arrays.hashCode(raw);
  }

  @Override
  public String toString() {
    return "PairScore[scores=" + Arrays.toString(scores) + ", raw=" + Arrays.toString(raw) + "]";
  }
}

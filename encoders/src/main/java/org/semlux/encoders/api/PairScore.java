package org.semlux.encoders.api;

import java.util.Arrays;
import java.util.Objects;

/**
 * How well two texts match. The arrays are shared by equal pairs of a request, so only to be read,
 * and hold one float32 number a label, in the order of {@link EncoderInfo#labels()}.
 *
 * {@snippet lang=java :
 * PairScore first = new PairScore(new float[] {.9f}, new float[] {2.2f});
 * PairScore second = new PairScore(new float[] {.5f}, new float[] {0});
 * first.max(second).score(); // .9
 * }
 *
 * @param scores after the model's last activation
 * @param raw before it
 * @param window what was read of the second text for the best score, where it was read in windows;
 *     else {@link TextSpan#WHOLE}
 */
public record PairScore(float[] scores, float[] raw, TextSpan window) {
  public PairScore(float[] scores, float[] raw) {
    this(scores, raw, TextSpan.WHOLE);
  }

  /** The score of a model with one label; the first one of others. */
  public float score() {
    return scores[0];
  }

  /**
   * Label by label the larger number of two; the window is where the first label is larger, of
   * equals the earlier one.
   */
  public PairScore max(PairScore other) {
    int order = Float.compare(raw[0], other.raw[0]);
    boolean mine = order > 0 || (order == 0 && window.from() <= other.window.from());
    return new PairScore(
        max(scores, other.scores), max(raw, other.raw), mine ? window : other.window);
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
        && Arrays.equals(raw, that.raw)
        && window.equals(that.window);
  }

  @Override
  public int hashCode() {
    return Objects.hash(Arrays.hashCode(scores), Arrays.hashCode(raw), window);
  }

  @Override
  public String toString() {
    return "PairScore[scores=%s, raw=%s, window=%s]"
        .formatted(Arrays.toString(scores), Arrays.toString(raw), window);
  }
}

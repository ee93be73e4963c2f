package org.semlux.encoders.api;

import java.util.Arrays;

/**
 * A text as a point in space.
 *
 * @param values {@code [dimensions]} float32; owned by the receiver, shared with nobody
 */
public record DenseVector(float[] values) implements Encoding {
  public int dimensions() {
    return values.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DenseVector that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "DenseVector" + Arrays.toString(values);
  }
}

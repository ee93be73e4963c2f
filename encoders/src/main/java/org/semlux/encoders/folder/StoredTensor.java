package org.semlux.encoders.folder;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A tensor in a file.
 *
 * @param shape outermost dimension first; empty for a scalar
 * @param data the numbers, little-endian and row by row: a read-only view of the mapped file, so
 *     that reading costs no heap. Each call of {@link #data()} gives a view of its own
 */
public record StoredTensor(String name, Dtype dtype, long[] shape, ByteBuffer data) {
  public StoredTensor {
    long expected = Math.multiplyExact(elements(shape), dtype.bytes());
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "tensor %s of shape %s takes %d bytes, %d are stored"
              .formatted(name, Arrays.toString(shape), expected, data.remaining()));
    }
  }

  @Override
  public ByteBuffer data() {
    return data.duplicate().order(data.order());
  }

  /** How many numbers it holds. */
  public long elements() {
    return elements(shape);
  }

  static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }
}

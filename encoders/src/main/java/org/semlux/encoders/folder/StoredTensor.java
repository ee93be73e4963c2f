package org.semlux.encoders.folder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  /** A float32 tensor of numbers that Java made. */
  public static StoredTensor ofFloats(String name, float[] numbers, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.multiplyExact(numbers.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(numbers);
    return new StoredTensor(name, Dtype.F32, shape, data.asReadOnlyBuffer().order(data.order()));
  }

  /** Some of its rows, along the first dimension: a view of the same memory. */
  public StoredTensor rows(long from, long to) {
    long[] part = shape.clone();
    part[0] = to - from;
    long rowBytes = elements() / shape[0] * dtype.bytes();
    int start = Math.toIntExact(data.position() + from * rowBytes);
    int length = Math.toIntExact((to - from) * rowBytes);
    return new StoredTensor(name, dtype, part, data.slice(start, length).order(data.order()));
  }

  /**
   * Its numbers, for small tensors that Java computes with.
   *
   * @throws IllegalArgumentException when it does not hold floats
   */
  public float[] toFloats() {
    ByteBuffer from = data();
    float[] floats = new float[Math.toIntExact(elements())];
    for (int i = 0; i < floats.length; i++) {
      floats[i] =
          switch (dtype) {
            case F64 -> (float) from.getDouble();
            case F32 -> from.getFloat();
            case F16 -> Float.float16ToFloat(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << Short.SIZE);
            default -> throw new IllegalArgumentException(name + " holds " + dtype);
          };
    }
    return floats;
  }

  /** How many numbers it holds. */
  public long elements() {
    return elements(shape);
  }

  /** Whether numbers of this type and shape take so many bytes; a size that overflows does not. */
  public static boolean takes(Dtype dtype, long[] shape, long bytes) {
    try {
      return Math.multiplyExact(elements(shape), dtype.bytes()) == bytes;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  public static long elements(long[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }
}

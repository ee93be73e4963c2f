package org.semlux.encoders.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in a file or in memory, little-endian and row by row. What is only asked for its shape
 * costs nothing; {@link #read} copies its numbers, {@link #data} maps them. Thread-safe.
 *
 * {@snippet lang=java :
 * StoredTensor tensor = StoredTensor.ofFloats("weight", new float[] {1, 2, 3, 4}, 2, 2);
 * tensor.bytes(); // 16
 * tensor.rows(1, 2).toFloats(); // {3, 4}, of shape {1, 2}
 * }
 */
public final class StoredTensor {
  /** Where a tensor's bytes are. */
  interface Content {
    /** A little-endian view of all bytes; of a file, of its mapping. */
    ByteBuffer view() throws IOException;

    /** Fills a buffer with the bytes from a place on. */
    void read(long from, ByteBuffer into) throws IOException;

    /** Equal for the same bytes of the same file. */
    default Object place() {
      return new Object();
    }
  }

  /**
   * Bytes that are in memory already.
   *
   * @param bytes nobody moves its position
   */
  private record InMemory(ByteBuffer bytes) implements Content {
    @Override
    public ByteBuffer view() {
      return bytes.duplicate().order(bytes.order());
    }

    @Override
    public void read(long from, ByteBuffer into) {
      into.put(bytes.slice(bytes.position() + Math.toIntExact(from), into.remaining()));
    }
  }

  private final String name;
  private final Dtype dtype;
  private final long[] shape;
  private final Content content;
  private final long first; // byte of the content

  private StoredTensor(String name, Dtype dtype, long[] shape, Content content, long first) {
    this.name = name;
    this.dtype = dtype;
    this.shape = shape;
    this.content = content;
    this.first = first;
  }

  /** A tensor whose content has as many bytes as the shape takes. */
  StoredTensor(String name, Dtype dtype, long[] shape, Content content) {
    this(name, dtype, shape, content, 0);
  }

  /**
   * A tensor in memory.
   *
   * @param shape outermost dimension first; empty for a scalar
   * @param data the numbers; kept, not copied
   */
  public StoredTensor(String name, Dtype dtype, long[] shape, ByteBuffer data) {
    this(name, dtype, shape, new InMemory(data.duplicate().order(data.order())), 0);
    long expected = Math.multiplyExact(elements(shape), dtype.bytes());
    if (data.remaining() != expected) {
      throw new IllegalArgumentException(
          "tensor %s of shape %s takes %s bytes, %s are stored"
              .formatted(name, Arrays.toString(shape), expected, data.remaining()));
    }
  }

  /** A float32 tensor of numbers that Java made. */
  public static StoredTensor ofFloats(String name, float[] numbers, long... shape) {
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.multiplyExact(numbers.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(numbers);
    return new StoredTensor(name, Dtype.F32, shape, data.asReadOnlyBuffer().order(data.order()));
  }

  public String name() {
    return name;
  }

  public Dtype dtype() {
    return dtype;
  }

  /** Outermost dimension first; empty for a scalar. */
  public long[] shape() {
    return shape;
  }

  /**
   * A read-only view of the numbers, each call one of its own. Of a file it is a mapping, which
   * costs no heap and is undone when nothing refers to it any more.
   *
   * @throws UncheckedIOException when the file cannot be read
   */
  public ByteBuffer data() {
    try {
      ByteBuffer all = content.view();
      int start = all.position() + Math.toIntExact(first);
      return all.slice(start, Math.toIntExact(bytes())).order(all.order());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Copies bytes of the numbers, as many as there is room for; nothing is mapped.
   *
   * @param from the first byte
   * @throws UncheckedIOException when the file cannot be read
   */
  public void read(long from, ByteBuffer into) {
    if (from + into.remaining() > bytes()) {
      throw new IllegalArgumentException(name + " ends at byte " + bytes());
    }
    try {
      content.read(first + from, into);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Where its content stands: equal for what is one and the same tensor in a file, whoever opened
   * that. One in memory equals none.
   */
  public Object place() {
    return content.place();
  }

  /** Some of its rows, along the first dimension: a view of the same content. */
  public StoredTensor rows(long from, long to) {
    long[] part = shape.clone();
    part[0] = to - from;
    long rowBytes = elements() / shape[0] * dtype.bytes();
    return new StoredTensor(name, dtype, part, content, first + from * rowBytes);
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

  /** How many bytes they take. */
  public long bytes() {
    return elements() * dtype.bytes();
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

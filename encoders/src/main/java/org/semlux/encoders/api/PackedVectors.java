package org.semlux.encoders.api;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Token vectors as documents keep them, eight bits a number. The bytes, all big-endian:
 *
 * <ol>
 *   <li>two bytes {@code 53 56} (SV), a version, 1, and an unused 0;
 *   <li>four bytes of a number that tells which model made them;
 *   <li>two bytes: dimensions;
 *   <li>for each token a float32 step, then a signed byte from -127 to 127 for each dimension: a
 *       number is its byte times the step, which is the token's largest magnitude by 127.
 * </ol>
 *
 * <p>So a number is off by half a step at most. Tokens follow to the end; 128 dimensions take 132
 * bytes a token.
 *
 * {@snippet lang=java :
 * TokenVectors vectors = new TokenVectors(new float[40][128]);
 * byte[] packed = new PackedVectors(7, vectors).toBytes(); // 10 + 40 * 132 bytes
 * PackedVectors read = PackedVectors.of(packed).orElseThrow();
 * read.model(); // 7
 * }
 *
 * @param model tells models apart, not what they are
 */
public record PackedVectors(int model, TokenVectors vectors) {
  private static final short MAGIC = 0x5356;
  private static final byte VERSION = 1;
  private static final int HEADER = 10;
  private static final int LEVELS = 127;

  /** The vectors as bytes. */
  public byte[] toBytes() {
    float[][] rows = vectors.vectors();
    int dimensions = rows.length == 0 ? 0 : rows[0].length;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.addExact(HEADER, Math.multiplyExact(rows.length, 4 + dimensions)));
    bytes.putShort(MAGIC).put(VERSION).put((byte) 0).putInt(model).putShort((short) dimensions);
    for (float[] row : rows) {
      float largest = 0;
      for (float number : row) {
        largest = Math.max(largest, Math.abs(number));
      }
      float step = largest / LEVELS;
      bytes.putFloat(step);
      for (float number : row) {
        // A step so small that it is no number any more stands for nothing but zeros.
        bytes.put((byte) (step == 0 ? 0 : Math.clamp(Math.round(number / step), -LEVELS, LEVELS)));
      }
    }
    return bytes.array();
  }

  /** What bytes hold; empty where they are none that {@link #toBytes} wrote. */
  public static Optional<PackedVectors> of(byte[] packed) {
    ByteBuffer bytes = ByteBuffer.wrap(packed);
    if (packed.length < HEADER
        || bytes.getShort() != MAGIC
        || bytes.get() != VERSION
        || bytes.get() != 0) {
      return Optional.empty();
    }
    int model = bytes.getInt();
    int dimensions = Short.toUnsignedInt(bytes.getShort());
    if (dimensions == 0 ? bytes.hasRemaining() : bytes.remaining() % (4 + dimensions) != 0) {
      return Optional.empty();
    }
    float[][] rows = new float[dimensions == 0 ? 0 : bytes.remaining() / (4 + dimensions)][];
    for (int t = 0; t < rows.length; t++) {
      float step = bytes.getFloat();
      rows[t] = new float[dimensions];
      for (int d = 0; d < dimensions; d++) {
        rows[t][d] = step * bytes.get();
      }
      if (!Float.isFinite(step)) {
        return Optional.empty();
      }
    }
    return Optional.of(new PackedVectors(model, new TokenVectors(rows)));
  }
}

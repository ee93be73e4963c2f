package org.semlux.encoders.program;

import java.util.Locale;
import org.semlux.encoders.api.Precision;

/**
 * PyTorch's types of a tensor's numbers. Fragments name them, as in {@code torch.to(x,
 * ${float32})}; the compiler takes their codes.
 */
public enum ScalarType {
  UINT8(0),
  INT8(1),
  INT16(2),
  INT32(3),
  INT64(4),
  FLOAT16(5),
  FLOAT32(6),
  FLOAT64(7),
  BFLOAT16(15);

  private final int code;

  ScalarType(int code) {
    this.code = code;
  }

  /**
   * What goes into a precision's products and comes out of them; of 8-bit ones, which round
   * themselves, float32.
   *
   * @param precision one that is served, not AUTO
   */
  public static ScalarType of(Precision precision) {
    return switch (precision) {
      case BFLOAT16 -> BFLOAT16;
      case FLOAT32, INT8 -> FLOAT32;
      case AUTO -> throw new IllegalArgumentException("auto is no type: resolve it first");
    };
  }

  /** The code, as {@code torch.to} takes it. */
  public int code() {
    return code;
  }

  /** The name that fragments write. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

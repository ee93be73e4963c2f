package org.semlux.encoders.program;

import org.semlux.encoders.api.Precision;

/** Which precision this machine multiplies fastest. */
public final class FastestPrecision {
  private FastestPrecision() {}

  /** What {@link Precision#AUTO} means on this CPU; the others are themselves. */
  public static Precision resolve(Precision wanted) {
    if (wanted != Precision.AUTO) {
      return wanted;
    }
    return Torch.multipliesBfloat16() ? Precision.BFLOAT16 : Precision.FLOAT32;
  }
}

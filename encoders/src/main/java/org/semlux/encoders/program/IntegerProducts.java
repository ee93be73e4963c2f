package org.semlux.encoders.program;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;

/**
 * How this machine multiplies integers of eight bits: by oneDNN where it has the operators, with
 * weights as large as the CPU adds up exactly, else by a plain twin.
 *
 * @param fragment {@link #ONEDNN} or {@link #PLAIN}
 * @param levels of a weight to either side of 0
 */
public record IntegerProducts(String fragment, int levels) {
  static final String ONEDNN = "integers-onednn";
  static final String PLAIN = "integers-plain";

  /** All that eight bits hold. */
  static final int FULL = 127;

  /**
   * CPUs without VNNI add two products up in sixteen bits: 2 * 255 * 127 is too much for these, 2 *
   * 255 * 63 is not.
   */
  public static final int HALF = 63;

  /** What is right here, asked once a process. */
  public static IntegerProducts here() {
    return Asked.HERE;
  }

  /** The constants of the fragment. */
  public Map<String, ?> constants() {
    return Map.of("levels", levels);
  }

  private static final class Asked {
    static final IntegerProducts HERE = ask();

    private static IntegerProducts ask() {
      for (int levels : new int[] {FULL, HALF}) {
        IntegerProducts products = new IntegerProducts(ONEDNN, levels);
        if (products.areExact()) {
          return products;
        }
      }
      return new IntegerProducts(PLAIN, FULL);
    }
  }

  /** Whether the largest numbers of both sides are multiplied right, in several sizes. */
  boolean areExact() {
    try (Program program = Program.compile(ProgramText.empty().add(fragment, constants()))) {
      return isExact(program, 1, 16, 16)
          && isExact(program, 7, 72, 40)
          && isExact(program, 130, 384, 96);
    } catch (EngineException e) {
      return false; // an operator is unknown to this PyTorch
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isExact(Program program, int rows, int in, int out) {
    try (NativeScope scope = new NativeScope()) {
      byte[] operand = new byte[rows * (in + 8)];
      byte[] weight = new byte[out * in];
      Arrays.fill(operand, (byte) 255);
      Arrays.fill(weight, (byte) levels);
      float[] scales = new float[out];
      Arrays.fill(scales, 1);
      IValue packed = scope.own(program.run("pack_integers", scope.bytes(weight, true, out, in)));
      IValue x = scope.bytes(operand, false, rows, in + 8);
      float[] y =
          scope.toFloats(scope.own(program.run("multiply", x, packed, scope.floats(scales, out))));
      for (float sum : y) {
        if (sum != 255f * levels * in) {
          return false;
        }
      }
      return y.length == rows * out;
    }
  }
}

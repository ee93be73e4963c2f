package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The fragment that multiplies where models are served: oneDNN's packed products, or their plain
 * twin where this platform's PyTorch lacks them, as on macOS, or this CPU, as one without AVX512
 * lacks bfloat16. Asked once a process.
 */
public final class ServedProducts {
  static final String ONEDNN = "products-onednn";
  static final String PLAIN = "products-plain";

  private static final String PRODUCT =
      """
        def product(self: __torch__.Program, x: Tensor) -> Tensor:
          x0 = torch.to(x, ${compute})
          return (self).linear(x0, (self).pack(x0), None)
      """;

  /** Rows that oneDNN adds up alike, whoever they are with; measured with AVX2: from 81 on. */
  private static final int MANY_ROWS = 96;

  private static final int WIDE = 1_024;

  private static final Map<ScalarType, String> FRAGMENTS = new ConcurrentHashMap<>();

  private ServedProducts() {}

  /** The fragment's name for products in a type; it takes the constants of an activation. */
  public static String fragment(ScalarType type) {
    return FRAGMENTS.computeIfAbsent(type, asked -> packs(asked) ? ONEDNN : PLAIN);
  }

  /** Asked by making one product. */
  private static boolean packs(ScalarType type) {
    Torch.start(); // without its libraries nothing is to be remembered
    Map<String, ?> constants = Map.of("compute", type.code());
    ProgramText text = ProgramText.empty().add(ONEDNN, constants);
    try (Program program = Program.compile(text.append(PRODUCT, constants));
        NativeScope scope = new NativeScope()) {
      scope.own(program.run("product", scope.floats(new float[16 * 16], 16, 16)));
      return true;
    } catch (IllegalStateException e) {
      return false; // the operator is unknown to this PyTorch, or the type to this CPU
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * How many rows a float32 product must have at least so that each comes out the same to the last
   * bit, whatever their number; 0 where any number will do. Asked once a process.
   */
  public static int fewestRows() {
    return FewestRows.HERE;
  }

  private static final class FewestRows {
    static final int HERE = aloneAsAmongMany() ? 0 : MANY_ROWS;

    private static boolean aloneAsAmongMany() {
      if (!fragment(ScalarType.FLOAT32).equals(ONEDNN)) {
        return true;
      }
      Random random = new Random(1);
      float[] rows = gaussian(random, MANY_ROWS * WIDE);
      float[] weight = gaussian(random, 16 * WIDE);
      try (Program program = Program.compile(ProgramText.of(ONEDNN));
          NativeScope scope = new NativeScope()) {
        IValue packed = scope.own(program.run("pack", scope.floats(weight, 16, WIDE)));
        IValue none = scope.floats(new float[16], 16);
        float[] alone =
            scope.toFloats(
                scope.own(
                    program.run(
                        "linear", scope.floats(Arrays.copyOf(rows, WIDE), 1, WIDE), packed, none)));
        float[] together =
            scope.toFloats(
                scope.own(
                    program.run("linear", scope.floats(rows, MANY_ROWS, WIDE), packed, none)));
        return Arrays.equals(alone, Arrays.copyOf(together, alone.length));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static float[] gaussian(Random random, int size) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }
  }
}

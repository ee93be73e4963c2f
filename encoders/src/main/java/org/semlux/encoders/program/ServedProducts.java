package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The fragment that multiplies where models are served: oneDNN's packed products, or their plain
 * twin where this platform's PyTorch lacks them, as on macOS, or this CPU, as one without AVX512
 * lacks bfloat16. Asked once a process.
 *
 * {@snippet lang=java :
 * ServedProducts.fragment(ScalarType.FLOAT32); // "products-onednn", where PyTorch has it
 * ServedProducts.fewestRows(ScalarType.FLOAT32, 384, 1_536); // 0 where there is AVX-512
 * }
 */
public final class ServedProducts {
  static final String ONEDNN = "products-onednn";
  static final String PLAIN = "products-plain";

  static final String PRODUCT =
      """
        def packed(self: __torch__.Program, weight: Tensor) -> Tensor:
          return (self).pack(torch.to(weight, ${compute}))

        def product(self: __torch__.Program, x: Tensor, weight: Tensor) -> Tensor:
          return torch.to((self).linear(torch.to(x, ${compute}), weight, None), ${float32})

        def gated(self: __torch__.Program, x: Tensor, weight: Tensor) -> Tensor:
          return torch.to((self).linear_gated(torch.to(x, ${compute}), weight, None, weight, None), ${float32})
      """;

  /** Both are asked for: an operator of its own multiplies the gate in. */
  private static final List<String> METHODS = List.of("product", "gated");

  /**
   * Rows that oneDNN adds up alike, whoever they are with. Measured in float32 with AVX2: from 81
   * on, where rows have more than 512 numbers; in bfloat16 with AMX: from 17 on, where they have up
   * to 32 or no multiple of 32 (others: any).
   */
  private static final int MANY_ROWS = 96;

  private static final int MANY_ROWS_IN_TILES = 32;

  /** An AMX tile's: fewer rows are multiplied without. */
  private static final int FEW_ROWS = 16;

  /** Float32's: rows are long enough to show how they are added up, and a few columns show it. */
  private static final int WIDE = 1_024;

  private static final int FEW_COLUMNS = 16;

  /** More columns are multiplied as these are. */
  private static final int MANY_COLUMNS = 512;

  private static final Map<ScalarType, String> FRAGMENTS = new ConcurrentHashMap<>();
  private static final Map<Product, Integer> FEWEST_ROWS = new ConcurrentHashMap<>();

  /** What is asked: of rows of so many numbers. */
  private record Product(ScalarType type, int depth, int width) {}

  private ServedProducts() {}

  /** The fragment's name for products in a type; it takes the constants of an activation. */
  public static String fragment(ScalarType type) {
    return FRAGMENTS.computeIfAbsent(type, asked -> packs(asked) ? ONEDNN : PLAIN);
  }

  /** Asked by making one product of each kind. */
  private static boolean packs(ScalarType type) {
    Torch.start(); // without its libraries nothing is to be remembered
    try (Program program = compile(type);
        NativeScope scope = new NativeScope()) {
      IValue square = scope.floats(new float[16 * 16], 16, 16);
      IValue packed = scope.own(program.run("packed", square));
      METHODS.forEach(method -> scope.own(program.run(method, square, packed)));
      return true;
    } catch (IllegalStateException e) {
      return false; // the operator is unknown to this PyTorch, or the type to this CPU
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Program compile(ScalarType type) throws IOException {
    Map<String, ?> constants =
        Map.of("compute", type.code(), "activation", "swish", "activation_algorithm", "");
    return Program.compile(ProgramText.empty().add(ONEDNN, constants).append(PRODUCT, constants));
  }

  /**
   * How many rows a product must have at least so that each row comes out the same to the last bit,
   * whatever their number; 0 where any number will do. Asked by making products, once a process:
   * float32's, which go by the CPU alone, of one size, whatever is asked for.
   *
   * @param depth numbers of a row
   * @param width numbers that become of it
   */
  public static int fewestRows(ScalarType type, long depth, long width) {
    return FEWEST_ROWS.computeIfAbsent(
        type == ScalarType.BFLOAT16
            ? new Product(type, Math.toIntExact(depth), (int) Math.min(width, MANY_COLUMNS))
            : new Product(type, WIDE, FEW_COLUMNS),
        ServedProducts::ask);
  }

  private static int ask(Product product) {
    if (!fragment(product.type).equals(ONEDNN)) {
      return 0;
    }
    int many = product.type == ScalarType.BFLOAT16 ? MANY_ROWS_IN_TILES : MANY_ROWS;
    Random random = new Random(1);
    float[] rows = cancelling(random, many, product.depth, -1);
    float[] weight = cancelling(random, product.width, product.depth, 1);
    try (Program program = compile(product.type);
        NativeScope scope = new NativeScope()) {
      IValue packed =
          scope.own(program.run("packed", scope.floats(weight, product.width, product.depth)));
      for (String method : METHODS) {
        float[] together = run(method, program, scope, rows, many, packed);
        for (int few : new int[] {1, FEW_ROWS}) {
          float[] some = Arrays.copyOf(rows, few * product.depth);
          float[] alone = run(method, program, scope, some, few, packed);
          if (!Arrays.equals(alone, Arrays.copyOf(together, alone.length))) {
            return many;
          }
        }
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] run(
      String method, Program program, NativeScope scope, float[] rows, int count, IValue packed) {
    IValue x = scope.floats(rows, count, rows.length / count);
    return scope.toFloats(scope.own(program.run(method, x, packed)));
  }

  /**
   * Rows whose halves are the same numbers, of many magnitudes: where one operand's second half is
   * the first one turned, nothing is left of their product but what rounding adds, which shows the
   * order of sums at once.
   */
  static float[] cancelling(Random random, int count, int depth, int sign) {
    float[] values = new float[count * depth];
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < depth / 2; i++) {
        float value = Math.scalb(random.nextFloat() - 0.5f, random.nextInt(12));
        values[row * depth + i] = value;
        values[row * depth + depth / 2 + i] = sign * value;
      }
    }
    return values;
  }
}

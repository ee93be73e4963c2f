package org.semlux.encoders.program;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
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
}

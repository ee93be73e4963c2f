package org.semlux.encoders.program;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The fragment that multiplies where models are served: oneDNN's packed products, or their plain
 * twin where this platform's PyTorch lacks them, as on macOS.
 */
public final class ServedProducts {
  static final String ONEDNN = "products-onednn";
  static final String PLAIN = "products-plain";

  private ServedProducts() {}

  /** The fragment's name; it needs the constants of an activation. */
  public static String fragment() {
    return Asked.FRAGMENT;
  }

  /** Asked once a process: by compiling the fragment and packing a weight. */
  private static final class Asked {
    static final String FRAGMENT = works() ? ONEDNN : PLAIN;

    private static boolean works() {
      Map<String, ?> constants = Map.of("activation", "none", "activation_algorithm", "");
      try (Program program = Program.compile(ProgramText.empty().add(ONEDNN, constants));
          NativeScope scope = new NativeScope()) {
        IValue weight = scope.floats(new float[16 * 16], 16, 16);
        scope.own(program.run("pack", weight));
        return true;
      } catch (EngineException e) {
        return false; // the operator is unknown to this PyTorch
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

package org.semlux.encoders.program;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import org.semlux.encoders.api.Precision;

/**
 * The two wide products of a small transformer's layer, between float32 states: on packed weights,
 * as they are served, or forwards and backwards, as they are trained. For one thread.
 */
final class LayerProducts implements FastestPrecision.Products {
  private static final int TOKENS = 128;
  private static final int HIDDEN = 384;
  private static final int INTERMEDIATE = 1_536;

  // x [tokens, hidden], up [intermediate, hidden], down [hidden, intermediate]
  private static final String FORWARD =
      """
        def forward(self: __torch__.Program, x: Tensor, up: Tensor, down: Tensor) -> Tensor:
          inner = (self).linear(torch.to(x, ${compute}), up, None)
          return torch.add(x, (self).linear(inner, down, None))
      """;

  private static final String PACKED =
      """
        def packed(self: __torch__.Program, weight: Tensor) -> Tensor:
          return (self).pack(torch.to(weight, ${compute}))
      """;

  private static final String BACKWARD =
      """
        def backward(self: __torch__.Program, x: Tensor, up: Tensor, down: Tensor) -> Tensor:
          x0 = torch.requires_grad_(torch.detach(x))
          up0 = torch.requires_grad_(torch.detach(up))
          down0 = torch.requires_grad_(torch.detach(down))
          loss = torch.sum(torch.mul((self).forward(x0, up0, down0), x))
          found = torch.autograd.grad([loss], [x0, up0, down0])
          return unchecked_cast(Tensor, found[0])
      """;

  private final NativeScope scope = new NativeScope();
  private final Program program;
  private final Runnable once;

  private LayerProducts(Precision precision, boolean trains) {
    Map<String, Object> constants = Constants.of(precision);
    String products = trains ? "training" : ServedProducts.fragment(ScalarType.of(precision));
    try {
      program =
          Program.compile(
              ProgramText.empty()
                  .add(products, constants)
                  .append(FORWARD + (trains ? BACKWARD : PACKED), constants));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      PtNDArray x = gaussian(TOKENS, HIDDEN);
      PtNDArray up = gaussian(INTERMEDIATE, HIDDEN);
      PtNDArray down = gaussian(HIDDEN, INTERMEDIATE);
      once = trains ? training(x, up, down) : serving(x, up, down);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** As models are served in a precision. */
  static LayerProducts served(Precision precision) {
    return new LayerProducts(precision, false);
  }

  /** As models are trained in a precision; for whoever has training's fragments. */
  static LayerProducts trained(Precision precision) {
    return new LayerProducts(precision, true);
  }

  private Runnable serving(PtNDArray x, PtNDArray up, PtNDArray down) {
    IValue states = scope.own(IValue.from(x));
    IValue packedUp = scope.own(program.run("packed", scope.own(IValue.from(up))));
    IValue packedDown = scope.own(program.run("packed", scope.own(IValue.from(down))));
    return () -> program.run("forward", states, packedUp, packedDown).close();
  }

  private Runnable training(PtNDArray x, PtNDArray up, PtNDArray down) {
    NDList arguments = new NDList(x, up, down);
    return () -> {
      try (NativeScope step = new NativeScope()) {
        program.train("backward", arguments, step);
      }
    };
  }

  private PtNDArray gaussian(int rows, int columns) {
    Random random = new Random(1);
    ByteBuffer numbers =
        ByteBuffer.allocateDirect(rows * columns * Float.BYTES).order(ByteOrder.nativeOrder());
    while (numbers.hasRemaining()) {
      numbers.putFloat((float) random.nextGaussian());
    }
    return scope.array(numbers.flip(), DataType.FLOAT32, rows, columns);
  }

  @Override
  public void run() {
    once.run();
  }

  @Override
  public void close() {
    scope.close();
    program.close();
  }
}

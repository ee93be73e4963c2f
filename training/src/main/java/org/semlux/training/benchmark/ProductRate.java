package org.semlux.training.benchmark;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.Constants;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.encoders.program.IntegerProducts;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.ScalarType;
import org.semlux.encoders.program.ServedProducts;

/**
 * How fast this machine multiplies matrices: the bound that a model's speed is held against. One
 * large product of packed weights on each thread, all threads at once, as models are served.
 *
 * {@snippet lang=java :
 * double gflops = ProductRate.gflops(Precision.FLOAT32, 2); // of two threads together
 * }
 */
public final class ProductRate {
  /** Rows and sides of the product: large enough that only the multiplications count. */
  private static final int SIZE = 1_024;

  private static final double FLOP = 2.0 * SIZE * SIZE * SIZE;
  private static final int ROUNDS = 5;
  private static final double ROUND_SECONDS = 0.1;

  private static final String PRODUCTS =
      """
        def products(self: __torch__.Program, x: Tensor, weight: Tensor, count: int) -> Tensor:
          y = x
          for i in range(count):
            y = (self).linear(x, weight, None)
          return y
      """;

  private static final String INTEGER_PRODUCTS =
      """
        def products(self: __torch__.Program, x: Tensor, weight: Tensor, count: int) -> Tensor:
          scales = torch.ones([torch.size(x, 0)])
          y = scales
          for i in range(count):
            y = (self).multiply(x, weight, scales)
          return y
      """;

  private ProductRate() {}

  /**
   * Measures for about half a second.
   *
   * @param precision of the factors
   * @param threads that multiply at once
   * @return the best round's rate of all threads together in GFLOPS: a multiply-add counts as two
   * @throws IOException when PyTorch cannot compile the program
   */
  public static double gflops(Precision precision, int threads) throws IOException {
    boolean integers = precision == Precision.INT8;
    ProgramText text = integers ? integers() : text(FastestPrecision.SERVING.resolve(precision));
    try (Program program = Program.compile(text);
        NativeScope scope = new NativeScope();
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      IValue x = integers ? bytes(scope, SIZE + 8, false) : operand(program, scope, "bias");
      IValue weight =
          integers
              ? scope.own(program.run("pack_integers", bytes(scope, SIZE, true)))
              : operand(program, scope, "linear");
      round(executor, threads, program, x, weight, 1); // warms up
      double one = round(executor, threads, program, x, weight, 1);
      int count = Math.max(1, (int) (ROUND_SECONDS / one));
      double best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < ROUNDS; i++) {
        best = Math.min(best, round(executor, threads, program, x, weight, count));
      }
      return gflops(threads, count, best);
    }
  }

  /** The rate of so many products on each thread in so many seconds. */
  static double gflops(int threads, int products, double seconds) {
    return threads * products * FLOP / seconds / 1e9;
  }

  private static ProgramText integers() {
    IntegerProducts here = IntegerProducts.here();
    return ProgramText.empty().add(here.fragment(), here.constants()).append(INTEGER_PRODUCTS);
  }

  /** Rows of random integers, at most as large as every CPU multiplies exactly. */
  private static IValue bytes(NativeScope scope, int width, boolean signed) {
    byte[] values = new byte[SIZE * width];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) random.nextInt(IntegerProducts.HALF);
    }
    return scope.bytes(values, signed, SIZE, width);
  }

  private static ProgramText text(Precision precision) {
    Map<String, Object> constants = Constants.of(precision);
    return ProgramText.empty()
        .add(ServedProducts.fragment(ScalarType.of(precision)), constants)
        .add("weights", constants)
        .append(PRODUCTS);
  }

  /** A square of random numbers, prepared as a weight of the given role is. */
  private static IValue operand(Program program, NativeScope scope, String role) {
    float[] values = new float[SIZE * SIZE];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    IValue parts = scope.own(IValue.listFrom(scope.floats(values, SIZE, SIZE)));
    return scope.own(program.run("prepare", parts, scope.own(IValue.from(role))));
  }

  /** Seconds until every thread has made its products. */
  private static double round(
      ExecutorService executor, int threads, Program program, IValue x, IValue weight, int count) {
    Callable<Void> products =
        () -> {
          try (NativeScope scope = new NativeScope()) {
            IValue times = scope.own(IValue.from((long) count));
            scope.own(program.run("products", x, weight, times));
          }
          return null;
        };
    long start = System.nanoTime();
    try {
      List<Future<Void>> all = executor.invokeAll(Collections.nCopies(threads, products));
      for (Future<Void> one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (ExecutionException e) {
      throw new CompletionException(e.getCause());
    }
    return (System.nanoTime() - start) / 1e9;
  }
}

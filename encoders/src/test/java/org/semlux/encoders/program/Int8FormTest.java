package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of eight bits against their formula, number by number. */
class Int8FormTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 8, 8, token_product",
    "2, 7, 40, 24, token_product",
    "3, 33, 384, 96, token_product",
    "4, 130, 72, 33, token_product",
    "5, 1, 200, 16, product_wide",
    "6, 65, 96, 40, product_wide",
  })
  void bothWaysMultiplyAsTheFormulaDoes(int seed, int rows, int in, int out, String method)
      throws IOException {
    Random random = new Random(seed);
    float[] x = gaussian(random, rows * in);
    float[] weight = gaussian(random, out * in);
    float[] bias = gaussian(random, out);
    float[] largest = new float[in];
    for (int i = 0; i < x.length; i++) {
      x[i] *= 1 + 20 * (i % in % 5 / 4); // every fifth channel is large
      largest[i % in] = Math.max(largest[i % in], Math.abs(x[i]));
    }
    for (String fragment : new String[] {IntegerProducts.ONEDNN, IntegerProducts.PLAIN}) {
      int levels = IntegerProducts.here().levels();
      IntegerProducts integers = new IntegerProducts(fragment, levels);
      double[] expected = naive(x, weight, bias, largest, levels, method.equals("product_wide"));
      float[] found = run(integers, x, weight, bias, largest, method);
      assertThat(found).hasSize(expected.length);
      double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      int far = 0;
      for (int i = 0; i < found.length; i++) {
        // A number between two integers may fall to either side, by float32's last digit.
        far += Math.abs(found[i] - expected[i]) > 1e-5 * scale ? 1 : 0;
        assertThat(Math.abs(found[i] - expected[i])).as("number %d", i).isLessThan(2e-2 * scale);
      }
      assertThat(far).isLessThanOrEqualTo(found.length / 10);
    }
  }

  private static float[] run(
      IntegerProducts integers,
      float[] x,
      float[] weight,
      float[] bias,
      float[] largest,
      String method)
      throws IOException {
    Map<String, Object> constants = new HashMap<>(integers.constants());
    constants.put("activated_in_place", "product");
    Int8Form form = new Int8Form(Map.of(0, largest));
    ProgramText text = ProgramText.empty().add(integers.fragment(), constants);
    text.add("weights-int8", constants).add(form.fragment(), constants);
    int in = largest.length;
    try (Program program = Program.compile(text);
        NativeScope scope = new NativeScope()) {
      IValue parts = scope.own(IValue.listFrom(scope.floats(weight, bias.length, in)));
      IValue w =
          scope.own(IValue.listFrom(form.prepare(program, parts, 0, scope).toArray(new IValue[0])));
      IValue place = scope.own(IValue.from(0L));
      return scope.toFloats(
          scope.own(
              program.run(
                  method,
                  scope.floats(x, x.length / in, in),
                  place,
                  scope.floats(bias, bias.length),
                  w)));
    }
  }

  private static double[] naive(
      float[] x, float[] weight, float[] bias, float[] largest, int levels, boolean wide) {
    int in = largest.length;
    int out = bias.length;
    double[] smoothing = smoothing(weight, largest, out);
    double[] y = new double[x.length / in * out];
    for (int row = 0; row < x.length / in; row++) {
      double[] smoothed = new double[in];
      for (int i = 0; i < in; i++) {
        smoothed[i] = x[row * in + i] * smoothing[i];
      }
      double[] operand = rounded(smoothed);
      if (wide) {
        double[] rest = new double[in];
        Arrays.setAll(rest, i -> (float) (smoothed[i] - operand[i]));
        double[] more = rounded(rest);
        Arrays.setAll(operand, i -> operand[i] + more[i]);
      }
      for (int o = 0; o < out; o++) {
        double most = 0;
        for (int i = 0; i < in; i++) {
          most = Math.max(most, Math.abs(weight[o * in + i] / smoothing[i]));
        }
        double step = most / levels;
        double sum = bias[o];
        for (int i = 0; i < in; i++) {
          sum += operand[i] * step * Math.rint(weight[o * in + i] / smoothing[i] / step);
        }
        y[row * out + o] = sum;
      }
    }
    return y;
  }

  /** Square roots of weights by operands, as powers of two. */
  private static double[] smoothing(float[] weight, float[] largest, int out) {
    int in = largest.length;
    double[] most = new double[in];
    for (int i = 0; i < weight.length; i++) {
      most[i % in] = Math.max(most[i % in], Math.abs(weight[i]));
    }
    double[] smoothing = new double[in];
    double least = 1e-3 * Arrays.stream(most).max().orElseThrow();
    double leastOperand = 0;
    for (float one : largest) {
      leastOperand = Math.max(leastOperand, 1e-3 * one);
    }
    for (int i = 0; i < in; i++) {
      double ratio = Math.max(most[i], least) / Math.max(largest[i], leastOperand);
      smoothing[i] = Math.pow(2, Math.rint(Math.log(ratio) / Math.log(2) / 2));
    }
    assertThat(out * in).isEqualTo(weight.length);
    return smoothing;
  }

  /** A row as 256 steps between its smallest and its largest number. */
  private static double[] rounded(double[] row) {
    double min = Arrays.stream(row).min().orElseThrow();
    double step = (Arrays.stream(row).max().orElseThrow() - min) / 255;
    return Arrays.stream(row)
        .map(value -> step == 0 ? value : min + step * Math.rint((value - min) / step))
        .toArray();
  }

  @Test
  void aRowsAnswerDoesNotDependOnItsNeighbours() throws IOException {
    Random random = new Random(9);
    int in = 64;
    float[] weight = gaussian(random, 48 * in);
    float[] bias = gaussian(random, 48);
    float[] x = gaussian(random, 40 * in);
    float[] largest = new float[in];
    Arrays.fill(largest, 3);
    IntegerProducts here = IntegerProducts.here();
    float[] together = run(here, x, weight, bias, largest, "token_product");
    for (int row = 0; row < 40; row++) {
      float[] one = Arrays.copyOfRange(x, row * in, (row + 1) * in);
      assertThat(run(here, one, weight, bias, largest, "token_product"))
          .isEqualTo(Arrays.copyOfRange(together, row * 48, (row + 1) * 48));
    }
  }

  @Test
  void whatIsUsedHereIsExact() {
    assertThat(IntegerProducts.here().areExact()).isTrue();
    assertThat(new IntegerProducts(IntegerProducts.PLAIN, IntegerProducts.FULL).areExact())
        .isTrue();
  }

  private static float[] gaussian(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}

package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.Precision;

/** Products of eight bits against products of doubles and against their formula. */
class Int8FormTest {
  private final Random random = new Random(7);

  /** What such a product loses, and what plain rounding to the nearest would. */
  private record Loss(double found, double nearest) {}

  @ParameterizedTest
  @CsvSource({"1, 8, 8", "7, 40, 24", "33, 384, 96", "130, 72, 33", "65, 800, 40"})
  void bothWaysMultiplyAlike(int rows, int in, int out) throws IOException {
    float[] x = operand(rows, in, 5);
    float[] weight = gaussian(out * in);
    float[] bias = gaussian(out);
    float[] plain = run(IntegerProducts.PLAIN, x, x, weight, bias);
    float[] fast = run(IntegerProducts.ONEDNN, x, x, weight, bias);
    double[] exact = exact(x, weight, bias);

    double scale = Math.sqrt(Arrays.stream(exact).map(y -> y * y).average().orElseThrow());
    for (int i = 0; i < exact.length; i++) {
      assertThat(fast[i]).as("number %d", i).isCloseTo(plain[i], within(1e-4 * scale));
      assertThat(fast[i]).as("number %d", i).isCloseTo((float) exact[i], within(0.05 * scale));
    }
  }

  private static Offset<Float> within(double distance) {
    return Offset.offset((float) distance);
  }

  /** A few channels a hundred times as large as the others cost these nothing. */
  @Test
  void largeChannelsStayExact() throws IOException {
    Loss plain = loss(operand(300, 64, 1), gaussian(48 * 64));
    Loss large = loss(operand(300, 64, 100), gaussian(48 * 64));
    assertThat(large.found()).isLessThan(2 * plain.found());
    assertThat(large.nearest()).isGreaterThan(30 * plain.nearest());
  }

  /** Channels that go along with each other: rounding one makes up for another. */
  @Test
  void roundingMindsWhatGoesTogether() throws IOException {
    int in = 500;
    float[] x = new float[600 * in];
    for (int row = 0; row < 600; row++) {
      float[] few = gaussian(8);
      for (int i = 0; i < in; i++) {
        x[row * in + i] = few[i % 8] + 0.05f * (float) random.nextGaussian();
      }
    }
    Loss loss = loss(x, gaussian(48 * in));
    assertThat(loss.found()).isLessThan(0.7 * loss.nearest());
  }

  private Loss loss(float[] x, float[] weight) throws IOException {
    int in = weight.length / 48;
    float[] bias = new float[48];
    float[] found = run(IntegerProducts.here().fragment(), x, x, weight, bias);
    double[] exact = exact(x, weight, bias);
    double[] nearest = exact(rounded(x, in, true), rounded(weight, in, false), bias);
    return new Loss(distance(doubles(found), exact), distance(nearest, exact));
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum / a.length);
  }

  /** Rows of 256 steps between their smallest and largest number, or of as many as weights have. */
  private static float[] rounded(float[] values, int width, boolean withZeroPoint) {
    float[] rounded = new float[values.length];
    for (int row = 0; row < values.length / width; row++) {
      float smallest = Float.POSITIVE_INFINITY;
      float largest = 0;
      float most = Float.NEGATIVE_INFINITY;
      for (int i = row * width; i < (row + 1) * width; i++) {
        smallest = Math.min(smallest, values[i]);
        most = Math.max(most, values[i]);
        largest = Math.max(largest, Math.abs(values[i]));
      }
      float zero = withZeroPoint ? smallest : 0;
      float step =
          withZeroPoint ? (most - smallest) / 255 : largest / IntegerProducts.here().levels();
      for (int i = row * width; i < (row + 1) * width; i++) {
        rounded[i] = zero + step * (float) Math.rint((values[i] - zero) / step);
      }
    }
    return rounded;
  }

  @Test
  void aRowsAnswerDoesNotDependOnItsNeighbours() throws IOException {
    int in = 64;
    float[] weight = gaussian(48 * in);
    float[] bias = gaussian(48);
    float[] x = operand(40, in, 5);
    String fragment = IntegerProducts.here().fragment();
    float[] together = run(fragment, x, x, weight, bias);
    for (int count : new int[] {1, 2, 3, 4, 5, 16}) {
      float[] some = run(fragment, x, Arrays.copyOf(x, count * in), weight, bias);
      assertThat(some).as("%d rows", count).isEqualTo(Arrays.copyOf(together, count * 48));
    }
  }

  /** Many small numbers and one large in each row, which no channel is known for. */
  @Test
  void whatOneTermRoundsTooMuchGetsTwo() throws IOException {
    int in = 1024;
    float[] x = gaussian(400 * in);
    for (int row = 0; row < 400; row++) {
      x[row * in + random.nextInt(in)] *= 100;
    }
    float[] weight = gaussian(48 * in);
    Loss loss = loss(x, weight);
    assertThat(loss.found()).isLessThan(0.5 * loss.nearest());
    assertThat(terms(x, weight)).isEqualTo(2);
    assertThat(terms(operand(400, 64, 1), gaussian(48 * 64))).isEqualTo(1);
  }

  @Test
  void whatIsUsedHereIsExact() {
    assertThat(IntegerProducts.here().areExact()).isTrue();
    assertThat(new IntegerProducts(IntegerProducts.PLAIN, IntegerProducts.FULL).areExact())
        .isTrue();
  }

  /** Memory is asked for by it before anything is loaded. */
  @ParameterizedTest
  @ValueSource(ints = {40, 768, 800, 3072})
  void asMuchIsNotedAsForetold(int in) throws IOException {
    ObservedForm observed = new ObservedForm();
    try (Program seer = Program.compile(seeing(observed, Constants.of(Precision.FLOAT32)));
        NativeScope scope = new NativeScope()) {
      IValue parts = scope.own(IValue.listFrom(scope.floats(new float[in], 1, in)));
      observed.prepare(seer, parts, 0, scope);
      ObservedForm.Operand operand = observed.operand(0);
      int numbers =
          scope.toFloats(operand.moments()).length + scope.toFloats(operand.sample()).length;
      assertThat(ObservedForm.bytes(in)).isEqualTo((long) numbers * Float.BYTES);
    }
  }

  private interface Use<T> {
    T of(Program program, List<IValue> prepared, NativeScope scope);
  }

  /** The product of {@code x}, once the weight has been made for what {@code seen} shows. */
  private static float[] run(String fragment, float[] seen, float[] x, float[] weight, float[] bias)
      throws IOException {
    int in = weight.length / bias.length;
    return prepared(
        fragment,
        seen,
        weight,
        in,
        (program, prepared, scope) -> {
          IValue w = scope.own(IValue.listFrom(prepared.toArray(new IValue[0])));
          return scope.toFloats(
              scope.own(
                  program.run(
                      "token_product",
                      scope.floats(x, x.length / in, in),
                      scope.own(IValue.from(0L)),
                      scope.floats(bias, bias.length),
                      w)));
        });
  }

  private static int terms(float[] x, float[] weight) throws IOException {
    return prepared(
        IntegerProducts.here().fragment(),
        x,
        weight,
        weight.length / 48,
        (program, prepared, scope) -> scope.toFloats(prepared.get(5)).length);
  }

  private static <T> T prepared(String fragment, float[] seen, float[] weight, int in, Use<T> use)
      throws IOException {
    IntegerProducts integers = new IntegerProducts(fragment, IntegerProducts.here().levels());
    Map<String, Object> constants = new HashMap<>(Constants.of(Precision.FLOAT32));
    constants.putAll(integers.constants());
    ObservedForm observed = new ObservedForm();
    Int8Form form = new Int8Form(observed);
    ProgramText text =
        ProgramText.empty()
            .add(integers.fragment(), constants)
            .add("weights-int8", constants)
            .add(form.fragment(), constants);
    try (Program seer = Program.compile(seeing(observed, constants));
        Program program = Program.compile(text);
        NativeScope scope = new NativeScope()) {
      IValue parts = scope.own(IValue.listFrom(scope.floats(weight, weight.length / in, in)));
      List<IValue> noting = observed.prepare(seer, parts, 0, scope);
      IValue place = scope.own(IValue.from(0L));
      IValue rows = scope.floats(seen, seen.length / in, in);
      IValue w = scope.own(IValue.listFrom(noting.toArray(new IValue[0])));
      seer.run("observe", rows, place, w).close();
      return use.of(program, form.prepare(program, parts, 0, scope), scope);
    }
  }

  private static ProgramText seeing(ObservedForm observed, Map<String, Object> constants) {
    return ProgramText.empty()
        .add(ServedProducts.fragment(ScalarType.FLOAT32), constants)
        .add("weights", constants)
        .add(observed.fragment(), constants);
  }

  private static double[] exact(float[] x, float[] weight, float[] bias) {
    int in = weight.length / bias.length;
    double[] y = new double[x.length / in * bias.length];
    for (int i = 0; i < y.length; i++) {
      int row = i / bias.length;
      int out = i % bias.length;
      y[i] = bias[out];
      for (int k = 0; k < in; k++) {
        y[i] += (double) x[row * in + k] * weight[out * in + k];
      }
    }
    return y;
  }

  /** Random rows, of which three channels are some times as large. */
  private float[] operand(int rows, int in, float times) {
    float[] x = gaussian(rows * in);
    for (int i = 0; i < x.length; i++) {
      x[i] *= i % in < 3 ? times : 1;
    }
    return x;
  }

  private float[] gaussian(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}

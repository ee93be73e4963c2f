package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServedProductsTest {
  private static final int ROWS = 7;
  private static final int IN = 24;
  private static final int OUT = 40;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "none;'';product",
        "gelu;none;torch.gelu(product, approximate=\"none\")",
        "gelu;tanh;torch.gelu(product, approximate=\"tanh\")",
        "swish;'';torch.silu(product)",
        "relu;'';torch.relu(product)",
        "tanh;'';torch.tanh(product)"
      })
  void thePlainTwinMultipliesAlike(String activation, String algorithm, String activated)
      throws IOException {
    Map<String, ?> constants =
        Map.of("activation", activation, "activation_algorithm", algorithm, "activated", activated);
    float[] packed = product(ServedProducts.ONEDNN, constants);
    float[] plain = product(ServedProducts.PLAIN, constants);
    assertThat(packed).hasSize(ROWS * OUT);
    for (int i = 0; i < packed.length; i++) {
      assertThat(Math.abs(packed[i] - plain[i])).as("number %d", i).isLessThan(1e-5f);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32,1536,24",
    "BFLOAT16,16,16",
    "BFLOAT16,32,32",
    "BFLOAT16,40,40",
    "BFLOAT16,312,312",
    "BFLOAT16,48,32",
    "BFLOAT16,384,384",
    "BFLOAT16,384,1536"
  })
  void noRowDependsOnHowManyStandWithIt(ScalarType type, int in, int out) throws IOException {
    assumeThat(ServedProducts.fragment(type)).isEqualTo(ServedProducts.ONEDNN); // not its twin
    Random random = new Random(5);
    float[] rows = ServedProducts.cancelling(random, 200, in, -1);
    int fewest = ServedProducts.fewestRows(type, in, out);
    Map<String, ?> constants = Map.of("fewest_rows", fewest, "compute", type.code());
    try (Program program =
            Program.compile(
                ProgramText.empty()
                    .add(ServedProducts.ONEDNN, constants)
                    .append(ServedProducts.PRODUCT, constants));
        NativeScope scope = new NativeScope()) {
      float[] weight = ServedProducts.cancelling(random, out, in, 1);
      IValue packed = scope.own(program.run("packed", scope.floats(weight, out, in)));
      float[] all = null;
      for (int count : new int[] {200, 1, 2, 7, 16, 17, 64, 80, 81, 95, 97}) {
        IValue x = scope.floats(Arrays.copyOf(rows, count * in), count, in);
        float[] product = scope.toFloats(scope.own(program.run("product", x, packed)));
        all = all == null ? product : all;
        assertThat(product).hasSize(count * out).isEqualTo(Arrays.copyOf(all, count * out));
      }
    }
  }

  private static float[] product(String fragment, Map<String, ?> constants) throws IOException {
    try (Program program = Program.compile(ProgramText.empty().add(fragment, constants));
        NativeScope scope = new NativeScope()) {
      Random random = new Random(3);
      IValue x = scope.floats(gaussian(random, ROWS * IN), ROWS, IN);
      IValue weight =
          scope.own(program.run("pack", scope.floats(gaussian(random, OUT * IN), OUT, IN)));
      IValue bias = scope.floats(gaussian(random, OUT), OUT);
      return scope.toFloats(scope.own(program.run("linear_activated", x, weight, bias)));
    }
  }

  private static float[] gaussian(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Test
  void thisPlatformHasOneDnn() {
    assertThat(ServedProducts.fragment(ScalarType.FLOAT32)).isEqualTo(ServedProducts.ONEDNN);
  }
}

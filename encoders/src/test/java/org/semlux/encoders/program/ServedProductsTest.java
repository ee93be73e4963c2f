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

  @Test
  void thisPlatformHasOneDnn() {
    assertThat(ServedProducts.fragment(ScalarType.FLOAT32)).isEqualTo(ServedProducts.ONEDNN);
  }
}

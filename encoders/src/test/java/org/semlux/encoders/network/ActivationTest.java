package org.semlux.encoders.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.Constants;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.ScalarType;
import org.semlux.encoders.program.ServedProducts;

/** FolderMatrixTest holds activations against the reference; here each of their ways is one. */
class ActivationTest {
  private static final int ROWS = 7;
  private static final int IN = 24;
  private static final int OUT = 40;
  private static final String METHODS =
      """
        def apart(self: __torch__.Program, x: Tensor) -> Tensor:
          product = torch.to(x, ${compute})
          return torch.to(${activated}, ${float32})

        def in_place(self: __torch__.Program, x: Tensor) -> Tensor:
          product = torch.add(torch.to(x, ${compute}), 0)
          return torch.to(${activated_in_place}, ${float32})

        def gate_of(self: __torch__.Program, x: Tensor) -> Tensor:
          split = [torch.to(x, ${compute})]
          return torch.to(${gate_activated}, ${float32})

        def packed(self: __torch__.Program, weight: Tensor) -> Tensor:
          return (self).pack(torch.to(weight, ${compute}))

        def product(self: __torch__.Program, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
          return torch.to((self).linear(torch.to(x, ${compute}), weight, torch.to(bias, ${compute})), ${float32})

        def behind(self: __torch__.Program, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
          return torch.to((self).linear_activated(torch.to(x, ${compute}), weight, torch.to(bias, ${compute})), ${float32})

        def gated(self: __torch__.Program, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
          bias0 = torch.to(bias, ${compute})
          return torch.to((self).linear_gated(torch.to(x, ${compute}), weight, bias0, weight, bias0), ${float32})
      """;

  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "SOFTMAX") // it has no name in a config
  void float32(Activation activation) throws IOException {
    for (String products : new String[] {"products-onednn", "products-plain"}) {
      waysAreOne(activation, products, Precision.FLOAT32, 1e-6f);
    }
  }

  /** Fused, the product is not rounded before the activation; apart, each of its steps is. */
  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "SOFTMAX") // it has no name in a config
  void bfloat16(Activation activation) throws IOException {
    waysAreOne(activation, ServedProducts.fragment(ScalarType.BFLOAT16), Precision.BFLOAT16, 0.02f);
  }

  private static void waysAreOne(
      Activation activation, String products, Precision precision, float tolerance)
      throws IOException {
    Map<String, Object> constants = new HashMap<>(Constants.of(precision));
    activation.addTo(constants);
    ProgramText text = ProgramText.empty().add(products, constants).append(METHODS, constants);
    try (Program program = Program.compile(text);
        NativeScope scope = new NativeScope()) {
      Random random = new Random(3);
      IValue x = scope.floats(gaussian(random, ROWS * IN), ROWS, IN);
      IValue weight =
          scope.own(program.run("packed", scope.floats(gaussian(random, OUT * IN), OUT, IN)));
      IValue bias = scope.floats(gaussian(random, OUT), OUT);
      IValue product = scope.own(program.run("product", x, weight, bias));
      float[] plain = scope.toFloats(product);
      float[] wanted = scope.toFloats(scope.own(program.run("apart", product)));
      float largest = largest(wanted);
      for (String way : new String[] {"in_place", "gate_of"}) {
        assertThat(scope.toFloats(scope.own(program.run(way, product)))).as(way).isEqualTo(wanted);
      }
      assertThat(scope.toFloats(scope.own(program.run("behind", x, weight, bias))))
          .containsExactly(wanted, within(tolerance * largest));

      for (int i = 0; i < plain.length; i++) {
        wanted[i] *= plain[i];
      }
      assertThat(scope.toFloats(scope.own(program.run("gated", x, weight, bias))))
          .containsExactly(wanted, within(tolerance * largest(wanted)));
    }
  }

  private static float largest(float[] numbers) {
    float largest = 0;
    for (float number : numbers) {
      largest = Math.max(largest, Math.abs(number));
    }
    assertThat(largest).isPositive();
    return largest;
  }

  private static float[] gaussian(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /**
   * What is large goes through as it is, or a head that is made of a dense model may not have it.
   */
  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "SOFTMAX") // it has no name in a config
  void largeNumbers(Activation activation) throws IOException {
    Map<String, Object> constants = new HashMap<>(Constants.of(Precision.FLOAT32));
    activation.addTo(constants);
    ProgramText text = ProgramText.empty().add("products-plain", constants);
    try (Program program = Program.compile(text.append(METHODS, constants));
        NativeScope scope = new NativeScope()) {
      float[] large = {20, 30, 40};
      IValue x = scope.floats(large, 1, 3);
      float[] found = scope.toFloats(scope.own(program.run("apart", x)));
      if (activation.passesLargeNumbers()) {
        assertThat(found).containsExactly(large, within(1e-4f));
      } else {
        assertThat(found[1]).isNotCloseTo(30, within(1f));
      }
    }
  }

  /** As transformers 5 has them, but for two that have weights, prelu and xielu. */
  @Test
  void everyNameOfTransformers() {
    String names =
        "gelu gelu_10 gelu_accurate gelu_fast gelu_new gelu_python gelu_python_tanh"
            + " gelu_pytorch_tanh hardswish laplace leaky_relu linear mish quick_gelu relu relu2 relu6"
            + " sigmoid silu sqrtsoftplus swish tanh";
    for (String name : names.split(" ")) {
      assertThat(Activation.of("m", name)).as(name).isNotNull();
    }
  }

  @Test
  void unknownOnesAreNamedWithThoseThatAreKnown() {
    assertThatThrownBy(() -> Activation.of("m", "prelu"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("unknown activation [prelu], supported are [gelu, gelu_10,");
    assertThatThrownBy(() -> Activation.of("m", "")).hasMessageContaining("[]");
    assertThatThrownBy(() -> Activation.ofClass("m", "module Dense", "torch.nn.PReLU"))
        .hasMessageContaining("module Dense has the activation [torch.nn.PReLU]");
  }
}

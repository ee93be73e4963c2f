package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

class NamedWeightsTest {
  private static NamedWeights weights() {
    return new NamedWeights()
        .table("words", "tokens.weight", 10, 4)
        .norm("embedding_norm", "norm", 4, true)
        .layers(
            2,
            (layer, number) ->
                layer
                    .joined(
                        "qkv", List.of(number + ".q", number + ".k", number + ".v"), 12, 4, false)
                    .norm("norm", number + ".norm", 4, true));
  }

  @Test
  void namesStandForPlaces() {
    Map<String, Object> constants = weights().constants(5);

    assertThat(constants)
        .containsEntry("w.words", "w[5]")
        .containsEntry("w.embedding_norm", "w[6], w[7]")
        .containsEntry("w.layers", 8)
        .containsEntry("w.per_layer", 3)
        .containsEntry("p.qkv", "o + 0, None")
        .containsEntry("w.norm", "w[o + 1], w[o + 2]");
    String template = "(self).token_product(x, ${p.qkv}, w)  # from ${w.layers}, in ${float32}";
    assertThat(ProgramText.fill(template, constants))
        .isEqualTo("(self).token_product(x, o + 0, None, w)  # from 8, in 6");
  }

  @Test
  void parametersStandInTheProgramsOrder() {
    assertThat(weights().parameters().stream().map(parameter -> parameter.names().get(0)))
        .containsExactly(
            "tokens.weight",
            "norm.weight",
            "norm.bias",
            "0.q.weight",
            "0.norm.weight",
            "0.norm.bias",
            "1.q.weight",
            "1.norm.weight",
            "1.norm.bias");
  }

  @Test
  void layersThatDifferAreRefused() {
    NamedWeights weights = new NamedWeights();
    assertThatThrownBy(
            () -> weights.layers(2, (layer, number) -> layer.norm("norm", "n", 4, number == 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 1 has other weights than the first");
  }

  @Test
  void aConstantWithoutAValueIsNamed() {
    assertThatThrownBy(() -> ProgramText.fill("${w.nobody}", weights().constants(0)))
        .hasMessage("no value for ${w.nobody}");
  }

  @Test
  void aFileMayCallThemOtherwise() {
    NamedWeights one =
        new NamedWeights()
            .joined("qkv", List.of("q", "k", "v"), 6, 2, false)
            .norm("norm", "n", 2, true);
    NamedWeights other =
        new NamedWeights().linear("qkv", "all", 6, 2, false).norm("norm", "m", 2, true);
    List<Parameter> both = one.alsoStoredAs(other).parameters();

    assertThat(Parameter.in(both, stored("x.all.weight", "x.m.weight", "x.m.bias"), "x."))
        .extracting(Parameter::names)
        .containsExactly(List.of("all.weight"), List.of("m.weight"), List.of("m.bias"));
    assertThat(Parameter.in(both, stored("q.weight", "n.weight", "n.bias"), "x."))
        .extracting(Parameter::names)
        .containsExactly(
            List.of("q.weight", "k.weight", "v.weight"), List.of("n.weight"), List.of("n.bias"));
  }

  private static TensorSource stored(String... names) {
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return Set.of(names);
      }

      @Override
      public Optional<StoredTensor> find(String name) {
        return names().contains(name)
            ? Optional.of(StoredTensor.ofFloats(name, new float[1], 1))
            : Optional.empty();
      }
    };
  }
}

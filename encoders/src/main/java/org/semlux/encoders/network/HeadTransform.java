package org.semlux.encoders.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;

/**
 * A {@link HeadLayer} in a program. All of it is float32, since large constants may stand in its
 * biases: a bias that makes GELU a straight line, which the norm takes out again, would leave no
 * digits of a bfloat16. Its method is {@code transform(states [rows, hidden], w) -> [rows, width]}.
 *
 * @param layer where there is none, states stay as they are
 * @param hidden numbers in a state
 */
record HeadTransform(Optional<HeadLayer> layer, int hidden) {
  private static final String NONE =
      """
        def transform(self: __torch__.Program, states: Tensor, w: List[Tensor]) -> Tensor:
          return states

      """;

  /** Numbers in what it gives. */
  int width() {
    return layer.map(it -> it.width().orElse(hidden)).orElse(hidden);
  }

  private NamedWeights weights() {
    NamedWeights weights = new NamedWeights();
    layer.ifPresent(it -> weights.exact("head_dense", it.dense(), width(), hidden, it.bias()));
    layer
        .flatMap(HeadLayer::norm)
        .ifPresent(norm -> weights.norm("head_norm", norm.module(), width(), norm.bias()));
    return weights;
  }

  List<Parameter> parameters() {
    return weights().parameters();
  }

  /**
   * Adds the method.
   *
   * @param first where this layer's weights begin in the program's list
   */
  void addTo(ProgramText text, int first) {
    if (layer.isEmpty()) {
      text.append(NONE, Map.of());
      return;
    }
    Map<String, Object> constants = new HashMap<>(weights().constants(first));
    constants.put("head_activated", layer.get().activation().of("x"));
    constants.put(
        "normalized",
        layer
            .get()
            .norm()
            .map(
                norm ->
                    "torch.layer_norm(x0, [%s], %s, %s)"
                        .formatted(width(), constants.get("w.head_norm"), norm.eps()))
            .orElse("x0"));
    text.add("head-transform", constants);
  }
}

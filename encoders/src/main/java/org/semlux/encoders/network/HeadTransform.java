package org.semlux.encoders.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;

/**
 * A {@link HeadLayer} in a program. All of it is float32, since large constants may stand in its
 * biases: a bias that makes GELU a straight line, which the norm takes out again, would leave no
 * digits of a bfloat16. The program method is {@code transform(states [rows, hidden], w) -> [rows,
 * hidden]}.
 *
 * @param hidden numbers in a state
 */
record HeadTransform(HeadLayer layer, int hidden) {
  private NamedWeights weights() {
    NamedWeights weights =
        new NamedWeights().exact("head_dense", layer.dense(), hidden, hidden, layer.bias());
    layer.norm().ifPresent(norm -> weights.norm("head_norm", norm.module(), hidden, norm.bias()));
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
    Map<String, Object> constants = new HashMap<>(weights().constants(first));
    constants.put("head_activated", layer.activation().of("x"));
    constants.put(
        "normalized",
        layer
            .norm()
            .map(
                norm ->
                    "torch.layer_norm(x0, [%s], %s, %s)"
                        .formatted(hidden, constants.get("w.head_norm"), norm.eps()))
            .orElse("x0"));
    text.add("head-transform", constants);
  }
}

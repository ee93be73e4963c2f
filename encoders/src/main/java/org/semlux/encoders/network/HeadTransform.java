package org.semlux.encoders.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;

/**
 * The layer that heads begin with: product, activation and, with some, a norm. All of it is
 * float32, since large constants may stand in its biases: a bias that makes GELU a straight line,
 * which the norm takes out again, would leave no digits of a bfloat16. The program method is {@code
 * transform(states [rows, hidden], w) -> [rows, hidden]}.
 */
final class HeadTransform {
  private final List<Parameter> parameters = new ArrayList<>();
  private final int hidden;
  private final Activation activation;
  private final boolean denseBias;
  private int norm = -1; // its place among the parameters
  private boolean normBias;
  private double eps;

  /**
   * @param dense the dense layer's name
   * @param bias whether it has one
   */
  HeadTransform(int hidden, String dense, boolean bias, Activation activation) {
    this.hidden = hidden;
    this.activation = activation;
    this.denseBias = bias;
    parameters.add(Parameter.exact(dense + ".weight", hidden, hidden));
    if (bias) {
      parameters.add(Parameter.plain(dense + ".bias", hidden));
    }
  }

  /** Adds a norm of the given name. */
  HeadTransform withNorm(String name, boolean bias, double epsilon) {
    norm = parameters.size();
    normBias = bias;
    eps = epsilon;
    parameters.add(Parameter.plain(name + ".weight", hidden));
    if (bias) {
      parameters.add(Parameter.plain(name + ".bias", hidden));
    }
    return this;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Adds the method.
   *
   * @param first where this layer's weights begin in the program's list
   */
  void addTo(ProgramText text, int first) {
    text.add(
        "head-transform",
        Map.of(
            "dense", weight(first) + ", " + (denseBias ? weight(first + 1) : "None"),
            "activation", activation.of("x"),
            "normalized", normalized(first + norm)));
  }

  private String normalized(int index) {
    return norm < 0
        ? "x0"
        : "torch.layer_norm(x0, [%s], %s, %s, %s)"
            .formatted(hidden, weight(index), normBias ? weight(index + 1) : "None", eps);
  }

  private static String weight(int index) {
    return "w[" + index + "]";
  }
}

package org.semlux.encoders.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.ProgramText;

/**
 * The layer that heads begin with: product, activation and, with some, a norm. The program method
 * is {@code transform(states [rows, hidden], w) -> [rows, hidden]}.
 */
final class HeadTransform {
  /**
   * How the product is made.
   *
   * @see #SERVED
   */
  enum Product {
    /** Like a network's: of packed weights, in the served precision. */
    SERVED("(self).linear(states, %s, %s)"),
    /** In float32, whatever the network computes in. */
    EXACT("torch.linear(states, %s, %s)");

    private final String expression;

    Product(String expression) {
      this.expression = expression;
    }
  }

  private final List<Parameter> parameters = new ArrayList<>();
  private final Product product;
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
  HeadTransform(Product product, int hidden, String dense, boolean bias, Activation activation) {
    this.product = product;
    this.hidden = hidden;
    this.activation = activation;
    this.denseBias = bias;
    boolean served = product == Product.SERVED;
    String weight = dense + ".weight";
    parameters.add(
        served
            ? Parameter.linear(weight, hidden, hidden)
            : Parameter.plain(weight, hidden, hidden));
    if (bias) {
      String name = dense + ".bias";
      parameters.add(served ? Parameter.bias(name, hidden) : Parameter.plain(name, hidden));
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
            "product",
            product.expression.formatted(weight(first), denseBias ? weight(first + 1) : "None"),
            "activation",
            activation.of("x"),
            "normalized",
            normalized(first + norm)));
  }

  private String normalized(int index) {
    return norm < 0
        ? "x0"
        : "torch.layer_norm(x0, [%d], %s, %s, %s)"
            .formatted(hidden, weight(index), normBias ? weight(index + 1) : "None", eps);
  }

  private static String weight(int index) {
    return "w[" + index + "]";
  }
}

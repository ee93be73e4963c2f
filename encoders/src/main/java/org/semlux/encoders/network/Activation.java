package org.semlux.encoders.network;

import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.api.ModelException;

/**
 * An activation: one line has its names in a config's {@code hidden_act}, between blanks, as
 * transformers knows them; its class of {@code torch.nn}; an expression of a program, whose
 * outermost function has a twin in place; and what oneDNN calls it where it fuses it into a
 * product.
 */
enum Activation {
  GELU("gelu gelu_python", "GELU", "torch.gelu(%s, approximate=\"none\")", "gelu", "none"),
  GELU_TANH(
      "gelu_new gelu_fast gelu_accurate gelu_python_tanh gelu_pytorch_tanh",
      "",
      "torch.gelu(%s, approximate=\"tanh\")",
      "gelu",
      "tanh"),
  CLIPPED_GELU("gelu_10", "", "torch.clamp(torch.gelu(%s), -10, 10)"),
  QUICK_GELU("quick_gelu", "", "torch.div(torch.silu(torch.mul(%s, 1.702)), 1.702)"),
  SILU("silu swish", "SiLU", "torch.silu(%s)", "swish", ""),
  HARDSWISH("hardswish", "Hardswish", "torch.hardswish(%s)", "hardswish", ""),
  MISH("mish", "Mish", "torch.mish(%s)"),
  RELU("relu", "ReLU", "torch.relu(%s)", "relu", ""),
  LEAKY_RELU("leaky_relu", "LeakyReLU", "torch.leaky_relu(%s)"),
  RELU6("relu6", "ReLU6", "torch.hardtanh(%s, 0, 6)"),
  RELU_SQUARED("relu2", "", "torch.square(torch.relu(%s))"),
  TANH("tanh", "Tanh", "torch.tanh(%s)", "tanh", ""),
  SIGMOID("sigmoid", "Sigmoid", "torch.sigmoid(%s)", "sigmoid", ""),
  LAPLACE(
      "laplace",
      "",
      "torch.mul(torch.add(torch.erf(torch.div(torch.sub(%s, 0.707107), 0.398942574877638)), 1), 0.5)"),
  SQRT_SOFTPLUS("sqrtsoftplus", "", "torch.sqrt(torch.softplus(%s))"),
  LINEAR("linear", "Identity", "%s"),
  SOFTMAX("", "Softmax", "torch.softmax(%s, 1)");

  private static final Map<String, Activation> BY_NAME = new TreeMap<>();
  private static final Map<String, Activation> BY_CLASS = new TreeMap<>();

  static {
    for (Activation activation : values()) {
      for (String name : activation.names.split(" ", -1)) {
        BY_NAME.put(name, activation);
      }
      BY_CLASS.put(activation.torchClass, activation);
    }
    BY_NAME.remove("");
    BY_CLASS.remove("");
  }

  private final String names;
  private final String torchClass;
  private final String expression;
  private final String fused;
  private final String algorithm;

  Activation(String names, String torchClass, String expression) {
    this(names, torchClass, expression, "", "");
  }

  Activation(String names, String torchClass, String expression, String fused, String algorithm) {
    this.names = names;
    this.torchClass = torchClass;
    this.expression = expression;
    this.fused = fused;
    this.algorithm = algorithm;
  }

  /**
   * By its name in a config.
   *
   * @throws ModelException when it is none of those supported
   */
  static Activation of(String model, String name) {
    Activation activation = BY_NAME.get(name);
    if (activation == null) {
      throw ModelException.of(
          model,
          "unknown activation ["
              + ModelException.brief(name)
              + "], supported are "
              + BY_NAME.keySet());
    }
    return activation;
  }

  /**
   * By a class of PyTorch's: {@code torch.nn.modules.activation.Sigmoid} and its like.
   *
   * @param where who has it, for the message
   * @throws ModelException when it is none of those supported
   */
  static Activation ofClass(String model, String where, String name) {
    // One that is called like PyTorch's may be another's.
    Activation activation =
        name.startsWith("torch.") ? BY_CLASS.get(name.substring(name.lastIndexOf('.') + 1)) : null;
    if (activation == null) {
      throw ModelException.of(
          model,
          where
              + " has the activation ["
              + ModelException.brief(name)
              + "], supported are PyTorch's "
              + BY_CLASS.keySet());
    }
    return activation;
  }

  /** Its expression of a program for where it is not fused. */
  String of(String tensor) {
    return expression.formatted(tensor);
  }

  /** The same for a tensor that nobody needs any more, whose memory the answer may take. */
  private String inPlace(String tensor) {
    return of(tensor).replaceFirst("\\(", "_(");
  }

  /** Whether large numbers go through as they are. */
  boolean passesLargeNumbers() {
    return switch (this) {
      case CLIPPED_GELU, RELU6, RELU_SQUARED, TANH, SIGMOID, LAPLACE, SQRT_SOFTPLUS, SOFTMAX ->
          false;
      default -> true;
    };
  }

  /** What fragments take: fused into a product, behind one, in its place, and of a gate. */
  void addTo(Map<String, Object> constants) {
    constants.put("activation", fused.isEmpty() ? "none" : fused);
    constants.put("activation_algorithm", algorithm);
    constants.put("activated", of("product"));
    constants.put("activated_in_place", inPlace("product"));
    constants.put("activated_unless_fused", fused.isEmpty() ? inPlace("product") : "product");
    constants.put("gate_activated", of("split[0]"));
  }
}

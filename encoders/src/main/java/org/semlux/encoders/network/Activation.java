package org.semlux.encoders.network;

import java.util.Map;
import org.semlux.encoders.ModelException;

/**
 * An activation between two products.
 *
 * @param name as oneDNN fuses it into a product
 * @param algorithm its variant: {@code none} is GELU by erf
 */
record Activation(String name, String algorithm) {
  private static final Map<String, Activation> BY_NAME =
      Map.of(
          "gelu", new Activation("gelu", "none"),
          "gelu_new", new Activation("gelu", "tanh"),
          "gelu_pytorch_tanh", new Activation("gelu", "tanh"),
          "gelu_fast", new Activation("gelu", "tanh"),
          "relu", new Activation("relu", ""),
          "silu", new Activation("swish", ""),
          "swish", new Activation("swish", ""),
          "tanh", new Activation("tanh", ""));

  /** By its name in a config's {@code hidden_act}. */
  static Activation of(String model, String name) {
    Activation activation = BY_NAME.get(name);
    if (activation == null) {
      throw ModelException.of(
          model, "unknown activation [" + name + "], supported are " + BY_NAME.keySet());
    }
    return activation;
  }

  /** An expression of a program for where it cannot be fused. */
  String of(String tensor) {
    return switch (name) {
      case "gelu" -> "torch.gelu(" + tensor + ", approximate=\"" + algorithm + "\")";
      case "swish" -> "torch.silu(" + tensor + ")";
      default -> "torch." + name + "(" + tensor + ")";
    };
  }
}

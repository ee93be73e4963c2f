package org.semlux.encoders.network;

import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.api.ModelException;

/**
 * An activation.
 *
 * @param name as oneDNN fuses it into a product
 * @param algorithm its variant: {@code none} is GELU by erf
 */
record Activation(String name, String algorithm) {
  static final Activation GELU = new Activation("gelu", "none");
  static final Activation RELU = new Activation("relu", "");
  static final Activation TANH = new Activation("tanh", "");

  private static final Activation GELU_TANH = new Activation("gelu", "tanh");
  private static final Activation SILU = new Activation("swish", "");

  private static final Map<String, Activation> BY_NAME =
      new TreeMap<>(
          Map.of(
              "gelu", GELU,
              "gelu_new", GELU_TANH,
              "gelu_pytorch_tanh", GELU_TANH,
              "gelu_fast", GELU_TANH,
              "relu", RELU,
              "silu", SILU,
              "swish", SILU,
              "tanh", TANH));

  private static final Map<String, String> BY_CLASS =
      new TreeMap<>(
          Map.of(
              "Identity", "%s",
              "Tanh", "torch.tanh(%s)",
              "ReLU", "torch.relu(%s)",
              "GELU", "torch.gelu(%s)",
              "SiLU", "torch.silu(%s)",
              "Sigmoid", "torch.sigmoid(%s)",
              "Softmax", "torch.softmax(%s, 1)"));

  /** By its name in a config's {@code hidden_act}. */
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

  /** An expression of a program for where it cannot be fused. */
  String of(String tensor) {
    return switch (name) {
      case "gelu" -> "torch.gelu(" + tensor + ", approximate=\"" + algorithm + "\")";
      case "swish" -> "torch.silu(" + tensor + ")";
      default -> "torch." + name + "(" + tensor + ")";
    };
  }

  /** What fragments take: fused into a product, behind one, in its place, and of a gate. */
  void addTo(Map<String, Object> constants) {
    constants.put("activation", name);
    constants.put("activation_algorithm", algorithm);
    constants.put("activated", of("product"));
    constants.put("activated_in_place", inPlace("product"));
    constants.put("gate_activated", of("split[0]"));
  }

  /** The same for a tensor that nobody needs any more, whose memory the answer takes. */
  String inPlace(String tensor) {
    return of(tensor).replaceFirst("\\(", "_(");
  }

  /**
   * A program's expression for an activation that is named by a class of PyTorch: {@code
   * torch.nn.modules.activation.Sigmoid} and its like.
   *
   * @param where who has it, for the message
   * @throws ModelException when it is none of those supported
   */
  static String ofClass(String model, String where, String name, String tensor) {
    // One that is called like PyTorch's may be another's.
    String expression =
        name.startsWith("torch.") ? BY_CLASS.get(name.substring(name.lastIndexOf('.') + 1)) : null;
    if (expression == null) {
      throw ModelException.of(
          model,
          where
              + " has the activation ["
              + ModelException.brief(name)
              + "], supported are PyTorch's "
              + BY_CLASS.keySet());
    }
    return expression.formatted(tensor);
  }
}

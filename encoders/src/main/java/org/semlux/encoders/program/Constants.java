package org.semlux.encoders.program;

import java.util.HashMap;
import java.util.Map;
import org.semlux.encoders.api.Precision;

/**
 * What fragments write where {@code ${…}} stands. A network and its head say what is special about
 * them; whatever they leave out is as here.
 *
 * {@snippet lang=java :
 * Map<String, Object> constants = Constants.of(Precision.FLOAT32);
 * ProgramText.fill("torch.to(x, ${compute})", constants); // "torch.to(x, 6)"
 * ProgramText.fill("${dropout}", constants); // "0.0": nothing says otherwise
 * }
 */
public final class Constants {
  /** As a model is served that has no activation, no dropout and nothing to keep for gradients. */
  private static final Map<String, Object> DEFAULTS = new HashMap<>();

  static {
    for (ScalarType type : ScalarType.values()) {
      DEFAULTS.put(type.toString(), type.code());
    }
    DEFAULTS.put("activation", "none");
    DEFAULTS.put("activation_algorithm", "");
    DEFAULTS.put("activated", "product");
    DEFAULTS.put("activated_in_place", "product");
    DEFAULTS.put("activated_unless_fused", "product");
    DEFAULTS.put("dropout", 0.0);
    DEFAULTS.put("attention_dropout", 0.0);
    DEFAULTS.put("turned_heads", "torch.to(turning, " + ScalarType.FLOAT32.code() + ")");
    DEFAULTS.put("masked", 0.0);
    DEFAULTS.put("dropout_tensors", 0);
    DEFAULTS.put("late", 0);
    DEFAULTS.put("kept", 0);
    DEFAULTS.put("rows", 0);
    DEFAULTS.put("padding_id", -1);
    DEFAULTS.put("fewest_rows", 0);
    DEFAULTS.put("trains", "False");
  }

  private Constants() {}

  /**
   * What a precision decides.
   *
   * @param precision one that is served or trained in, not AUTO
   */
  public static Map<String, Object> of(Precision precision) {
    Map<String, Object> constants = new HashMap<>();
    constants.put("compute", ScalarType.of(precision).code());
    constants.put("whole_layers", precision == Precision.FLOAT32 ? "True" : "False");
    return constants;
  }

  /** The value of a constant. */
  static Object find(String name, Map<String, ?> given) {
    return given.containsKey(name) ? given.get(name) : DEFAULTS.get(name);
  }
}

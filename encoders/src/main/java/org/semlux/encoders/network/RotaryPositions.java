package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * What a config says of rotary positions: the fragment {@code rotary} takes it.
 *
 * @param theta the base of the angles
 * @param factor that places are divided by: 1, or more where a model was stretched to longer texts
 */
record RotaryPositions(double theta, double factor) {
  /**
   * Those that all layers have, under today's or yesterday's keys.
   *
   * @param otherwise theta where the config has none
   * @throws ModelException when they are of a type that is not supported
   */
  static RotaryPositions of(String model, JsonFile config, double otherwise) throws IOException {
    double theta = config.getDouble("rope_theta", otherwise);
    RotaryPositions today = read(model, config, config.getObject("rope_parameters"), theta);
    return scaled(model, config, today);
  }

  /**
   * Those of the layers of one kind.
   *
   * @param kind a name among the layer types
   * @param otherwise theta where the config has none for that kind
   * @param scales whether yesterday's {@code rope_scaling} is for this kind too
   * @throws ModelException as above
   */
  static RotaryPositions of(
      String model, JsonFile config, String kind, double otherwise, boolean scales)
      throws IOException {
    Optional<JsonFile> all = config.getObject("rope_parameters");
    Optional<JsonFile> own = all.isPresent() ? all.get().getObject(kind) : Optional.empty();
    RotaryPositions today = read(model, config, own, otherwise);
    return scales ? scaled(model, config, today) : today;
  }

  /** As yesterday's key says, which the reference lets win. */
  private static RotaryPositions scaled(String model, JsonFile config, RotaryPositions today)
      throws IOException {
    Optional<JsonFile> scaling = config.getObject("rope_scaling");
    return scaling.isPresent() ? read(model, config, scaling, today.theta) : today;
  }

  private static RotaryPositions read(
      String model, JsonFile config, Optional<JsonFile> stored, double otherwise)
      throws IOException {
    refusePartial(model, config);
    if (stored.isEmpty()) {
      return new RotaryPositions(otherwise, 1);
    }
    JsonFile rope = stored.get();
    refusePartial(model, rope);
    String type = rope.getString("rope_type", rope.getString("type", "default"));
    double theta = rope.getDouble("rope_theta", otherwise);
    return switch (type) {
      case "default" -> new RotaryPositions(theta, 1);
      case "linear" -> new RotaryPositions(theta, rope.getDouble("factor", 1));
      default ->
          throw ModelException.of(
              model,
              "rotary positions of type ["
                  + ModelException.brief(type)
                  + "] are not supported, only [default] and [linear] are");
    };
  }

  private static void refusePartial(String model, JsonFile config) throws IOException {
    double share = config.getDouble("partial_rotary_factor", 1);
    if (share != 1) {
      throw ModelException.of(model, "partial_rotary_factor is " + share + ", only 1 is supported");
    }
  }

  /** The program's call that makes the angles of {@code places}. */
  String call() {
    return "(self).rotation("
        + (factor == 1 ? "places" : "torch.div(places, " + factor + ")")
        + ", "
        + theta
        + ")";
  }
}

package org.semlux.encoders.network;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * What a config says of rotary positions: the fragment {@code rotary} takes it.
 *
 * @param theta the base of the angles
 * @param stretch how a model was fitted to longer texts than it was trained with
 */
record RotaryPositions(double theta, RotaryStretch stretch) {
  /**
   * Those that all layers have, by {@code rope_parameters} or the older {@code rope_scaling}.
   *
   * @param otherwise theta where the config has none
   * @throws ModelException when they are of a type that is not supported
   */
  static RotaryPositions of(String model, JsonFile config, double otherwise) throws IOException {
    Optional<JsonFile> scaling = scaling(config);
    Optional<JsonFile> rope = scaling.isPresent() ? scaling : config.getObject("rope_parameters");
    for (String kind : List.of(LayerTypes.FULL, LayerTypes.SLIDING)) {
      if (config.has("layer_types") && rope.isPresent() && rope.get().has(kind)) {
        throw ModelException.of(
            model,
            "its rotary positions are given for "
                + kind
                + ", only one for all layers is supported");
      }
    }
    return read(model, config, rope, config.getDouble("rope_theta", otherwise));
  }

  /**
   * Those of the layers of one kind.
   *
   * @param kind a name among the layer types
   * @param otherwise theta where the config has none for that kind
   * @param scales whether {@code rope_scaling} is for this kind too
   * @throws ModelException as above
   */
  static RotaryPositions of(
      String model, JsonFile config, String kind, double otherwise, boolean scales)
      throws IOException {
    Optional<JsonFile> all = config.getObject("rope_parameters");
    Optional<JsonFile> own = all.isPresent() ? all.get().getObject(kind) : Optional.empty();
    Optional<JsonFile> scaling = scales ? scaling(config) : Optional.empty();
    return read(
        model,
        config,
        scaling.isPresent() ? Optional.of(scaled(own, scaling.get())) : own,
        otherwise);
  }

  /**
   * Where kinds have their own, {@code rope_scaling} replaces them key by key: so {@code type}
   * alone, as older configs have it, says nothing against a {@code rope_type} that is there.
   */
  private static JsonFile scaled(Optional<JsonFile> own, JsonFile scaling) {
    JsonObject keys = new JsonObject();
    keys.addProperty("rope_type", "default");
    if (own.isPresent()) {
      keys = own.get().object().deepCopy();
    }
    scaling.object().asMap().forEach(keys::add);
    return new JsonFile(scaling.file(), keys);
  }

  /** The older {@code rope_scaling}, which wins in the reference where it says anything. */
  private static Optional<JsonFile> scaling(JsonFile config) throws IOException {
    return config.getObject("rope_scaling").filter(scaling -> !scaling.object().isEmpty());
  }

  private static RotaryPositions read(
      String model, JsonFile config, Optional<JsonFile> stored, double otherwise)
      throws IOException {
    refusePartial(model, config);
    if (stored.isEmpty()) {
      return new RotaryPositions(otherwise, RotaryStretch.NONE);
    }
    JsonFile rope = stored.get();
    refusePartial(model, rope);
    double theta = rope.getDouble("rope_theta", otherwise);
    return new RotaryPositions(theta, RotaryStretch.of(model, config, rope));
  }

  private static void refusePartial(String model, JsonFile config) throws IOException {
    double share = config.getDouble("partial_rotary_factor", 1);
    if (share != 1) {
      throw ModelException.of(model, "partial_rotary_factor is " + share + ", only 1 is supported");
    }
  }

  /** What becomes of texts beyond the positions where these turn some layers, or nothing does. */
  static Network.Beyond beyond(Stream<RotaryPositions> all) {
    boolean dynamic = all.anyMatch(positions -> positions.stretch.isDynamic());
    return dynamic ? Network.Beyond.REFUSED : Network.Beyond.READ;
  }

  /** The program's call that makes the angles of {@code places}. */
  String call(int headSize) {
    return "(self).rotation(places, %s, %s)"
        .formatted(stretch.frequencies(theta, headSize), stretch.length());
  }
}

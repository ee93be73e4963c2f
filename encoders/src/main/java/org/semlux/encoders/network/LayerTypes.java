package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * Which layers see all tokens, and which the neighbourhood alone.
 *
 * @param seesAll a flag a layer
 * @param reach places to each side that the others see
 */
record LayerTypes(List<Boolean> seesAll, int reach) {
  static final String FULL = "full_attention";
  static final String SLIDING = "sliding_attention";

  /**
   * Layers that a config names one by one, or that follow a rule.
   *
   * @param rule which layers see all, where the config names none
   * @throws ModelException when it names one that is unknown, or another number of them
   */
  static List<Boolean> seeingAll(String model, JsonFile config, int layers, IntPredicate rule)
      throws IOException {
    List<Boolean> seesAll = new ArrayList<>();
    if (config.has("layer_types")) {
      for (String type : config.requireStrings("layer_types")) {
        if (!type.equals(FULL) && !type.equals(SLIDING)) {
          throw ModelException.of(
              model,
              "unknown layer type [%s], known are %s, %s"
                  .formatted(ModelException.brief(type), FULL, SLIDING));
        }
        seesAll.add(type.equals(FULL));
      }
    } else {
      for (int i = 0; i < layers; i++) {
        seesAll.add(rule.test(i));
      }
    }
    if (seesAll.size() != layers) {
      throw ModelException.of(
          model, "layer_types names " + seesAll.size() + " layers, num_hidden_layers is " + layers);
    }
    return List.copyOf(seesAll);
  }

  /** Of layers that all see everything. */
  static LayerTypes allFull(int layers) {
    return new LayerTypes(Collections.nCopies(layers, true), 1);
  }

  int count() {
    return seesAll.size();
  }

  /** What the fragments {@code neighbourhood} and a body take. */
  void addTo(Map<String, Object> constants) {
    constants.put("layers", seesAll.size());
    constants.put("reach", reach);
    constants.put("block", 2 * reach);
    constants.put("narrow", 4 * reach);
    constants.put(
        "sees_all",
        seesAll.stream()
            .map(all -> all ? "True" : "False")
            .collect(Collectors.joining(", ", "[", "]")));
  }
}

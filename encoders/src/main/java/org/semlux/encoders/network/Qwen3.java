package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * Qwen3: causal, with queries and keys normed head by head (Yang et al. 2025, <a
 * href="https://arxiv.org/abs/2505.09388">arXiv:2505.09388</a>).
 */
final class Qwen3 extends LlamaTransformer {
  private static final Defaults DEFAULTS = new Defaults(128, 1e-6, 32_768, "silu");

  private final LayerTypes layers;
  private final RotaryPositions rotary;
  private final Classifier classifier;

  Qwen3(String model, JsonFile config) throws IOException {
    super(model, config, DEFAULTS, "hidden_act", true);
    refuseTurned(model, config);
    layers = layers(model, config);
    rotary = RotaryPositions.of(model, config, 10_000);
    OptionalInt padding =
        config.has("pad_token_id")
            ? OptionalInt.of(config.requireInt("pad_token_id"))
            : OptionalInt.empty();
    classifier = Classifier.ofLastState("score", padding);
  }

  private static LayerTypes layers(String model, JsonFile config) throws IOException {
    int count = config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS);
    boolean none = config.object().has("sliding_window") && !config.has("sliding_window"); // null
    boolean slides = config.getBoolean("use_sliding_window", false) && !none;
    int first = config.getInt("max_window_layers", 28);
    List<Boolean> seesAll =
        LayerTypes.seeingAll(model, config, count, layer -> !slides || layer < first);
    if (!seesAll.contains(false)) {
      return LayerTypes.allFull(count);
    }
    if (!slides) {
      throw ModelException.of(
          model,
          "layer_types names sliding layers, but use_sliding_window is false or sliding_window null");
    }
    return new LayerTypes(
        seesAll, config.getInt("sliding_window", 4_096, 2, SizeLimits.POSITIONS) - 1);
  }

  @Override
  LayerTypes layers() {
    return layers;
  }

  @Override
  RotaryPositions far() {
    return rotary;
  }

  @Override
  boolean normsHeads() {
    return true;
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }
}

package org.semlux.encoders.network;

import java.io.IOException;
import org.semlux.encoders.folder.JsonFile;

/**
 * EuroBERT: Llama that sees both ways (Boizard et al. 2025, <a
 * href="https://arxiv.org/abs/2503.05500">arXiv:2503.05500</a>).
 */
final class EuroBert extends LlamaTransformer {
  private static final Defaults DEFAULTS = new Defaults(0, 1e-5, 8_192, "silu");

  private final LayerTypes layers;
  private final RotaryPositions rotary;

  EuroBert(String model, JsonFile config) throws IOException {
    super(model, config, DEFAULTS, "hidden_act", false);
    layers = LayerTypes.allFull(config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS));
    rotary = RotaryPositions.of(model, config, 10_000);
  }

  @Override
  LayerTypes layers() {
    return layers;
  }

  @Override
  RotaryPositions far() {
    return rotary;
  }
}

package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * Gemma 3's text model, one way or, as EmbeddingGemma has it, both ways: norms around each block,
 * and layers that see the neighbourhood alone between those that see all (Gemma Team 2025, <a
 * href="https://arxiv.org/abs/2503.19786">arXiv:2503.19786</a>; Vera et al. 2025, <a
 * href="https://arxiv.org/abs/2509.20354">arXiv:2509.20354</a>).
 */
final class Gemma3 extends LlamaTransformer {
  private static final Defaults DEFAULTS = new Defaults(256, 1e-6, 131_072, "gelu_pytorch_tanh");

  private final LayerTypes layers;
  private final RotaryPositions far;
  private final RotaryPositions near;
  private final double divisor;

  Gemma3(String model, JsonFile config) throws IOException {
    super(
        model,
        config,
        DEFAULTS,
        "hidden_activation",
        !config.getBoolean("use_bidirectional_attention", false));
    refuseTurned(model, config);
    if (config.has("attn_logit_softcapping")) {
      throw ModelException.of(model, "attn_logit_softcapping is set, which is not supported");
    }
    int window = config.getInt("sliding_window", 4_096, 2, SizeLimits.POSITIONS);
    int every = config.getInt("sliding_window_pattern", 6, 1, SizeLimits.LAYERS);
    layers =
        new LayerTypes(
            LayerTypes.seeingAll(
                model,
                config,
                config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS),
                layer -> (layer + 1) % every == 0),
            super.attention().causal() ? window - 1 : window / 2);
    double farTheta = config.getDouble("rope_theta", 1_000_000);
    double nearTheta = config.getDouble("rope_local_base_freq", 10_000);
    far = RotaryPositions.of(model, config, LayerTypes.FULL, farTheta, true);
    near = RotaryPositions.of(model, config, LayerTypes.SLIDING, nearTheta, false);
    divisor = Math.sqrt(config.getDouble("query_pre_attn_scalar", 256));
  }

  @Override
  LayerTypes layers() {
    return layers;
  }

  @Override
  RotaryPositions far() {
    return far;
  }

  @Override
  RotaryPositions near() {
    return near;
  }

  @Override
  Attention attention() {
    return super.attention().withDivisor(divisor);
  }

  @Override
  boolean normsHeads() {
    return true;
  }

  @Override
  boolean normsBehind() {
    return true;
  }

  @Override
  String mlpNorm() {
    return "pre_feedforward_layernorm";
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = super.constants();
    constants.put("norm_weight", "torch.add(weight, 1)"); // stored around 0
    constants.put("scaled_words", "torch.mul(words, " + Math.sqrt(hidden()) + ")");
    return constants;
  }
}

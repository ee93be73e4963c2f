package org.semlux.encoders.network;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;

/**
 * T5's encoder, with either feed-forward network (Raffel et al. 2020, <a
 * href="https://arxiv.org/abs/1910.10683">arXiv:1910.10683</a>; Shazeer 2020, <a
 * href="https://arxiv.org/abs/2002.05202">arXiv:2002.05202</a>).
 */
final class T5 implements Network {
  private static final String GATED = "gated-";

  private final String model;
  private final int hidden;
  private final int intermediate;
  private final int layers;
  private final int vocabulary;
  private final double eps;
  private final double dropout;
  private final boolean gated;
  private final Activation activation;
  private final Attention attention;
  private final RelativePositions positions;

  T5(String model, JsonFile config) throws IOException {
    this(model, config, "relu");
  }

  /** mT5 is T5 whose feed-forward network has a gate where the config does not say. */
  static T5 multilingual(String model, JsonFile config) throws IOException {
    return new T5(model, config, "gated-gelu");
  }

  private T5(String model, JsonFile config, String otherwise) throws IOException {
    this.model = model;
    hidden = config.requireInt("d_model", 1, SizeLimits.WIDTH);
    intermediate = config.requireInt("d_ff", 1, SizeLimits.WIDTH);
    layers = config.requireInt("num_layers", 1, SizeLimits.LAYERS);
    vocabulary = config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY);
    eps = config.getDouble("layer_norm_epsilon", 1e-6);
    dropout = config.getDouble("dropout_rate", 0.1);
    String feedForward = config.getString("feed_forward_proj", otherwise);
    String named = feedForward.replaceFirst("^" + GATED, "");
    // The reference's own exception: of this name it takes the other GELU.
    String function = feedForward.equals("gated-gelu") ? "gelu_new" : named;
    // Where a config spells out what follows from the name, that counts.
    gated = config.getBoolean("is_gated_act", feedForward.startsWith(GATED));
    activation = Activation.of(model, config.getString("dense_act_fn", function));
    attention =
        Attention.of(
                config.requireInt("num_heads", 1, SizeLimits.HEADS),
                config.getInt("d_kv", 64, 1, SizeLimits.WIDTH),
                dropout)
            .withDivisor(1);
    positions =
        new RelativePositions(
            config.getInt("relative_attention_num_buckets", 32, 4, SizeLimits.KINDS),
            config.getInt("relative_attention_max_distance", 128, 2, SizeLimits.POSITIONS));
    if (positions.farthest() <= positions.buckets() / 4) {
      throw ModelException.of(
          model,
          "relative_attention_max_distance %s is too near for its %s buckets"
              .formatted(positions.farthest(), positions.buckets()));
    }
  }

  @Override
  public List<String> fragments() {
    return List.of("attention", "relative-positions", "rms-norm", "t5");
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    attention.addTo(constants);
    positions.addTo(constants);
    constants.put("layers", layers);
    constants.put("eps", eps);
    constants.put("norm_weight", "weight");
    constants.put("dropout", dropout);
    activation.addTo(constants);
    Map<String, Object> own = weights().constants(0);
    constants.put(
        "inner",
        gated
            ? "(self).product_gated(normed, %s, %s, w)"
                .formatted(own.get("p.mlp_gate"), own.get("p.mlp_input"))
            : "(self).product_activated(normed, %s, w)".formatted(own.get("p.mlp_input")));
    return constants;
  }

  @Override
  public NamedWeights weights() {
    // Some files hold the table under its second name alone.
    Parameter words =
        new Parameter(
            List.of("shared.weight"),
            List.of("encoder.embed_tokens.weight"),
            Parameter.Role.TABLE,
            vocabulary,
            hidden);
    return new NamedWeights()
        .tensor("words", words)
        .plain(
            "relative",
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            positions.buckets(),
            attention.heads())
        .plain("final_norm", "encoder.final_layer_norm.weight", hidden)
        .layers(layers, this::addLayer);
  }

  private void addLayer(NamedWeights weights, int number) {
    String self = "encoder.block." + number + ".layer.0.";
    String mlp = "encoder.block." + number + ".layer.1.";
    String dense = mlp + "DenseReluDense.";
    List<String> qkv =
        List.of(self + "SelfAttention.q", self + "SelfAttention.k", self + "SelfAttention.v");
    weights
        .plain("attention_norm", self + "layer_norm.weight", hidden)
        .joined("qkv", qkv, attention.width(), hidden, false)
        .linear(
            "attention_output", self + "SelfAttention.o", hidden, attention.contextWidth(), false)
        .plain("mlp_norm", mlp + "layer_norm.weight", hidden);
    if (gated) {
      weights.linear("mlp_gate", dense + "wi_0", intermediate, hidden, false);
    }
    weights
        .linear("mlp_input", dense + (gated ? "wi_1" : "wi"), intermediate, hidden, false)
        .linear("mlp_output", dense + "wo", hidden, intermediate, false);
  }

  @Override
  public Optional<Classifier> classifier() {
    throw ModelException.of(
        model,
        "a classifier of T5 reads its decoder's states, and only its encoder is supported: a"
            + " cross-encoder over that needs modules behind it, such as Pooling and Dense");
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("dropout_rate");
  }

  @Override
  public String prefix() {
    return "transformer.";
  }

  @Override
  public int hidden() {
    return hidden;
  }

  @Override
  public int vocabularySize() {
    return vocabulary;
  }

  @Override
  public int numbersOfPairs() {
    return attention.heads();
  }

  /** It has buckets for all distances. */
  @Override
  public int maxPositions() {
    return SizeLimits.POSITIONS;
  }
}

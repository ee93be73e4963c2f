package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;

/**
 * Nomic's BERT: rotary positions, a gated feed-forward network, no biases (Nussbaum et al. 2024, <a
 * href="https://arxiv.org/abs/2402.01613">arXiv:2402.01613</a>). Its configs speak the words of
 * transformers, or of the code that it was published with.
 */
final class NomicBert extends PostNormTransformer {
  private static final ModuleNames NAMES =
      new ModuleNames(
          "embeddings.LayerNorm",
          "layers.",
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          "self_attn.o_proj",
          "post_attention_layernorm",
          List.of("mlp.gate_proj", "mlp.up_proj"),
          "mlp.down_proj",
          "post_mlp_layernorm");

  private static final ModuleNames PUBLISHED =
      new ModuleNames(
          "emb_ln",
          "encoder.layers.",
          List.of("attn.Wqkv"),
          "attn.out_proj",
          "norm1",
          List.of("mlp.fc12", "mlp.fc11"),
          "mlp.fc2",
          "norm2");

  /** What published configs may ask for, and what they must, since nothing else is supported. */
  private static final List<String> OFF =
      List.of(
          "prenorm",
          "use_rms_norm",
          "parallel_block",
          "causal",
          "qkv_proj_bias",
          "mlp_fc1_bias",
          "mlp_fc2_bias",
          "rotary_emb_interleaved");

  /** {@code max_position_embeddings} where a config lacks it. */
  private static final int DEFAULT_POSITIONS = 2_048;

  private final int types;
  private final RotaryPositions rotary;
  private final Classifier classifier;

  NomicBert(String model, JsonFile config) throws IOException {
    super(model, sizes(model, config), NAMES);
    types = config.getInt("type_vocab_size", 2, 0, SizeLimits.KINDS);
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pooler.dense", Activation.TANH).inNetwork(),
            "classifier",
            0,
            config.getDouble("classifier_dropout", sizes().dropout().states()));
    rotary = RotaryPositions.of(model, config, config.getDouble("rotary_emb_base", 1_000));
    refuseStretchedPositions(model, config);
    for (String key : OFF) {
      if (config.getBoolean(key, false)) {
        throw ModelException.of(model, key + " is true, which is not supported");
      }
    }
    if (config.getDouble("rotary_emb_fraction", 1) != 1
        || config.getDouble("rotary_scaling_factor", 1) != 1) {
      throw ModelException.of(
          model, "rotary_emb_fraction or rotary_scaling_factor is not 1, which is not supported");
    }
    int head = config.getInt("head_dim", hidden() / sizes().heads());
    if (head * sizes().heads() != hidden()) {
      throw ModelException.of(
          model,
          "head_dim is %s, only hidden_size / num_attention_heads is supported".formatted(head));
    }
  }

  /**
   * The published {@code n_positions} bounds texts, but dynamic positions stretch those beyond
   * {@code max_position_embeddings}, which the reference then takes from its default.
   */
  private void refuseStretchedPositions(String model, JsonFile config) throws IOException {
    int positions = config.getInt("n_positions", 0);
    if (rotary.stretch().isDynamic()
        && !config.has("max_position_embeddings")
        && positions > DEFAULT_POSITIONS) {
      throw ModelException.of(
          model,
          "its rotary positions of type [dynamic] stretch texts beyond max_position_embeddings, %s"
                  .formatted(DEFAULT_POSITIONS)
              + " where config.json lacks it, and n_positions is %s: set both alike"
                  .formatted(positions));
    }
  }

  private static Sizes sizes(String model, JsonFile config) throws IOException {
    double dropout = config.getDouble("hidden_dropout_prob", config.getDouble("resid_pdrop", 0));
    return new Sizes(
        either(config, "hidden_size", "n_embd", SizeLimits.WIDTH),
        either(config, "num_attention_heads", "n_head", SizeLimits.HEADS),
        either(config, "num_hidden_layers", "n_layer", SizeLimits.LAYERS),
        either(config, "intermediate_size", "n_inner", SizeLimits.WIDTH),
        config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY),
        config.has("n_positions")
            ? either(config, "max_position_embeddings", "n_positions", SizeLimits.POSITIONS)
            : config.getInt("max_position_embeddings", DEFAULT_POSITIONS, 1, SizeLimits.POSITIONS),
        config.getDouble("layer_norm_eps", config.getDouble("layer_norm_epsilon", 1e-12)),
        activation(model, config),
        new Dropout(
            dropout,
            dropout,
            dropout,
            config.getDouble("attention_probs_dropout_prob", config.getDouble("attn_pdrop", 0))));
  }

  private static int either(JsonFile config, String key, String published, int most)
      throws IOException {
    return config.requireInt(config.has(key) ? key : published, 1, most);
  }

  private static Activation activation(String model, JsonFile config) throws IOException {
    String published = config.getString("activation_function", "swiglu");
    String name = config.getString("hidden_act", published);
    return Activation.of(model, name.equals("swiglu") ? "silu" : name);
  }

  @Override
  Optional<ModuleNames> otherNames() {
    return Optional.of(PUBLISHED);
  }

  @Override
  int types() {
    return types;
  }

  @Override
  Optional<RotaryPositions> rotary() {
    return Optional.of(rotary);
  }

  @Override
  boolean gated() {
    return true;
  }

  @Override
  boolean biases() {
    return false;
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    String transform = "cls.predictions.transform.";
    HeadLayer layer =
        HeadLayer.of(transform + "dense", sizes().activation())
            .with(new HeadLayer.Norm(transform + "layer_norm", true, sizes().eps()));
    return Optional.of(
        MaskedLanguageHead.of(layer, "cls.predictions.decoder", "cls.predictions.bias", WORDS));
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("hidden_dropout_prob", "attention_probs_dropout_prob");
  }

  @Override
  public String prefix() {
    return "nomic_bert.";
  }
}

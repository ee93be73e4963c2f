package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;

/**
 * Llama and its kin: one program, with a norm before each block, rotary positions, heads that share
 * keys and values, and a gated feed-forward network. An architecture says which of the few variants
 * it is.
 */
abstract class LlamaTransformer implements Network {
  static final String WORDS = "embed_tokens.weight";

  /**
   * What a config means that leaves keys out.
   *
   * @param headSize 0 for the share of the hidden size
   * @param eps added to mean squares
   * @param positions texts' longest length
   * @param activation of the gate
   */
  record Defaults(int headSize, double eps, int positions, String activation) {}

  private final int hidden;
  private final int intermediate;
  private final int vocabulary;
  private final int positions;
  private final double eps;
  private final boolean attentionBias;
  private final boolean mlpBias;
  private final Activation activation;
  private final Attention attention;

  /**
   * @param activation the config's key of it
   * @param causal whether a token sees only those up to its own place
   */
  LlamaTransformer(
      String model, JsonFile config, Defaults defaults, String activation, boolean causal)
      throws IOException {
    hidden = config.requireInt("hidden_size", 1, SizeLimits.WIDTH);
    intermediate = config.requireInt("intermediate_size", 1, SizeLimits.WIDTH);
    vocabulary = config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY);
    positions =
        config.getInt("max_position_embeddings", defaults.positions, 1, SizeLimits.POSITIONS);
    eps = config.getDouble("rms_norm_eps", defaults.eps);
    attentionBias = config.getBoolean("attention_bias", false);
    mlpBias = config.getBoolean("mlp_bias", false);
    this.activation = Activation.of(model, config.getString(activation, defaults.activation));
    int heads = config.requireInt("num_attention_heads", 1, SizeLimits.HEADS);
    int size =
        config.getInt(
            "head_dim",
            defaults.headSize == 0 ? hidden / heads : defaults.headSize,
            1,
            SizeLimits.WIDTH);
    attention =
        new Attention(
                heads,
                config.getInt("num_key_value_heads", heads, 1, SizeLimits.HEADS),
                size,
                Math.sqrt(size),
                causal,
                config.getDouble("attention_dropout", 0))
            .checked(model);
  }

  /**
   * Refuses to turn a causal network into one whose tokens see both ways.
   *
   * @throws ModelException when the config asks for that
   */
  static void refuseTurned(String model, JsonFile config) throws IOException {
    if (config.object().has("is_causal") && !config.getBoolean("is_causal", false)) {
      throw ModelException.of(
          model,
          "its config.json sets [is_causal] to false: a "
              + config.requireString("model_type")
              + " network whose tokens see those behind them is not supported");
    }
  }

  /** Which layers see all tokens. */
  abstract LayerTypes layers();

  /** Rotary positions of the layers that see all. */
  abstract RotaryPositions far();

  /** Rotary positions of the others. */
  RotaryPositions near() {
    return far();
  }

  /** Attention, as far as the config says nothing else of it. */
  Attention attention() {
    return attention;
  }

  /** Whether queries and keys are normed head by head. */
  boolean normsHeads() {
    return false;
  }

  /** Whether what a block gives is normed too, before it is added. */
  boolean normsBehind() {
    return false;
  }

  /** The module of the norm before the feed-forward network. */
  String mlpNorm() {
    return "post_attention_layernorm";
  }

  @Override
  public final List<String> fragments() {
    List<String> fragments =
        new ArrayList<>(List.of("attention", "rotary", "rotate", "rms-norm", "llama"));
    if (normsHeads()) {
      fragments.add("head-norms");
    }
    if (layers().seesAll().contains(false)) {
      fragments.add("neighbourhood");
    }
    return fragments;
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    attention().addTo(constants);
    layers().addTo(constants);
    constants.put("eps", eps);
    constants.put("norm_weight", "weight");
    constants.put("scaled_words", "words");
    activation.addTo(constants);
    constants.put("far", far().call(attention().headSize()));
    boolean all = !layers().seesAll().contains(false);
    constants.put("near", all ? "far" : near().call(attention().headSize()));
    constants.put("plan_near", all ? "plan" : "(self).plan_near(groups, plan)");
    constants.put(
        "attention_near",
        all
            ? "qkv"
            : "(self).attention_near((self).rotate(qkv, torch.add(near, norms)), groups, plan_near, w)");
    Map<String, Object> own = weights().constants(0);
    constants.put("head_norms", "annotate(List[Tensor], [])");
    if (normsHeads()) {
      constants.put(
          "head_norms",
          "[(self).head_norms(%s, %s)]".formatted(own.get("w.query_norm"), own.get("w.key_norm")));
      constants.put("turned_heads", "(self).rms_norm(turning, rotation[2])");
    }
    constants.put("attended", behind("attended", own.get("w.attended_norm")));
    constants.put("outer", behind("outer", own.get("w.outer_norm")));
    return constants;
  }

  private String behind(String states, Object norm) {
    return normsBehind() ? "(self).rms_norm(" + states + ", " + norm + ")" : states;
  }

  @Override
  public boolean keepsPadding() {
    return true;
  }

  @Override
  public NamedWeights weights() {
    return new NamedWeights()
        .table("words", WORDS, vocabulary, hidden)
        .plain("final_norm", "norm.weight", hidden)
        .layers(layers().count(), this::addLayer);
  }

  private void addLayer(NamedWeights weights, int number) {
    String layer = "layers." + number + ".";
    String self = layer + "self_attn.";
    List<String> qkv = List.of(self + "q_proj", self + "k_proj", self + "v_proj");
    weights
        .plain("attention_norm", layer + "input_layernorm.weight", hidden)
        .joined("qkv", qkv, attention.width(), hidden, attentionBias)
        .linear(
            "attention_output", self + "o_proj", hidden, attention.contextWidth(), attentionBias)
        .plain("mlp_norm", layer + mlpNorm() + ".weight", hidden)
        .linear("mlp_gate", layer + "mlp.gate_proj", intermediate, hidden, mlpBias)
        .linear("mlp_input", layer + "mlp.up_proj", intermediate, hidden, mlpBias)
        .linear("mlp_output", layer + "mlp.down_proj", hidden, intermediate, mlpBias);
    if (normsHeads()) {
      weights
          .plain("query_norm", self + "q_norm.weight", attention.headSize())
          .plain("key_norm", self + "k_norm.weight", attention.headSize());
    }
    if (normsBehind()) {
      weights
          .plain("attended_norm", layer + "post_attention_layernorm.weight", hidden)
          .plain("outer_norm", layer + "post_feedforward_layernorm.weight", hidden);
    }
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("attention_dropout");
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public final int hidden() {
    return hidden;
  }

  @Override
  public final int vocabularySize() {
    return vocabulary;
  }

  @Override
  public final Beyond beyondPositions() {
    return RotaryPositions.beyond(Stream.of(far(), near()));
  }

  @Override
  public final int maxPositions() {
    return positions;
  }
}

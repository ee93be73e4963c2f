package org.semlux.encoders.network;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;

/**
 * ModernBERT, with the configs of transformers 4 and 5 (Warner et al. 2024, <a
 * href="https://arxiv.org/abs/2412.13663">arXiv:2412.13663</a>).
 */
final class ModernBert implements Network {
  private static final String WORDS = "embeddings.tok_embeddings.weight";

  private final int hidden;
  private final int heads;
  private final int intermediate;
  private final int vocabularySize;
  private final int maxPositions;
  private final double eps;
  private final boolean attentionBias;
  private final boolean mlpBias;
  private final boolean normBias;
  private final Activation activation;
  private final RotaryPositions far;
  private final RotaryPositions near;
  private final LayerTypes layers;
  private final double embeddingDropout;
  private final double attentionDropout;
  private final double mlpDropout;
  private final Classifier classifier;
  private final MaskedLanguageHead maskedLanguageHead;

  ModernBert(String model, JsonFile config) throws IOException {
    hidden = config.requireInt("hidden_size", 1, SizeLimits.WIDTH);
    heads = config.requireInt("num_attention_heads", 1, SizeLimits.HEADS);
    intermediate = config.requireInt("intermediate_size", 1, SizeLimits.WIDTH);
    vocabularySize = config.requireInt("vocab_size", 1, SizeLimits.VOCABULARY);
    maxPositions = config.getInt("max_position_embeddings", 8192, 1, SizeLimits.POSITIONS);
    eps = config.getDouble("norm_eps", 1e-5);
    attentionBias = config.getBoolean("attention_bias", false);
    mlpBias = config.getBoolean("mlp_bias", false);
    normBias = config.getBoolean("norm_bias", false);
    activation = Activation.of(model, config.getString("hidden_activation", "gelu"));
    int count = config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS);
    int every = config.getInt("global_attn_every_n_layers", 3, 1, SizeLimits.LAYERS);
    layers =
        new LayerTypes(
            LayerTypes.seeingAll(model, config, count, layer -> layer % every == 0),
            // whose other name for half of it wins in transformers 5
            config.getInt(
                "sliding_window",
                config.getInt("local_attention", 128, 0, SizeLimits.POSITIONS) / 2,
                0,
                SizeLimits.POSITIONS / 2));
    double theta = config.getDouble("global_rope_theta", 160_000);
    far = RotaryPositions.of(model, config, LayerTypes.FULL, theta, true);
    near =
        RotaryPositions.of(
            model,
            config,
            LayerTypes.SLIDING,
            // transformers 4 wrote null for "as the others"
            config.getDouble(
                "local_rope_theta", config.object().has("local_rope_theta") ? far.theta() : 10_000),
            true);
    embeddingDropout = config.getDouble("embedding_dropout", 0);
    attentionDropout = config.getDouble("attention_dropout", 0);
    mlpDropout = config.getDouble("mlp_dropout", 0);
    HeadLayer head =
        HeadLayer.of(
                "head.dense",
                config.getBoolean("classifier_bias", false),
                Activation.of(model, config.getString("classifier_activation", "gelu")))
            .with(new HeadLayer.Norm("head.norm", normBias, eps));
    classifier =
        Classifier.ofPooled(
            config.getString("classifier_pooling", "cls"),
            false,
            head,
            "classifier",
            config.getDouble("classifier_dropout", 0));
    maskedLanguageHead =
        new MaskedLanguageHead(
            Optional.of(head),
            "decoder.weight",
            "decoder.bias",
            "decoder.bias",
            config.getBoolean("decoder_bias", true),
            true,
            WORDS,
            List.of("classifier_bias", "decoder_bias"));
    if (layers.reach() < 1) {
      throw ModelException.of(
          model, "local_attention is below 2, or sliding_window below 1: layers would see nothing");
    }
    if (hidden % (2 * heads) != 0) {
      throw ModelException.of(
          model, "hidden_size " + hidden + " cannot be split into " + heads + " even heads");
    }
  }

  @Override
  public List<String> fragments() {
    return List.of("attention", "rotary", "rotate", "neighbourhood", "gated", "modernbert");
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    constants.put("hidden", hidden);
    Attention.of(heads, hidden / heads, attentionDropout).addTo(constants);
    layers.addTo(constants);
    constants.put("eps", eps);
    activation.addTo(constants);
    constants.put("embedding_dropout", embeddingDropout);
    constants.put("attended_dropout", attentionDropout);
    constants.put("dropout", mlpDropout);
    constants.put("far", far.call(hidden / heads));
    constants.put("near", near.call(hidden / heads));
    return constants;
  }

  @Override
  public boolean keepsPadding() {
    return true;
  }

  @Override
  public NamedWeights weights() {
    return new NamedWeights()
        .table("words", WORDS, vocabularySize, hidden)
        .norm("embedding_norm", "embeddings.norm", hidden, normBias)
        .layers(layers.count(), this::addLayer);
  }

  private void addLayer(NamedWeights weights, int number) {
    String layer = "layers." + number + ".";
    String next =
        number + 1 < layers.count() ? "layers." + (number + 1) + ".attn_norm" : "final_norm";
    weights
        .linear("qkv", layer + "attn.Wqkv", 3L * hidden, hidden, attentionBias)
        .linear("attention_output", layer + "attn.Wo", hidden, hidden, attentionBias)
        .norm("mlp_norm", layer + "mlp_norm", hidden, normBias)
        .linear("mlp_input", layer + "mlp.Wi", 2L * intermediate, hidden, mlpBias)
        .linear("mlp_output", layer + "mlp.Wo", hidden, intermediate, mlpBias)
        .norm("next_norm", next, hidden, normBias);
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return Optional.of(maskedLanguageHead);
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of("embedding_dropout", "attention_dropout", "mlp_dropout", "classifier_dropout");
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public int hidden() {
    return hidden;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public Beyond beyondPositions() {
    return RotaryPositions.beyond(Stream.of(far, near));
  }

  @Override
  public int maxPositions() {
    return maxPositions;
  }
}

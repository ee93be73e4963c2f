package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;

/**
 * ModernBERT, with the configs of transformers 4 and 5 (Warner et al. 2024, <a
 * href="https://arxiv.org/abs/2412.13663">arXiv:2412.13663</a>).
 */
final class ModernBert implements Network {
  private static final String WORDS = "embeddings.tok_embeddings.weight";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

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
  private final int reach;
  private final double farTheta;
  private final double nearTheta;
  private final List<Boolean> seesAll;
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
    reach = config.getInt("local_attention", 128, 0, SizeLimits.POSITIONS) / 2;
    farTheta = theta(model, config, FULL, config.getDouble("global_rope_theta", 160_000));
    nearTheta =
        theta(
            model,
            config,
            SLIDING,
            // transformers 4 wrote null for "as the others"
            config.getDouble(
                "local_rope_theta", config.object().has("local_rope_theta") ? farTheta : 10_000));
    seesAll = seesAll(model, config);
    embeddingDropout = config.getDouble("embedding_dropout", 0);
    attentionDropout = config.getDouble("attention_dropout", 0);
    mlpDropout = config.getDouble("mlp_dropout", 0);
    HeadLayer head =
        new HeadLayer(
            "head.dense",
            config.getBoolean("classifier_bias", false),
            false,
            Activation.of(model, config.getString("classifier_activation", "gelu")),
            Optional.of(new HeadLayer.Norm("head.norm", normBias, eps)));
    classifier =
        new Classifier(
            config.getString("classifier_pooling", "cls"),
            Optional.of(head),
            "classifier",
            true,
            0,
            config.getDouble("classifier_dropout", 0));
    maskedLanguageHead =
        new MaskedLanguageHead(
            head,
            "decoder.weight",
            "decoder.bias",
            "decoder.bias",
            config.getBoolean("decoder_bias", true),
            WORDS,
            List.of("classifier_bias", "decoder_bias"));
    if (reach < 1) {
      throw ModelException.of(model, "local_attention is below 2: layers would see nothing");
    }
    if (hidden % (2 * heads) != 0) {
      throw ModelException.of(
          model, "hidden_size " + hidden + " cannot be split into " + heads + " even heads");
    }
  }

  private static double theta(String model, JsonFile config, String layers, double otherwise)
      throws IOException {
    Optional<JsonFile> scaling = config.getObject("rope_scaling");
    if (scaling.isPresent()) {
      requireDefault(model, scaling.get());
    }
    Optional<JsonFile> all = config.getObject("rope_parameters");
    Optional<JsonFile> own = all.isPresent() ? all.get().getObject(layers) : Optional.empty();
    if (own.isEmpty()) {
      return otherwise;
    }
    requireDefault(model, own.get());
    return own.get().getDouble("rope_theta", otherwise);
  }

  private static void requireDefault(String model, JsonFile rope) throws IOException {
    String type = rope.getString("rope_type", rope.getString("type", "default"));
    if (!type.equals("default")) {
      throw ModelException.of(
          model, "rotary positions of type [" + type + "] are not supported, only [default] is");
    }
  }

  /** Which layers see all tokens: named one by one, or every third. */
  private static List<Boolean> seesAll(String model, JsonFile config) throws IOException {
    int layers = config.requireInt("num_hidden_layers", 1, SizeLimits.LAYERS);
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
      int every = config.getInt("global_attn_every_n_layers", 3, 1, SizeLimits.LAYERS);
      for (int i = 0; i < layers; i++) {
        seesAll.add(i % every == 0);
      }
    }
    if (seesAll.size() != layers) {
      throw ModelException.of(
          model, "layer_types names " + seesAll.size() + " layers, num_hidden_layers is " + layers);
    }
    return seesAll;
  }

  @Override
  public List<String> fragments() {
    return List.of("attention", "rotary", "neighbourhood", "modernbert");
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    constants.put("hidden", hidden);
    constants.put("heads", heads);
    constants.put("head_size", hidden / heads);
    constants.put("layers", seesAll.size());
    constants.put("eps", eps);
    constants.put("activation", activation.name());
    constants.put("activation_algorithm", activation.algorithm());
    constants.put("activation_of_first_half", activation.of("split[0]"));
    constants.put("embedding_dropout", embeddingDropout);
    constants.put("attended_dropout", attentionDropout);
    constants.put("attention_dropout", attentionDropout);
    constants.put("dropout", mlpDropout);
    constants.put("reach", reach);
    constants.put("block", 2 * reach);
    constants.put("narrow", 4 * reach);
    constants.put("far_theta", farTheta);
    constants.put("near_theta", nearTheta);
    constants.put(
        "sees_all",
        seesAll.stream()
            .map(all -> all ? "True" : "False")
            .collect(Collectors.joining(", ", "[", "]")));
    return constants;
  }

  @Override
  public NamedWeights weights() {
    return new NamedWeights()
        .table("words", WORDS, vocabularySize, hidden)
        .norm("embedding_norm", "embeddings.norm", hidden, normBias)
        .layers(seesAll.size(), this::addLayer);
  }

  private void addLayer(NamedWeights weights, int number) {
    String layer = "layers." + number + ".";
    String next =
        number + 1 < seesAll.size() ? "layers." + (number + 1) + ".attn_norm" : "final_norm";
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
  public int maxPositions() {
    return maxPositions;
  }
}

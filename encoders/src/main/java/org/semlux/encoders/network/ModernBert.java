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
import org.semlux.encoders.program.Parameter;

/**
 * ModernBERT, with the configs of transformers 4 and 5 (Warner et al. 2024, <a
 * href="https://arxiv.org/abs/2412.13663">arXiv:2412.13663</a>).
 */
final class ModernBert implements Network {
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
    putPlaces(constants);
    return constants;
  }

  /** Where the program finds each weight, and {@code None} for a bias that the model lacks. */
  private void putPlaces(Map<String, Object> constants) {
    List<String> names = parameters().stream().map(parameter -> parameter.names().get(0)).toList();
    int layers = seesAll.size();
    int first = names.indexOf("layers.0.attn.Wqkv.weight");
    int norms = layers > 1 ? names.indexOf("layers.1.attn_norm.weight") : names.size();
    constants.put("first", first);
    constants.put("layer_weights", (norms - first) / layers);
    constants.put("norms", norms);
    constants.put("norm_weights", normBias ? 2 : 1);
    constants.put("attention_norm", normBias ? "w[n], w[n + 1]" : "w[n], None");
    constants.put("embedding_norm", place(names, "embeddings.norm", "", 0));
    constants.put("final_norm", place(names, "final_norm", "", 0));
    constants.put("qkv", product(names, "layers.0.attn.Wqkv", first));
    constants.put("attention_output", product(names, "layers.0.attn.Wo", first));
    constants.put("mlp_norm", place(names, "layers.0.mlp_norm", "o + ", first));
    constants.put("mlp_input", product(names, "layers.0.mlp.Wi", first));
    constants.put("mlp_output", product(names, "layers.0.mlp.Wo", first));
  }

  private static String place(List<String> names, String module, String base, int from) {
    int weight = names.indexOf(module + ".weight") - from;
    boolean bias = names.contains(module + ".bias");
    return "w[" + base + weight + "], " + (bias ? "w[" + base + (weight + 1) + "]" : "None");
  }

  /** A weight's place, which a layer's product takes, and its bias. */
  private static String product(List<String> names, String module, int from) {
    int weight = names.indexOf(module + ".weight") - from;
    boolean bias = names.contains(module + ".bias");
    return "o + " + weight + ", " + (bias ? "w[o + " + (weight + 1) + "]" : "None");
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> list = new ArrayList<>();
    list.add(Parameter.table("embeddings.tok_embeddings.weight", vocabularySize, hidden));
    addNorm(list, "embeddings.norm");
    addNorm(list, "final_norm");
    for (int i = 0; i < seesAll.size(); i++) {
      String layer = "layers." + i + ".";
      addLinear(list, layer + "attn.Wqkv", 3L * hidden, hidden, attentionBias);
      addLinear(list, layer + "attn.Wo", hidden, hidden, attentionBias);
      addNorm(list, layer + "mlp_norm");
      addLinear(list, layer + "mlp.Wi", 2L * intermediate, hidden, mlpBias);
      addLinear(list, layer + "mlp.Wo", hidden, intermediate, mlpBias);
    }
    for (int i = 1; i < seesAll.size(); i++) {
      addNorm(list, "layers." + i + ".attn_norm");
    }
    return list;
  }

  private static void addLinear(
      List<Parameter> list, String module, long out, long in, boolean bias) {
    list.add(Parameter.linear(module + ".weight", out, in));
    if (bias) {
      list.add(Parameter.bias(module + ".bias", out));
    }
  }

  private void addNorm(List<Parameter> list, String module) {
    list.add(Parameter.plain(module + ".weight", hidden));
    if (normBias) {
      list.add(Parameter.plain(module + ".bias", hidden));
    }
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

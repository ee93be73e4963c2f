package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Parameter.Role;

/** BERT, as Hugging Face's {@code BertModel} stores it. */
public final class Bert implements Network {
  private final int hidden;
  private final int heads;
  private final int layers;
  private final int intermediate;
  private final int vocabularySize;
  private final int maxPositions;
  private final int types;
  private final double eps;
  private final Activation activation;

  Bert(String model, JsonFile config) throws IOException {
    hidden = config.requireInt("hidden_size");
    heads = config.requireInt("num_attention_heads");
    layers = config.requireInt("num_hidden_layers");
    intermediate = config.requireInt("intermediate_size");
    vocabularySize = config.requireInt("vocab_size");
    maxPositions = config.requireInt("max_position_embeddings");
    types = config.getInt("type_vocab_size", 2);
    eps = config.getDouble("layer_norm_eps", 1e-12);
    activation = Activation.of(model, config.getString("hidden_act", "gelu"));
    if (heads <= 0 || hidden % heads != 0) {
      throw ModelException.of(
          model, "hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
    }
    String positions = config.getString("position_embedding_type", "absolute");
    if (!positions.equals("absolute")) {
      throw ModelException.of(
          model, "position_embedding_type [" + positions + "] is not supported");
    }
  }

  @Override
  public List<String> fragments() {
    return List.of("attention", "bert");
  }

  @Override
  public Map<String, Object> constants() {
    return Map.of(
        "hidden", hidden,
        "heads", heads,
        "head_size", hidden / heads,
        "layers", layers,
        "eps", eps,
        "activation", activation.name(),
        "activation_algorithm", activation.algorithm());
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> list = new ArrayList<>();
    list.add(Parameter.plain("embeddings.word_embeddings.weight", vocabularySize, hidden));
    list.add(Parameter.plain("embeddings.position_embeddings.weight", maxPositions, hidden));
    list.add(Parameter.plain("embeddings.token_type_embeddings.weight", types, hidden));
    addNorm(list, "embeddings.LayerNorm");
    for (int i = 0; i < layers; i++) {
      String layer = "encoder.layer." + i + ".";
      List<String> qkv =
          List.of(
              layer + "attention.self.query",
              layer + "attention.self.key",
              layer + "attention.self.value");
      list.add(joined(qkv, ".weight", Role.LINEAR, 3L * hidden, hidden));
      list.add(joined(qkv, ".bias", Role.BIAS, 3L * hidden));
      addLinear(list, layer + "attention.output.dense", hidden, hidden);
      addNorm(list, layer + "attention.output.LayerNorm");
      addLinear(list, layer + "intermediate.dense", intermediate, hidden);
      addLinear(list, layer + "output.dense", hidden, intermediate);
      addNorm(list, layer + "output.LayerNorm");
    }
    return list;
  }

  private static Parameter joined(List<String> modules, String suffix, Role role, long... shape) {
    return new Parameter(modules.stream().map(name -> name + suffix).toList(), role, shape);
  }

  private static void addLinear(List<Parameter> list, String module, long out, long in) {
    list.add(Parameter.linear(module + ".weight", out, in));
    list.add(Parameter.bias(module + ".bias", out));
  }

  private void addNorm(List<Parameter> list, String module) {
    list.add(Parameter.plain(module + ".weight", hidden));
    list.add(Parameter.plain(module + ".bias", hidden));
  }

  @Override
  public String prefix() {
    return "bert.";
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

package org.semlux.training.onnx;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelException;
import org.semlux.training.onnx.OnnxGraph.Node;

/**
 * Works out a BERT's {@code config.json} from its ONNX graph: sizes from the shapes of weights, the
 * activation, the heads and the epsilon of layer normalization from nodes.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("export");
 * OnnxWeights weights = OnnxWeights.open(folder.resolve("model.onnx"), folder);
 * JsonObject config = OnnxConfig.read(weights, Optional.empty(), OptionalInt.empty());
 * JsonFile.write(folder.resolve("config.json"), config, 2);
 * }
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">BERT</a>
 */
public final class OnnxConfig {
  private static final String BERT = "bert";
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d{1,4})\\..*");
  private static final String REMEDY = "put the model's config.json beside the ONNX file";

  private final OnnxWeights weights;
  private final OnnxGraph graph;
  private final String model;

  private OnnxConfig(OnnxWeights weights) {
    this.weights = weights;
    this.graph = weights.graph();
    this.model = graph.file().getFileName().toString();
  }

  /**
   * Works out the config.
   *
   * @param modelType the architecture as in config.json; read from the weights' names when empty
   * @param heads attention heads; read from the graph when empty
   * @throws ModelException when the graph is no BERT encoder, leaves something open, or contradicts
   *     what is given
   */
  public static JsonObject read(OnnxWeights weights, Optional<String> modelType, OptionalInt heads)
      throws IOException {
    OnnxConfig config = new OnnxConfig(weights);
    config.requireBert(modelType);
    return config.bert(heads);
  }

  private void requireBert(Optional<String> modelType) {
    if (modelType.isPresent() && !modelType.get().equals(BERT)) {
      throw ModelException.of(
          model,
          "no config can be worked out for --model-type %s, only for %s; %s"
              .formatted(modelType.get(), BERT, REMEDY));
    }
    Optional<String> inner =
        weights.names().stream().filter(name -> name.endsWith("." + WORDS)).findFirst();
    if (inner.isPresent()) {
      String encoder = inner.get().substring(0, inner.get().length() - WORDS.length());
      String head =
          weights.names().stream().filter(name -> !name.startsWith(encoder)).findFirst().orElse("");
      throw ModelException.of(
          model, "the graph holds more than an encoder, such as " + head + "; " + REMEDY);
    }
    if (!weights.names().contains("embeddings.token_type_embeddings.weight")
        || !weights.names().contains("encoder.layer.0.attention.self.query.weight")) {
      throw ModelException.of(model, "its weights are not those of a " + BERT + "; " + REMEDY);
    }
    // RoBERTa has the same names, but counts its positions from the tokens that are no padding.
    if (modelType.isEmpty() && graph.nodes().stream().anyMatch(node -> node.is("CumSum"))) {
      throw ModelException.of(
          model,
          "the graph may count positions as RoBERTa does; if it is a %s, say --model-type %s, else %s"
              .formatted(BERT, BERT, REMEDY));
    }
  }

  private JsonObject bert(OptionalInt heads) throws IOException {
    long hidden = size(WORDS, 1);
    JsonObject config = new JsonObject();
    JsonArray architectures = new JsonArray();
    architectures.add("BertModel");
    config.add("architectures", architectures);
    config.addProperty("attention_probs_dropout_prob", 0.1);
    config.addProperty("dtype", dtype());
    config.addProperty("hidden_act", activation());
    config.addProperty("hidden_dropout_prob", 0.1);
    config.addProperty("hidden_size", hidden);
    config.addProperty("initializer_range", 0.02);
    config.addProperty("intermediate_size", size("encoder.layer.0.intermediate.dense.weight", 0));
    config.addProperty("layer_norm_eps", epsilon());
    config.addProperty("max_position_embeddings", size("embeddings.position_embeddings.weight", 0));
    config.addProperty("model_type", BERT);
    config.addProperty("num_attention_heads", heads(heads, hidden));
    config.addProperty("num_hidden_layers", layers());
    config.addProperty("type_vocab_size", size("embeddings.token_type_embeddings.weight", 0));
    config.addProperty("vocab_size", size(WORDS, 0));
    return config;
  }

  private long size(String name, int dimension) {
    long[] shape =
        weights
            .shape(name)
            .orElseThrow(() -> ModelException.of(model, "the graph holds no weight " + name));
    if (shape.length != 2) {
      throw ModelException.of(model, name + " has " + shape.length + " dimensions instead of 2");
    }
    return shape[dimension];
  }

  private String dtype() {
    return switch (weights.dtype(WORDS).orElseThrow()) {
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      default -> "float32";
    };
  }

  private int layers() {
    int layers = 0;
    for (String name : weights.names()) {
      Matcher layer = LAYER.matcher(name);
      if (layer.matches()) {
        layers = Math.max(layers, Integer.parseInt(layer.group(1)) + 1);
      }
    }
    return layers;
  }

  /** Between the dense layers of a block: BERT's own is the exact GELU, by the error function. */
  private String activation() {
    if (graph.nodes().stream().anyMatch(node -> node.is("Erf", "BiasGelu"))) {
      return "gelu";
    }
    for (Node node : graph.nodes()) {
      if (node.is("Gelu")) {
        return "tanh".equals(node.attributes().get("approximate")) ? "gelu_new" : "gelu";
      }
      if (node.is("FastGelu")) {
        return "gelu_new";
      }
      if (node.is("Relu")) {
        return "relu";
      }
    }
    // One Tanh alone is the pooler's.
    if (graph.nodes().stream().filter(node -> node.is("Tanh")).count() >= Math.max(2, layers())) {
      return "gelu_new";
    }
    throw ModelException.of(model, "the graph does not tell the activation; " + REMEDY);
  }

  private double epsilon() throws IOException {
    Set<Double> found = new TreeSet<>();
    for (Node node : graph.nodes()) {
      if (node.is("LayerNormalization", "SkipLayerNormalization")) {
        Object epsilon = node.attributes().get("epsilon");
        found.add(epsilon == null ? 1e-5 : Double.parseDouble(epsilon.toString()));
      }
    }
    // Written out, it is the constant that is added under the root.
    for (Node node : graph.nodes()) {
      Node summand = node.is("Sqrt") ? graph.producer(node.input(0)).orElse(null) : null;
      if (summand != null && summand.is("Add")) {
        for (String value : summand.inputs()) {
          graph.constant(value).ifPresent(found::add);
        }
      }
    }
    if (found.size() != 1) {
      throw ModelException.of(
          model, "the graph does not tell one epsilon of layer normalization; " + REMEDY);
    }
    return found.iterator().next();
  }

  private int heads(OptionalInt given, long hidden) throws IOException {
    Set<Integer> found = new TreeSet<>();
    for (Node node : graph.nodes()) {
      if (node.is("Reshape")) {
        headsOf(node, hidden).ifPresent(found::add);
      }
    }
    if (given.isPresent()) {
      int heads = given.getAsInt();
      if (heads < 1 || hidden % heads != 0) {
        throw ModelException.of(
            model, "--num-attention-heads " + heads + " does not divide the width " + hidden);
      }
      if (found.size() == 1 && !found.contains(heads)) {
        throw ModelException.of(
            model, "--num-attention-heads is " + heads + ", but the graph has " + found);
      }
      return heads;
    }
    if (found.size() != 1) {
      throw ModelException.of(
          model, "the graph does not tell its attention heads: say --num-attention-heads");
    }
    return found.iterator().next();
  }

  /** Attention splits the width: a reshape to {@code [texts, tokens, heads, hidden / heads]}. */
  private OptionalInt headsOf(Node reshape, long hidden) throws IOException {
    double[] target = graph.vector(reshape.input(1));
    if (target.length != 4) {
      return OptionalInt.empty();
    }
    double width = target[3];
    boolean splits = width > 0 && hidden % width == 0;
    double heads = hidden / width;
    return splits && (target[2] == heads || target[2] == -1)
        ? OptionalInt.of((int) heads)
        : OptionalInt.empty();
  }
}

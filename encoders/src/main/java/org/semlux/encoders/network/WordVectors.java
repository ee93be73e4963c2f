package org.semlux.encoders.network;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.ModelFolder.Module;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;

/**
 * A vector a word, such as GloVe's, and mostly an LSTM over them, which is a module of its own.
 * They serve in float32: rounding would add up word by word, which training bears like dropout.
 */
final class WordVectors implements Network {
  /**
   * The sizes of an LSTM.
   *
   * @param in numbers in a word's vector
   * @param hidden numbers in a state of one direction
   * @param layers 0 for none
   * @param dropout rate between layers, in training
   */
  private record Lstm(int in, int hidden, int layers, boolean bidirectional, double dropout) {
    int directions() {
      return bidirectional ? 2 : 1;
    }

    int width() {
      return layers == 0 ? in : hidden * directions();
    }
  }

  private final VectorTable vectors;
  private final int maxTokens;
  private final Lstm lstm;

  private WordVectors(VectorTable vectors, int maxTokens, Lstm lstm) {
    this.vectors = vectors;
    this.maxTokens = maxTokens;
    this.lstm = lstm;
  }

  static WordVectors of(ModelFolder folder) throws IOException {
    Module words = folder.modules().get(0);
    VectorTable vectors = VectorTable.of(folder.name(), folder.weights(words), "emb_layer.weight");
    int maxTokens =
        words
            .config("wordembedding_config.json")
            .getInt("max_seq_length", 1_000_000, 1, SizeLimits.POSITIONS);
    boolean recurs = folder.modules().size() > 1 && folder.modules().get(1).type().equals("LSTM");
    Lstm lstm =
        recurs
            ? lstm(folder.name(), folder.modules().get(1), vectors.width())
            : new Lstm(vectors.width(), 0, 0, false, 0);
    return new WordVectors(vectors, maxTokens, lstm);
  }

  private static Lstm lstm(String model, Module module, int width) throws IOException {
    JsonFile config = module.config("lstm_config.json");
    String older = "word_embedding_dimension";
    int in = config.requireInt(config.has(older) ? older : "embedding_dimension");
    int layers = config.getInt("num_layers", 1, 1, SizeLimits.LAYERS);
    if (in != width || layers < 1) {
      throw ModelException.of(
          model,
          "the LSTM takes vectors of %s numbers through %s layers, the word embedding gives %s"
              .formatted(in, layers, width));
    }
    boolean bidirectional = config.getBoolean("bidirectional", true);
    double dropout = config.getDouble("dropout", 0);
    return new Lstm(
        in, config.requireInt("hidden_dim", 1, SizeLimits.WIDTH), layers, bidirectional, dropout);
  }

  @Override
  public Precision precision(Precision asked) {
    return Precision.FLOAT32;
  }

  @Override
  public int modules() {
    return lstm.layers == 0 ? 1 : 2;
  }

  @Override
  public List<String> fragments() {
    return lstm.layers == 0 ? List.of("word-vectors") : List.of("lstm", "word-vectors");
  }

  @Override
  public Map<String, Object> constants() {
    return Map.of(
        "states",
        lstm.layers == 0 ? "words" : "(self).lstm(words, tokens, w)",
        "hidden",
        lstm.hidden,
        "layers",
        lstm.layers,
        "directions",
        lstm.directions(),
        "dropout",
        lstm.dropout,
        "late", // what a recurrent weight's gradient is made of, two things each
        2 * lstm.layers * lstm.directions());
  }

  @Override
  public NamedWeights weights() {
    return new NamedWeights()
        .tensor("words", vectors.parameter())
        .layers(lstm.layers * lstm.directions(), this::addDirection);
  }

  /** Four gates side by side, as PyTorch stores them: input, forget, cell, output. */
  private void addDirection(NamedWeights weights, int number) {
    int layer = number / lstm.directions();
    int in = layer == 0 ? lstm.in : lstm.width();
    String suffix = "_l" + layer + (number % lstm.directions() == 0 ? "" : "_reverse");
    long gates = 4L * lstm.hidden;
    weights
        .tensor("input", Parameter.linear("encoder.weight_ih" + suffix, gates, in))
        .tensor("recurrent", Parameter.linear("encoder.weight_hh" + suffix, gates, lstm.hidden))
        .plain("input_bias", "encoder.bias_ih" + suffix, gates)
        .plain("recurrent_bias", "encoder.bias_hh" + suffix, gates);
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public int hidden() {
    return lstm.width();
  }

  @Override
  public int vocabularySize() {
    return vectors.rows();
  }

  @Override
  public int maxPositions() {
    return maxTokens;
  }
}

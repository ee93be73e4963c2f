package org.semlux.encoders.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.program.NamedWeights;

/**
 * BERT and its kin: one program, that normalises after each residual sum. An architecture says what
 * its config calls the sizes, what its files call the weights, and which of the few variants it is.
 */
abstract class PostNormTransformer implements Network {
  static final String WORDS = "embeddings.word_embeddings.weight";

  /**
   * @param vocabulary rows of the word embedding
   * @param positions rows of the position embedding
   * @param eps added to variances
   * @param dropout rates, in training
   */
  record Sizes(
      int hidden,
      int heads,
      int layers,
      int intermediate,
      int vocabulary,
      int positions,
      double eps,
      Activation activation,
      Dropout dropout) {}

  /**
   * Rates of dropout.
   *
   * @param states of the embeddings and behind each layer's last product
   * @param attended behind attention's product
   * @param attention of attention's shares
   */
  record Dropout(double states, double attended, double attention) {}

  /**
   * What a layer's modules are called.
   *
   * @param layers before the layer's number
   * @param queryKeyValue three modules, side by side in one product
   */
  record Names(
      String layers,
      List<String> queryKeyValue,
      String attentionOutput,
      String attentionNorm,
      String intermediate,
      String output,
      String outputNorm) {}

  private final Sizes sizes;
  private final Names names;

  PostNormTransformer(String model, Sizes sizes, Names names) {
    if (sizes.hidden % sizes.heads != 0) {
      throw ModelException.of(
          model,
          "its hidden size " + sizes.hidden + " is no multiple of its " + sizes.heads + " heads");
    }
    this.sizes = sizes;
    this.names = names;
  }

  final Sizes sizes() {
    return sizes;
  }

  /** Numbers in a token's embedding. */
  int embeddingWidth() {
    return sizes.hidden;
  }

  /** What the program makes the first layer's states of. */
  String embedded() {
    return "(self).embed(tokens, w)";
  }

  /** Which of the layers' weights the program's {@code layer} has. */
  String layerOfWeights() {
    return "layer";
  }

  /** Layers that have weights of their own. */
  int layersOfWeights() {
    return sizes.layers;
  }

  /** Whether each position has a vector of its own. */
  boolean hasPositions() {
    return true;
  }

  /** Token types that are told apart; 0 where the model has no such embedding. */
  int types() {
    return 0;
  }

  /** The padding token's id, where positions begin after it; -1 where they begin at 0. */
  int padding() {
    return -1;
  }

  /** Buckets of relative positions; 0 where attention knows none. */
  int relativeBuckets() {
    return 0;
  }

  @Override
  public final boolean givesFirstStates() {
    return true;
  }

  @Override
  public List<String> fragments() {
    List<String> fragments =
        new ArrayList<>(List.of("attention", "embeddings", "post-norm", "first-states"));
    if (types() > 0) {
      fragments.add("token-types");
    }
    if (hasPositions()) {
      fragments.add("positions");
    }
    if (padding() >= 0) {
      fragments.add("positions-after-padding");
    }
    if (relativeBuckets() > 0) {
      fragments.add("relative-positions");
    }
    return fragments;
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    constants.put("hidden", sizes.hidden);
    constants.put("heads", sizes.heads);
    constants.put("head_size", sizes.hidden / sizes.heads);
    constants.put("layers", sizes.layers);
    constants.put("eps", sizes.eps);
    constants.put("activation", sizes.activation.name());
    constants.put("activation_algorithm", sizes.activation.algorithm());
    constants.put("activated", sizes.activation.of("product"));
    constants.put("activated_in_place", sizes.activation.inPlace("product"));
    constants.put("dropout", sizes.dropout.states);
    constants.put("attended_dropout", sizes.dropout.attended);
    constants.put("attention_dropout", sizes.dropout.attention);
    constants.put("padding", padding());
    constants.put("embedding_width", embeddingWidth());
    constants.put("embedded", embedded());
    constants.put("layer_of_weights", layerOfWeights());
    String typed = types() > 0 ? "(self).add_types(words, tokens, w)" : "words";
    constants.put(
        "summed", hasPositions() ? "(self).add_positions(" + typed + ", tokens, w)" : typed);
    constants.put(
        "positions",
        padding() >= 0 ? "(self).positions_after_padding(tokens)" : "torch.select(tokens, 0, 1)");
    constants.put("plan", relativeBuckets() > 0 ? "(self).plan_relative(groups, plan, w)" : "plan");
    return constants;
  }

  @Override
  public NamedWeights weights() {
    NamedWeights weights = new NamedWeights();
    int width = embeddingWidth();
    weights.table("words", WORDS, sizes.vocabulary, width);
    if (hasPositions()) {
      weights.plain("positions", "embeddings.position_embeddings.weight", sizes.positions, width);
    }
    weights.norm("embedding_norm", "embeddings.LayerNorm", width, true);
    if (types() > 0) {
      weights.plain("types", "embeddings.token_type_embeddings.weight", types(), width);
    }
    if (relativeBuckets() > 0) {
      weights.plain(
          "relative", "encoder.relative_attention_bias.weight", relativeBuckets(), sizes.heads);
    }
    return weights.layers(layersOfWeights(), this::addLayer);
  }

  private void addLayer(NamedWeights weights, int number) {
    String layer = names.layers + number + ".";
    int hidden = sizes.hidden;
    List<String> qkv = names.queryKeyValue.stream().map(module -> layer + module).toList();
    weights
        .joined("qkv", qkv, 3L * hidden, hidden, true)
        .linear("attention_output", layer + names.attentionOutput, hidden, hidden, true)
        .norm("attention_norm", layer + names.attentionNorm, hidden, true)
        .linear("intermediate", layer + names.intermediate, sizes.intermediate, hidden, true)
        .linear("output", layer + names.output, hidden, sizes.intermediate, true)
        .norm("output_norm", layer + names.outputNorm, hidden, true);
  }

  @Override
  public final int hidden() {
    return sizes.hidden;
  }

  @Override
  public final int vocabularySize() {
    return sizes.vocabulary;
  }

  @Override
  public int maxPositions() {
    return sizes.positions - padding() - 1;
  }
}

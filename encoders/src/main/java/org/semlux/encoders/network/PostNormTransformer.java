package org.semlux.encoders.network;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.program.NamedWeights;

/**
 * BERT and its kin: one program, that normalises after each residual sum. An architecture says what
 * its config calls the sizes, what its files call the weights, and which of the few variants it is.
 */
abstract class PostNormTransformer implements Network {
  /** Buckets of relative positions that are used; a table may hold more. */
  static final int USED_BUCKETS = 32;

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
      Dropout dropout) {
    Sizes withDropout(Dropout other) {
      return new Sizes(
          hidden, heads, layers, intermediate, vocabulary, positions, eps, activation, other);
    }
  }

  /**
   * Rates of dropout.
   *
   * @param states of the embeddings
   * @param attended behind attention's product
   * @param output behind each layer's last product
   * @param attention of attention's shares
   */
  record Dropout(double states, double attended, double output, double attention) {}

  private final Sizes sizes;
  private final ModuleNames names;

  PostNormTransformer(String model, Sizes sizes, ModuleNames names) {
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

  /** The module that makes layers' states of embeddings of another width. */
  Optional<String> embeddingProjection() {
    return Optional.empty();
  }

  /** Which of the layers' weights the program's {@code layer} has. */
  String layerOfWeights() {
    return "layer";
  }

  /** Layers that have weights of their own. */
  int layersOfWeights() {
    return sizes.layers;
  }

  /** What other files call the modules. */
  Optional<ModuleNames> otherNames() {
    return Optional.empty();
  }

  /** Whether each position has a vector of its own. */
  boolean hasPositions() {
    return rotary().isEmpty();
  }

  /** Token types that are told apart; 0 where the model has no such embedding. */
  int types() {
    return 0;
  }

  /** The padding token's id, where positions begin after it; -1 where they begin at 0. */
  int padding() {
    return -1;
  }

  @Override
  public final boolean countsPadding() {
    return hasPositions() && padding() < 0;
  }

  /** Buckets of relative positions; 0 where attention knows none. */
  int relativeBuckets() {
    return 0;
  }

  /** Positions that queries and keys are turned by. */
  Optional<RotaryPositions> rotary() {
    return Optional.empty();
  }

  /** Whether the feed-forward network's middle has a gate. */
  boolean gated() {
    return false;
  }

  /** Whether a layer's products have biases. */
  boolean biases() {
    return true;
  }

  @Override
  public boolean givesFirstStates() {
    return true;
  }

  @Override
  public List<String> fragments() {
    List<String> fragments = new ArrayList<>();
    fragments.addAll(
        List.of("attention", "embeddings", "post-norm", "post-norm-layer", "first-states"));
    addIf(embeddingProjection().isPresent(), fragments, "embedding-projection");
    addIf(types() > 0, fragments, "token-types");
    addIf(hasPositions(), fragments, "positions");
    addIf(padding() >= 0, fragments, "positions-after-padding");
    addIf(relativeBuckets() > 0, fragments, "relative-positions");
    addIf(rotary().isPresent(), fragments, "rotary");
    addIf(rotary().isPresent(), fragments, "rotate");
    return fragments;
  }

  private static void addIf(boolean needed, List<String> fragments, String fragment) {
    if (needed) {
      fragments.add(fragment);
    }
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = new HashMap<>();
    constants.put("hidden", sizes.hidden);
    Attention.of(sizes.heads, sizes.hidden / sizes.heads, sizes.dropout.attention).addTo(constants);
    constants.put("layers", sizes.layers);
    constants.put("eps", sizes.eps);
    sizes.activation.addTo(constants);
    constants.put("dropout", sizes.dropout.states);
    constants.put("attended_dropout", sizes.dropout.attended);
    constants.put("output_dropout", sizes.dropout.output);
    constants.put("padding", padding());
    new RelativePositions(USED_BUCKETS, 128).addTo(constants);
    constants.put("embedding_width", embeddingWidth());
    constants.put("layer_of_weights", layerOfWeights());
    addExpressions(constants);
    return constants;
  }

  private void addExpressions(Map<String, Object> constants) {
    String embedded = "(self).embed(tokens, w)";
    String typed = types() > 0 ? "(self).add_types(words, tokens, w)" : "words";
    constants.put(
        "embedded",
        embeddingProjection().isPresent()
            ? "(self).project_embeddings(" + embedded + ", w)"
            : embedded);
    constants.put(
        "summed", hasPositions() ? "(self).add_positions(" + typed + ", tokens, w)" : typed);
    constants.put(
        "positions",
        padding() >= 0 ? "(self).positions_after_padding(tokens)" : "torch.select(tokens, 0, 1)");
    constants.put("plan", relativeBuckets() > 0 ? "(self).plan_relative(groups, plan, w)" : "plan");
    constants.put(
        "rotation", rotary().map(it -> it.call(sizes.hidden / sizes.heads)).orElse("places"));
    constants.put("turned", rotary().isPresent() ? "(self).rotate(qkv, rotation)" : "qkv");
    Map<String, Object> own = weights().constants(0);
    constants.put(
        "inner",
        gated()
            ? "(self).product_gated(x0, %s, %s, w)"
                .formatted(own.get("p.gate"), own.get("p.intermediate"))
            : "(self).product_activated(x0, %s, w)".formatted(own.get("p.intermediate")));
  }

  @Override
  public boolean keepsPadding() {
    return true;
  }

  @Override
  public NamedWeights weights() {
    NamedWeights weights = weights(names);
    return otherNames().map(other -> weights.alsoStoredAs(weights(other))).orElse(weights);
  }

  private NamedWeights weights(ModuleNames names) {
    NamedWeights weights = new NamedWeights();
    int width = embeddingWidth();
    weights.table("words", WORDS, sizes.vocabulary, width);
    if (hasPositions()) {
      weights.plain("positions", "embeddings.position_embeddings.weight", sizes.positions, width);
    }
    weights.norm("embedding_norm", names.embeddingNorm(), width, true);
    if (types() > 0) {
      weights.plain("types", "embeddings.token_type_embeddings.weight", types(), width);
    }
    if (relativeBuckets() > 0) {
      weights.plain(
          "relative", "encoder.relative_attention_bias.weight", relativeBuckets(), sizes.heads);
    }
    embeddingProjection()
        .ifPresent(
            module -> weights.linear("embedding_projection", module, sizes.hidden, width, true));
    addOwn(weights);
    return weights.layers(
        layersOfWeights(),
        (layer, number) -> addOwn(layer, names.addLayer(layer, number, sizes, gated(), biases())));
  }

  /** Weights that only this architecture has. */
  void addOwn(NamedWeights weights) {}

  /** The same of a layer, whose modules' names begin as given. */
  void addOwn(NamedWeights weights, String layer) {}

  @Override
  public final int hidden() {
    return sizes.hidden;
  }

  @Override
  public final int vocabularySize() {
    return sizes.vocabulary;
  }

  @Override
  public int numbersOfPairs() {
    return relativeBuckets() > 0 ? sizes.heads : 0;
  }

  @Override
  public final Beyond beyondPositions() {
    return hasPositions() ? Beyond.CUT : RotaryPositions.beyond(rotary().stream());
  }

  @Override
  public int maxPositions() {
    return sizes.positions - padding() - 1;
  }
}

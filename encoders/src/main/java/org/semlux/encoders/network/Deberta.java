package org.semlux.encoders.network;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.Parameter;

/**
 * DeBERTa, versions 2 and 3: attention by content and by relative places (He et al. 2020, <a
 * href="https://arxiv.org/abs/2006.03654">arXiv:2006.03654</a>; He et al. 2021, <a
 * href="https://arxiv.org/abs/2111.09543">arXiv:2111.09543</a>).
 */
final class Deberta extends Bert {
  private static final String SELF = "attention.self.";
  private static final Names NAMES =
      new Names(
          "embeddings.LayerNorm",
          "encoder.layer.",
          List.of(SELF + "query_proj", SELF + "key_proj", SELF + "value_proj"),
          "attention.output.dense",
          "attention.output.LayerNorm",
          List.of("intermediate.dense"),
          "output.dense",
          "output.LayerNorm");

  private static final Defaults DEFAULTS = new Defaults(1e-7, "gelu", 0.1);

  /** Scores by the query's content and the key's place. */
  private static final String CONTENT_TO_PLACE = "c2p";

  /** Scores by the key's content and the query's place. */
  private static final String PLACE_TO_CONTENT = "p2c";

  /**
   * A convolution beside the first layer.
   *
   * @param kernel tokens that it sees
   */
  private record Convolution(int kernel, int groups, Activation activation) {}

  private final String model;
  private final boolean hasPositions;
  private final boolean relative;
  private final boolean sharesProducts;
  private final Set<String> places;
  private final int buckets;
  private final int span;
  private final int farthest;
  private final boolean normsPlaces;
  private final Optional<Convolution> convolution;
  private final Classifier classifier;
  private final boolean legacy;

  Deberta(String model, JsonFile config) throws IOException {
    super(
        model,
        sizes(model, config, DEFAULTS),
        NAMES,
        config.getInt("type_vocab_size", 0, 0, SizeLimits.KINDS),
        0);
    this.model = model;
    hasPositions = config.getBoolean("position_biased_input", true);
    legacy = config.getBoolean("legacy", true);
    places = places(model, config);
    relative = config.getBoolean("relative_attention", false) && !places.isEmpty();
    sharesProducts = config.getBoolean("share_att_key", false);
    buckets = config.getInt("position_buckets", -1);
    int most = config.getInt("max_relative_positions", -1);
    farthest = most < 1 ? sizes().positions() : most;
    span = buckets > 0 ? buckets : farthest;
    if (relative && (span > SizeLimits.POSITIONS || buckets == 1)) {
      throw ModelException.of(model, "position_buckets or max_relative_positions is " + span);
    }
    normsPlaces = normsPlaces(model, config);
    convolution = convolution(model, config);
    requireHidden(model, config, "embedding_size", sizes().hidden());
    requireHidden(model, config, "pooler_hidden_size", sizes().hidden());
    requireHidden(model, config, "attention_head_size", sizes().hidden() / sizes().heads());
    if (convolution.isPresent() && !relative) {
      throw ModelException.of(
          model, "conv_kernel_size without relative_attention by pos_att_type is not supported");
    }
    Activation activation = Activation.of(model, config.getString("pooler_hidden_act", "gelu"));
    classifier =
        Classifier.ofFirstState(
            HeadLayer.of("pooler.dense", activation),
            "classifier",
            config.getDouble("pooler_dropout", 0),
            config.getDouble("cls_dropout", config.getDouble("hidden_dropout_prob", 0.1)));
  }

  private static void requireHidden(String model, JsonFile config, String key, int expected)
      throws IOException {
    int found = config.getInt(key, expected);
    if (found != expected) {
      throw ModelException.of(model, key + " is " + found + ", only " + expected + " is supported");
    }
  }

  /** A list, or names between bars. */
  private static Set<String> places(String model, JsonFile config) throws IOException {
    if (!config.has("pos_att_type")) {
      return Set.of();
    }
    boolean list = config.object().get("pos_att_type").isJsonArray();
    List<String> types =
        list
            ? config.requireStrings("pos_att_type")
            : Arrays.stream(config.requireString("pos_att_type").split("\\|", -1))
                .map(String::strip)
                .toList();
    for (String type : types) {
      if (!type.equals(CONTENT_TO_PLACE) && !type.equals(PLACE_TO_CONTENT)) {
        throw ModelException.of(
            model,
            "unknown pos_att_type [%s], known are c2p and p2c"
                .formatted(ModelException.brief(type)));
      }
    }
    return Set.copyOf(types);
  }

  private static boolean normsPlaces(String model, JsonFile config) throws IOException {
    String norm = config.getString("norm_rel_ebd", "none");
    if (!norm.equals("none") && !norm.equals("layer_norm")) {
      throw ModelException.of(
          model,
          "unknown norm_rel_ebd [%s], known are none and layer_norm"
              .formatted(ModelException.brief(norm)));
    }
    return norm.equals("layer_norm");
  }

  private static Optional<Convolution> convolution(String model, JsonFile config)
      throws IOException {
    int kernel = config.getInt("conv_kernel_size", 0, 0, 99);
    if (kernel == 0) {
      return Optional.empty();
    }
    if (kernel % 2 == 0) {
      throw ModelException.of(model, "conv_kernel_size is " + kernel + ", only odd ones are known");
    }
    return Optional.of(
        new Convolution(
            kernel,
            config.getInt("conv_groups", 1, 1, SizeLimits.WIDTH),
            Activation.of(model, config.getString("conv_act", "tanh"))));
  }

  /** Where the reference hides a token, it empties its embedding and what it attends to as well. */
  @Override
  public boolean readsUnseen() {
    return false;
  }

  /** Up to the middle each distance has a bucket, as far as max_relative_positions all others. */
  @Override
  public void requireLength(int tokens) {
    int middle = buckets / 2;
    if (relative && buckets > 0 && farthest - 1 <= middle && tokens - 1 > middle) {
      throw ModelException.of(
          model,
          "max_relative_positions is %s, for which its %s position_buckets hold distances up to %s"
                  .formatted(farthest, buckets, middle)
              + ", and it asks for texts of %s tokens: ask for %s at most"
                  .formatted(tokens, middle + 1));
    }
  }

  @Override
  boolean hasPositions() {
    return hasPositions;
  }

  @Override
  public boolean givesFirstStates() {
    return false;
  }

  @Override
  public List<String> fragments() {
    List<String> fragments = new ArrayList<>(super.fragments());
    fragments.removeAll(List.of("post-norm", "first-states"));
    fragments.add(relative ? "deberta" : "post-norm");
    if (convolution.isPresent()) {
      fragments.add("deberta-convolution");
    }
    return fragments;
  }

  @Override
  public Map<String, Object> constants() {
    Map<String, Object> constants = super.constants();
    Map<String, Object> own = weights().constants(0);
    int size = sizes().hidden() / sizes().heads();
    constants.put("score_divisor", Math.sqrt(size * (1.0 + places.size())));
    constants.put("content_to_place", flag(places.contains(CONTENT_TO_PLACE)));
    constants.put("place_to_content", flag(places.contains(PLACE_TO_CONTENT)));
    constants.put("buckets", buckets);
    constants.put("span", span);
    int half = buckets / 2;
    constants.put("farthest", buckets > 0 ? (farthest - 1.0) / half : 1.0);
    addProducts(constants, own);
    constants.put(
        "normed_places",
        normsPlaces
            ? "torch.layer_norm(table, [%s], %s, %s)"
                .formatted(sizes().hidden(), own.get("w.places_norm"), sizes().eps())
            : "table");
    constants.put("behind_layer", "x0");
    convolution.ifPresent(
        it -> {
          constants.put(
              "behind_layer", "(self).behind_layer(x0, layer, embedded, groups, plan, w)");
          constants.put("kernel", it.kernel);
          constants.put("convolution_groups", it.groups);
          constants.put("convolution_activated", it.activation.of("dropped"));
        });
    return constants;
  }

  private static String flag(boolean value) {
    return value ? "True" : "False";
  }

  /** How places become queries and keys: by the layer's own product or by two more. */
  private void addProducts(Map<String, Object> constants, Map<String, Object> own) {
    String product = "(self).token_product(places, %s, w)";
    int hidden = sizes().hidden();
    constants.put("placed", sharesProducts ? product.formatted(own.get("p.qkv")) : "places");
    constants.put("place_queries", "placed");
    constants.put("place_keys", "placed");
    if (sharesProducts) {
      constants.put("place_queries", "torch.slice(placed, 1, 0, " + hidden + ")");
      constants.put("place_keys", "torch.slice(placed, 1, " + hidden + ", " + 2 * hidden + ")");
    } else {
      if (places.contains(CONTENT_TO_PLACE)) {
        constants.put("place_keys", product.formatted(own.get("p.place_keys")));
      }
      if (places.contains(PLACE_TO_CONTENT)) {
        constants.put("place_queries", product.formatted(own.get("p.place_queries")));
      }
    }
  }

  /** The scores by places so far, those that are added, and their sum. */
  @Override
  public int numbersOfPairs() {
    return relative ? 3 * sizes().heads() : 0;
  }

  @Override
  void addOwn(NamedWeights weights) {
    int hidden = sizes().hidden();
    if (relative) {
      weights.plain("places", "encoder.rel_embeddings.weight", 2L * span, hidden);
      if (normsPlaces) {
        weights.norm("places_norm", "encoder.LayerNorm", hidden, true);
      }
    }
    convolution.ifPresent(
        it ->
            weights
                .module(
                    "convolution",
                    Parameter.plain(
                        "encoder.conv.conv.weight", hidden, hidden / it.groups, it.kernel),
                    Optional.of(Parameter.plain("encoder.conv.conv.bias", hidden)))
                .norm("convolution_norm", "encoder.conv.LayerNorm", hidden, true));
  }

  @Override
  void addOwn(NamedWeights weights, String layer) {
    int hidden = sizes().hidden();
    if (relative && !sharesProducts && places.contains(CONTENT_TO_PLACE)) {
      weights.linear("place_keys", layer + SELF + "pos_key_proj", hidden, hidden, true);
    }
    if (relative && !sharesProducts && places.contains(PLACE_TO_CONTENT)) {
      weights.linear("place_queries", layer + SELF + "pos_query_proj", hidden, hidden, true);
    }
  }

  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(classifier);
  }

  @Override
  public Optional<MaskedLanguageHead> maskedLanguageHead() {
    return legacy ? super.maskedLanguageHead() : Optional.of(newHead());
  }

  /** Of files with {@code legacy: false}: its decoder is always the word embedding. */
  private MaskedLanguageHead newHead() {
    String head = "lm_predictions.lm_head.";
    HeadLayer layer =
        HeadLayer.of(head + "dense", sizes().activation())
            .with(new HeadLayer.Norm(head + "LayerNorm", true, sizes().eps()));
    String bias = head + "bias";
    return new MaskedLanguageHead(
        Optional.of(layer), WORDS, bias, bias, true, true, WORDS, List.of());
  }

  @Override
  public List<String> dropoutKeys() {
    return List.of(
        "hidden_dropout_prob", "attention_probs_dropout_prob", "pooler_dropout", "cls_dropout");
  }

  @Override
  public String prefix() {
    return "deberta.";
  }
}

package org.semlux.encoders.network;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.NamedWeights;

/**
 * DeBERTa's attention by content and by relative places: what a config says of the places, and what
 * the fragment {@code deberta} takes. A place is a bucket of distances.
 *
 * @param relative whether there are any
 * @param sharesProducts whether a layer's own product makes queries and keys of places too
 * @param kinds of scores: {@value #CONTENT_TO_PLACE} and {@value #PLACE_TO_CONTENT}
 * @param buckets of both sides; below 1 each distance has its own
 * @param farthest distance that is told apart
 * @param norms whether places pass a norm
 */
record DisentangledAttention(
    String model,
    boolean relative,
    boolean sharesProducts,
    Set<String> kinds,
    int buckets,
    int farthest,
    boolean norms) {
  /** Scores by the query's content and the key's place. */
  private static final String CONTENT_TO_PLACE = "c2p";

  /** Scores by the key's content and the query's place. */
  private static final String PLACE_TO_CONTENT = "p2c";

  private static final String SELF = "attention.self.";

  /**
   * @param positions that the network has
   */
  static DisentangledAttention of(String model, JsonFile config, int positions) throws IOException {
    Set<String> kinds = kinds(model, config);
    int most = config.getInt("max_relative_positions", -1);
    DisentangledAttention attention =
        new DisentangledAttention(
            model,
            config.getBoolean("relative_attention", false) && !kinds.isEmpty(),
            config.getBoolean("share_att_key", false),
            kinds,
            config.getInt("position_buckets", -1),
            most < 1 ? positions : most,
            norms(model, config));
    if (attention.relative && (attention.span() > SizeLimits.POSITIONS || attention.buckets == 1)) {
      throw ModelException.of(
          model, "position_buckets or max_relative_positions is " + attention.span());
    }
    return attention;
  }

  /** A list, or names between bars. */
  private static Set<String> kinds(String model, JsonFile config) throws IOException {
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

  private static boolean norms(String model, JsonFile config) throws IOException {
    String norm = config.getString("norm_rel_ebd", "none");
    if (!norm.equals("none") && !norm.equals("layer_norm")) {
      throw ModelException.of(
          model,
          "unknown norm_rel_ebd [%s], known are none and layer_norm"
              .formatted(ModelException.brief(norm)));
    }
    return norm.equals("layer_norm");
  }

  /** Places to each side of the middle. */
  private int span() {
    return buckets > 0 ? buckets : farthest;
  }

  /** Up to the middle each distance has a bucket, as far as max_relative_positions all others. */
  void requireLength(int tokens) {
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

  /**
   * Adds what the fragment takes.
   *
   * @param own the network's own weights, by their names in fragments
   * @param eps of the norm
   */
  void addTo(
      Map<String, Object> constants,
      Map<String, Object> own,
      int hidden,
      int headSize,
      double eps) {
    constants.put("score_divisor", Math.sqrt(headSize * (1.0 + kinds.size())));
    constants.put("content_to_place", flag(kinds.contains(CONTENT_TO_PLACE)));
    constants.put("place_to_content", flag(kinds.contains(PLACE_TO_CONTENT)));
    constants.put("buckets", buckets);
    constants.put("span", span());
    int half = buckets / 2;
    constants.put("farthest", buckets > 0 ? (farthest - 1.0) / half : 1.0);
    addProducts(constants, own, hidden);
    constants.put(
        "normed_places",
        norms
            ? "torch.layer_norm(table, [%s], %s, %s)"
                .formatted(hidden, own.get("w.places_norm"), eps)
            : "table");
  }

  private static String flag(boolean value) {
    return value ? "True" : "False";
  }

  /** How places become queries and keys: by the layer's own product or by two more. */
  private void addProducts(Map<String, Object> constants, Map<String, Object> own, int hidden) {
    String product = "(self).token_product(places, %s, w)";
    constants.put("placed", sharesProducts ? product.formatted(own.get("p.qkv")) : "places");
    constants.put("place_queries", "placed");
    constants.put("place_keys", "placed");
    if (sharesProducts) {
      constants.put("place_queries", "torch.slice(placed, 1, 0, " + hidden + ")");
      constants.put("place_keys", "torch.slice(placed, 1, " + hidden + ", " + 2 * hidden + ")");
    } else {
      if (kinds.contains(CONTENT_TO_PLACE)) {
        constants.put("place_keys", product.formatted(own.get("p.place_keys")));
      }
      if (kinds.contains(PLACE_TO_CONTENT)) {
        constants.put("place_queries", product.formatted(own.get("p.place_queries")));
      }
    }
  }

  /** Adds the places' own weights. */
  void addTo(NamedWeights weights, int hidden) {
    if (relative) {
      weights.plain("places", "encoder.rel_embeddings.weight", 2L * span(), hidden);
      if (norms) {
        weights.norm("places_norm", "encoder.LayerNorm", hidden, true);
      }
    }
  }

  /** Adds those of a layer, whose modules' names begin as given. */
  void addTo(NamedWeights weights, String layer, int hidden) {
    if (relative && !sharesProducts && kinds.contains(CONTENT_TO_PLACE)) {
      weights.linear("place_keys", layer + SELF + "pos_key_proj", hidden, hidden, true);
    }
    if (relative && !sharesProducts && kinds.contains(PLACE_TO_CONTENT)) {
      weights.linear("place_queries", layer + SELF + "pos_query_proj", hidden, hidden, true);
    }
  }
}

package org.semlux.training.tune;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One way to search an index, as a retriever.
 *
 * {@snippet lang=java :
 * Component words = Component.words("body");
 * words.form().retriever("who plays"); // a standard retriever with a match query
 * Component.dense("vector", "mini", 100).kind(); // "dense"
 * }
 *
 * @param kind {@code words}, {@code dense}, {@code sparse} or {@code semlux_text}: a fusion takes
 *     one of each
 * @param setting what it differs by from others of its kind; empty where there are none
 */
public record Component(String kind, String setting, Form form) {
  /** Makes the retriever of a query. */
  public interface Form {
    JsonObject retriever(String query);
  }

  /** What stands in for the query in a search template. */
  public static final String PLACEHOLDER = "{{query}}";

  private static final String WORDS = "words";

  private static final double[] IDF_POWERS = {0, 0.5, 1, 2};

  /** None first, then what Elasticsearch does unless told, and what drops fewer and more terms. */
  private static final List<Optional<Pruning>> PRUNINGS =
      List.of(
          Optional.empty(),
          Optional.of(new Pruning(5, 0.4)),
          Optional.of(new Pruning(5, 0.2)),
          Optional.of(new Pruning(2, 0.4)),
          Optional.of(new Pruning(2, 0.2)));

  /**
   * Which terms of a query are dropped: those that are both frequent and light.
   *
   * @param ratio of a term's documents to those of the average term, above which it is frequent
   * @param weight share of the query's largest weight, below which a term is light
   */
  private record Pruning(int ratio, double weight) {
    JsonObject toJson() {
      JsonObject config = new JsonObject();
      config.addProperty("tokens_freq_ratio_threshold", ratio);
      config.addProperty("tokens_weight_threshold", weight);
      return config;
    }

    @Override
    public String toString() {
      return "pruned by " + ratio + " and " + weight;
    }
  }

  /** Whether a model encodes its queries, which then find something wherever there is something. */
  public boolean isOfModel() {
    return !kind.equals(WORDS);
  }

  /** BM25 over a text field. */
  public static Component words(String field) {
    return new Component(
        WORDS,
        "",
        query -> {
          JsonObject asked = new JsonObject();
          asked.addProperty("query", query);
          return standard("match", wrapped(field, asked));
        });
  }

  /** The nearest vectors, so many as are looked at. */
  public static Component dense(String field, String model, int count) {
    return new Component(
        "dense",
        "",
        query -> {
          JsonObject builder = new JsonObject();
          builder.addProperty("model_id", model);
          builder.addProperty("model_text", query);
          JsonObject semlux = new JsonObject();
          semlux.add("semlux", builder);
          JsonObject knn = new JsonObject();
          knn.addProperty("field", field);
          knn.addProperty("k", count);
          knn.addProperty("num_candidates", 2 * count);
          knn.add("query_vector_builder", semlux);
          return wrapped("knn", knn);
        });
  }

  /** The nearest chunks of a field of type {@code semlux_text}, so many as are looked at. */
  public static Component semluxText(String field, int count) {
    return new Component(
        "semlux_text",
        "",
        query -> {
          JsonObject semlux = new JsonObject();
          semlux.addProperty("field", field);
          semlux.addProperty("query", query);
          semlux.addProperty("k", count);
          semlux.addProperty("num_candidates", 2 * count);
          return standard("semlux", semlux);
        });
  }

  /** Term weights with every power of idf, whole and pruned in several ways. */
  public static List<Component> sparse(String field, String model) {
    List<Component> all = new ArrayList<>();
    for (Optional<Pruning> pruning : PRUNINGS) {
      for (double idf : IDF_POWERS) {
        all.add(
            new Component(
                "sparse",
                "idf " + idf + pruning.map(it -> ", " + it).orElse(""),
                query -> sparse(field, model, query, pruning, idf)));
      }
    }
    return all;
  }

  private static JsonObject sparse(
      String field, String model, String query, Optional<Pruning> pruning, double idf) {
    JsonObject sparse = new JsonObject();
    sparse.addProperty("field", field);
    sparse.addProperty("model_id", model);
    sparse.addProperty("query", query);
    sparse.addProperty("prune", pruning.isPresent());
    pruning.ifPresent(it -> sparse.add("pruning_config", it.toJson()));
    sparse.addProperty("idf", idf);
    return standard("semlux_sparse", sparse);
  }

  private static JsonObject standard(String type, JsonObject query) {
    JsonObject standard = new JsonObject();
    standard.add("query", wrapped(type, query));
    return wrapped("standard", standard);
  }

  /** The body of a search for a query. */
  public JsonObject search(String query) {
    return wrapped("retriever", form.retriever(query));
  }

  static JsonObject wrapped(String key, JsonObject inside) {
    JsonObject outside = new JsonObject();
    outside.add(key, inside);
    return outside;
  }

  @Override
  public String toString() {
    return setting.isEmpty() ? kind : kind + " (" + setting + ")";
  }
}

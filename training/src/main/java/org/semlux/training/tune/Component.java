package org.semlux.training.tune;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * One way to search an index, as a retriever.
 *
 * {@snippet lang=java :
 * Component words = Component.words("body");
 * words.form().retriever("who plays"); // a standard retriever with a match query
 * Component.dense("vector", "mini", 100).kind(); // "dense"
 * }
 *
 * @param kind {@code words}, {@code dense} or {@code sparse}: a fusion takes one of each
 * @param setting what it differs by from others of its kind; empty where there are none
 */
public record Component(String kind, String setting, Form form) {
  /** Makes the retriever of a query. */
  public interface Form {
    JsonObject retriever(String query);
  }

  /** What stands in for the query in a search template. */
  public static final String PLACEHOLDER = "{{query}}";

  private static final double[] IDF_POWERS = {0, 0.5, 1, 2};

  /** BM25 over a text field. */
  public static Component words(String field) {
    return new Component("words", "", query -> standard("match", field, "query", query));
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

  /** Term weights with every power of idf, pruned or not. */
  public static List<Component> sparse(String field, String model) {
    List<Component> all = new ArrayList<>();
    for (boolean prune : new boolean[] {false, true}) {
      for (double idf : IDF_POWERS) {
        all.add(
            new Component(
                "sparse",
                "idf " + idf + (prune ? ", pruned" : ""),
                query -> {
                  JsonObject sparse = new JsonObject();
                  sparse.addProperty("field", field);
                  sparse.addProperty("model_id", model);
                  sparse.addProperty("query", query);
                  sparse.addProperty("prune", prune);
                  sparse.addProperty("idf", idf);
                  JsonObject standard = new JsonObject();
                  standard.add("query", wrapped("semlux_sparse", sparse));
                  return wrapped("standard", standard);
                }));
      }
    }
    return all;
  }

  private static JsonObject standard(String type, String field, String key, String query) {
    JsonObject standard = new JsonObject();
    JsonObject asked = new JsonObject();
    asked.addProperty(key, query);
    standard.add("query", wrapped(type, wrapped(field, asked)));
    return wrapped("standard", standard);
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

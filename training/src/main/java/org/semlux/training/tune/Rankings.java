package org.semlux.training.tune;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.semlux.training.index.Index;
import org.semlux.training.index.Index.Found;

/**
 * Searches an index for many queries in the same way.
 *
 * {@snippet lang=java :
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("http://localhost:9200"),
 *         Optional.empty(),
 *         Retry.DEFAULT,
 *         Proxies.NONE,
 *         System.err::println);
 * Rankings rankings = new Rankings(new Index(cluster, "manuals"), 100);
 * Component words = Component.words("body");
 * List<Index.Found> found =
 *     rankings.of(List.of("who plays"), words.form()::retriever, done -> {}); // one a query
 * }
 */
public record Rankings(Index index, int count) {
  private static final int AT_ONCE = 16;

  /**
   * What each query finds.
   *
   * @param retriever of a query
   * @param done is told how many queries more are done
   */
  public List<Found> of(
      List<String> queries, Function<String, JsonObject> retriever, IntConsumer done)
      throws IOException {
    return of(queries, retriever, AT_ONCE, done);
  }

  /** The same one by one, so that no query waits for another. */
  public List<Found> oneByOne(
      List<String> queries, Function<String, JsonObject> retriever, IntConsumer done)
      throws IOException {
    return of(queries, retriever, 1, done);
  }

  private List<Found> of(
      List<String> queries, Function<String, JsonObject> retriever, int atOnce, IntConsumer done)
      throws IOException {
    List<Found> all = new ArrayList<>();
    for (int first = 0; first < queries.size(); first += atOnce) {
      List<String> some = queries.subList(first, Math.min(first + atOnce, queries.size()));
      all.addAll(index.search(some.stream().map(query -> body(retriever.apply(query))).toList()));
      done.accept(some.size());
    }
    return all;
  }

  private JsonObject body(JsonObject retriever) {
    JsonObject body = new JsonObject();
    body.addProperty("size", count);
    body.addProperty("_source", false);
    body.add("retriever", retriever);
    return body;
  }
}

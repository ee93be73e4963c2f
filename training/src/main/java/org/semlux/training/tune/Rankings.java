package org.semlux.training.tune;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 *     rankings.of(List.of("who plays"), words::search, done -> {}); // one a query
 * }
 *
 * @param count documents of a ranking, at most
 */
public record Rankings(Index index, int count) {
  private static final int AT_ONCE = 16;

  /**
   * What each query finds.
   *
   * @param search the body of a query's search; without a size it gets one
   * @param done is told how many queries more are done
   * @throws IOException when a search fails, or finds two documents of one id, of which one would
   *     count as the other
   */
  public List<Found> of(List<String> queries, Function<String, JsonObject> search, IntConsumer done)
      throws IOException {
    List<Found> all = new ArrayList<>();
    for (int first = 0; first < queries.size(); first += AT_ONCE) {
      List<String> some = queries.subList(first, Math.min(first + AT_ONCE, queries.size()));
      List<JsonObject> bodies = new ArrayList<>();
      for (String query : some) {
        bodies.add(body(search.apply(query)));
      }
      List<Found> found = index.search(bodies);
      for (Found one : found) {
        requireIds(one.ids());
      }
      all.addAll(found);
      done.accept(some.size());
    }
    return all;
  }

  /**
   * Refuses a field that no document has, as one that is called otherwise: Elasticsearch searches
   * it and finds nothing. Questions in other words find nothing in one that is there.
   *
   * @throws IOException that names it
   */
  public void requireField(String field) throws IOException {
    JsonObject named = new JsonObject();
    named.addProperty("field", field);
    JsonObject search = Component.wrapped("query", Component.wrapped("exists", named));
    search.addProperty("size", 1);
    if (of(List.of(field), unused -> search, done -> {}).get(0).ids().isEmpty()) {
      throw new IOException(
          "[%s]: no document has the field [%s]: name one that they have"
              .formatted(index.name(), field));
    }
  }

  /**
   * Refuses rankings that are all empty, as of a field that is called otherwise or not yet written:
   * they would be judged as those of a bad model.
   *
   * @param found one of each query
   * @param by what, such as {@code words}
   * @throws IOException that names it
   */
  public void requireSome(List<Found> found, String by) throws IOException {
    if (found.stream().allMatch(one -> one.ids().isEmpty())) {
      throw new IOException(
          "[%s]: none of %s queries finds anything by %s: name a field that its documents have"
              .formatted(index.name(), found.size(), by));
    }
  }

  private void requireIds(List<String> found) throws IOException {
    Set<String> ids = new HashSet<>();
    Optional<String> twice = found.stream().filter(id -> !ids.add(id)).findFirst();
    if (twice.isPresent()) {
      throw new IOException(
          "[%s]: a search finds the id [%s] twice, in several indices or on several shards: name an index that has it once"
              .formatted(index.name(), twice.get()));
    }
  }

  private JsonObject body(JsonObject search) throws IOException {
    JsonObject body = search.deepCopy();
    if (!body.has("size")) {
      body.addProperty("size", window(search));
    }
    body.addProperty("_source", false);
    return body;
  }

  /** A retriever refuses to give more than its window. */
  private int window(JsonObject search) throws IOException {
    if (search.get("retriever") instanceof JsonObject retriever) {
      for (JsonElement kind : retriever.asMap().values()) {
        if (kind instanceof JsonObject said && said.has("rank_window_size")) {
          return Math.min(count, whole(said.get("rank_window_size")));
        }
      }
    }
    return count;
  }

  private static int whole(JsonElement window) throws IOException {
    try {
      return window.getAsBigDecimal().intValueExact();
    } catch (ArithmeticException
        | NumberFormatException
        | IllegalStateException
        | UnsupportedOperationException e) {
      throw new IOException(
          "[rank_window_size] of the search's retriever is " + window + ": give a whole number", e);
    }
  }
}

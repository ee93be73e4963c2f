package org.semlux.training.index;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.semlux.training.deploy.Cluster;

/**
 * An index, alias or data stream of a cluster, for a user with the privilege {@code read} on it.
 * Not thread-safe.
 *
 * @param name of it; patterns and lists work as in any search
 */
public record Index(Cluster cluster, String name) {
  private static final int PAGE = 1000;
  private static final String KEEP_ALIVE = "5m";

  /** Takes documents. */
  public interface Sink {
    /**
     * @param source the fields that were asked for
     */
    void accept(String id, JsonObject source) throws IOException;
  }

  /**
   * What a search found.
   *
   * @param ids of the documents, best first
   * @param scores of each
   * @param milliseconds that the search took in the cluster
   */
  public record Found(List<String> ids, double[] scores, long milliseconds) {}

  /**
   * Reads all documents as they are now, a page at a time, at a point in time.
   *
   * @param fields of the source that are wanted
   */
  public void read(List<String> fields, Sink sink) throws IOException {
    String pit = open();
    try {
      JsonElement after = null;
      do {
        JsonObject body = new JsonObject();
        body.addProperty("size", PAGE);
        body.addProperty("track_total_hits", false);
        JsonArray wanted = new JsonArray();
        fields.forEach(wanted::add);
        body.add("_source", wanted);
        JsonObject point = new JsonObject();
        point.addProperty("id", pit);
        point.addProperty("keep_alive", KEEP_ALIVE);
        body.add("pit", point);
        JsonArray sort = new JsonArray();
        sort.add("_shard_doc");
        body.add("sort", sort);
        if (after != null) {
          body.add("search_after", after);
        }
        JsonObject page = cluster.ask("POST", "/_search", body.toString());
        requireWhole(page);
        pit = page.get("pit_id").getAsString();
        after = null;
        for (JsonElement element : hits(page)) {
          JsonObject hit = element.getAsJsonObject();
          sink.accept(
              hit.get("_id").getAsString(),
              hit.has("_source") ? hit.getAsJsonObject("_source") : new JsonObject());
          after = hit.get("sort");
        }
      } while (after != null);
    } finally {
      close(pit);
    }
  }

  private void close(String pit) {
    JsonObject body = new JsonObject();
    body.addProperty("id", pit);
    try {
      cluster.ask("DELETE", "/_pit", body.toString());
    } catch (IOException e) {
      // It ends by itself when nobody asks any more.
    }
  }

  private String open() throws IOException {
    return cluster
        .ask("POST", "/" + path() + "/_pit?keep_alive=" + KEEP_ALIVE, "")
        .get("id")
        .getAsString();
  }

  /**
   * Searches for several things at once.
   *
   * @param searches bodies of {@code _search}
   * @return one for each, in their order
   * @throws IOException when one of them fails, with its reason
   */
  public List<Found> search(List<JsonObject> searches) throws IOException {
    if (searches.isEmpty()) {
      return List.of();
    }
    StringBuilder lines = new StringBuilder();
    searches.forEach(search -> lines.append("{}\n").append(search).append('\n'));
    JsonObject answer = cluster.ask("POST", "/" + path() + "/_msearch", lines.toString());
    List<Found> all = new ArrayList<>();
    for (JsonElement element : answer.getAsJsonArray("responses")) {
      JsonObject one = element.getAsJsonObject();
      requireWhole(one);
      List<JsonObject> hits =
          hits(one).asList().stream().map(JsonElement::getAsJsonObject).toList();
      all.add(
          new Found(
              hits.stream().map(hit -> hit.get("_id").getAsString()).toList(),
              hits.stream().mapToDouble(hit -> hit.get("_score").getAsDouble()).toArray(),
              one.get("took").getAsLong()));
    }
    return all;
  }

  private String path() {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20").replace("%2C", ",");
  }

  private static JsonArray hits(JsonObject answer) {
    return answer.getAsJsonObject("hits").getAsJsonArray("hits");
  }

  /** A search that lacks shards finds less than there is, and says so in small print alone. */
  private void requireWhole(JsonObject answer) throws IOException {
    if (answer.has("error")) {
      throw new IOException("a search of [%s] fails: %s".formatted(name, reason(answer)));
    }
    JsonObject shards = answer.getAsJsonObject("_shards");
    boolean late = answer.has("timed_out") && answer.get("timed_out").getAsBoolean();
    if (late || (shards != null && shards.get("failed").getAsInt() > 0)) {
      throw new IOException(
          "a search of [%s] is not whole, with %s of %s shards: try again when the index is well"
              .formatted(name, shards.get("successful"), shards.get("total")));
    }
  }

  private static String reason(JsonObject answer) {
    JsonElement error = answer.get("error");
    return Optional.of(error)
        .filter(JsonElement::isJsonObject)
        .map(JsonElement::getAsJsonObject)
        .map(Index::rootCause)
        .orElse(error)
        .toString();
  }

  private static JsonElement rootCause(JsonObject error) {
    JsonElement causes = error.get("root_cause");
    boolean known = causes != null && causes.isJsonArray() && !causes.getAsJsonArray().isEmpty();
    JsonObject cause = known ? causes.getAsJsonArray().get(0).getAsJsonObject() : error;
    return cause.has("reason") ? cause.get("reason") : cause;
  }
}

package org.semlux.training.index;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.ClusterException;

/**
 * An index, alias or data stream of a cluster, for a user with the privilege {@code read} on it.
 * Not thread-safe.
 *
 * {@snippet lang=java :
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("http://localhost:9200"),
 *         Optional.empty(),
 *         Retry.DEFAULT,
 *         Proxies.NONE,
 *         System.err::println);
 * Index index = new Index(cluster, "manuals");
 * index.read(
 *     List.of("title"),
 *     (id, source) -> System.out.println(id + " " + SourceText.of(source, "title")));
 * }
 *
 * @param name of it; patterns and lists work as in any search
 */
public record Index(Cluster cluster, String name) {
  /** How many documents are read at a time. */
  public static final int PAGE = 1000;

  /** Few enough for any index's {@code max_result_window} that searches are of use with. */
  private static final int IDS_AT_ONCE = 100;

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
        SearchAnswer page =
            cluster.retrying(
                () ->
                    SearchAnswer.whole(name, cluster.askOnce("POST", "/_search", body.toString())));
        pit = page.json().get("pit_id").getAsString();
        after = null;
        for (JsonObject hit : page.hits()) {
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
   * Searches for several things at once. Those that a busy node refuses are asked for again.
   *
   * @param searches bodies of {@code _search}
   * @return one for each, in their order
   * @throws ClusterException when one of them fails, with its reason
   */
  public List<Found> search(List<JsonObject> searches) throws IOException {
    Found[] all = new Found[searches.size()];
    return all.length == 0 ? List.of() : cluster.retrying(() -> searchOnce(searches, all));
  }

  /** Asks for those that are not there yet. */
  private List<Found> searchOnce(List<JsonObject> searches, Found[] all) throws IOException {
    int[] lacking = IntStream.range(0, all.length).filter(i -> all[i] == null).toArray();
    StringBuilder lines = new StringBuilder();
    for (int i : lacking) {
      lines.append("{}\n").append(searches.get(i)).append('\n');
    }
    JsonArray answers =
        cluster
            .askOnce("POST", "/" + path() + "/_msearch", lines.toString())
            .getAsJsonArray("responses");
    Optional<ClusterException> failure = Optional.empty();
    for (int i = 0; i < lacking.length; i++) {
      try {
        all[lacking[i]] = SearchAnswer.whole(name, answers.get(i).getAsJsonObject()).found();
      } catch (ClusterException e) {
        failure = Optional.of(e);
      }
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
    return List.of(all);
  }

  /** Those of some ids that documents have. */
  public Set<String> existing(Collection<String> ids) throws IOException {
    Set<String> there = new HashSet<>();
    List<String> all = List.copyOf(ids);
    for (int first = 0; first < all.size(); first += IDS_AT_ONCE) {
      List<String> asked =
          new ArrayList<>(all.subList(first, Math.min(first + IDS_AT_ONCE, all.size())));
      boolean full = true;
      // Several indices may find an id again, and leave no place for another.
      while (full && !asked.isEmpty()) {
        List<String> found = search(List.of(ofIds(asked))).get(0).ids();
        full = found.size() >= asked.size();
        there.addAll(found);
        asked.removeAll(there);
      }
    }
    return there;
  }

  private static JsonObject ofIds(List<String> ids) {
    JsonArray values = new JsonArray();
    ids.forEach(values::add);
    JsonObject wanted = new JsonObject();
    wanted.add("values", values);
    JsonObject query = new JsonObject();
    query.add("ids", wanted);
    JsonObject search = new JsonObject();
    search.addProperty("size", ids.size());
    search.addProperty("_source", false);
    search.addProperty("track_total_hits", false);
    search.add("query", query);
    return search;
  }

  /**
   * The fields that are mapped, by name, each with its types.
   *
   * @throws ClusterException when there is no such index, or it may not be read
   */
  public Map<String, Set<String>> fields() throws IOException {
    JsonObject fields =
        cluster
            .ask("GET", "/" + path() + "/_field_caps?fields=*&filters=-metadata", "")
            .getAsJsonObject("fields");
    Map<String, Set<String>> types = new TreeMap<>();
    fields.asMap().forEach((name, kinds) -> types.put(name, kinds.getAsJsonObject().keySet()));
    return types;
  }

  /**
   * The models that the mappings of a field name, as those of type {@code semlux_text} do, and
   * those that documents are by. Takes the privilege {@code view_index_metadata}.
   */
  public Set<String> models(String field) throws IOException {
    JsonObject indices = cluster.ask("GET", "/" + path() + "/_mapping/field/" + encoded(field), "");
    Set<String> models = new TreeSet<>();
    for (JsonElement index : indices.asMap().values()) {
      JsonObject fields = index.getAsJsonObject().getAsJsonObject("mappings");
      for (JsonElement found : fields.asMap().values()) {
        JsonObject mapping = found.getAsJsonObject().getAsJsonObject("mapping");
        mapping.asMap().values().stream()
            .map(JsonElement::getAsJsonObject)
            .filter(said -> said.has("model_id"))
            .forEach(
                said -> {
                  models.add(said.get("model_id").getAsString());
                  if (said.has("model_settings")) {
                    JsonElement by = said.getAsJsonObject("model_settings").get("models");
                    models.addAll(by == null ? Set.of() : by.getAsJsonObject().keySet());
                  }
                });
      }
    }
    return models;
  }

  private String path() {
    return encoded(name).replace("%2C", ",");
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

package org.semlux.training.adapt;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.semlux.training.deploy.ClusterException;
import org.semlux.training.index.Index;

/**
 * The index's own BM25, with its own analysis; what is not in the corpus is left out.
 *
 * @param places in the corpus, by id
 */
public record IndexWordSearch(Index index, String field, Map<String, Integer> places)
    implements WordSearch {
  private static final int AT_ONCE = 50;
  private static final int BAD_REQUEST = 400;

  /** Far more words than a query that was typed, fewer than a search may have. */
  private static final int MOST_WORDS = 100;

  /** Of a corpus whose documents are in the index. */
  public static IndexWordSearch of(Index index, String field, List<Document> corpus) {
    Map<String, Integer> places = new HashMap<>();
    IntStream.range(0, corpus.size()).forEach(place -> places.put(corpus.get(place).id(), place));
    return new IndexWordSearch(index, field, places);
  }

  /**
   * Why the index does not search the field for words, as one of type {@code semlux_text} refuses
   * to and one that is not mapped cannot; empty where it does.
   */
  public Optional<String> refusal() throws IOException {
    if (!index.fields().containsKey(field)) { // searched for all the same, and never found
      return Optional.of("[%s] maps no field [%s]".formatted(index.name(), field));
    }
    try {
      var unused = index.search(List.of(match("word", 1)));
      return Optional.empty();
    } catch (ClusterException e) {
      if (e.status() != BAD_REQUEST) {
        throw e;
      }
      return Optional.of(e.getMessage());
    }
  }

  @Override
  public List<int[]> find(List<String> queries, int count) throws IOException {
    List<int[]> all = new ArrayList<>();
    for (int first = 0; first < queries.size(); first += AT_ONCE) {
      List<JsonObject> searches =
          queries.subList(first, Math.min(first + AT_ONCE, queries.size())).stream()
              .map(query -> match(query, count))
              .toList();
      for (Index.Found found : index.search(searches)) {
        all.add(
            found.ids().stream()
                .map(places::get)
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .toArray());
      }
    }
    return all;
  }

  private JsonObject match(String query, int count) {
    String[] words = query.split("\\s+");
    JsonObject asked = new JsonObject();
    asked.addProperty(
        field, String.join(" ", Arrays.copyOf(words, Math.min(words.length, MOST_WORDS))));
    JsonObject match = new JsonObject();
    match.add("match", asked);
    JsonObject search = new JsonObject();
    search.addProperty("size", count);
    search.addProperty("_source", false);
    search.addProperty("track_total_hits", false);
    search.add("query", match);
    return search;
  }
}

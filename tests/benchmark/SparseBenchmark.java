import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Sparse queries over made documents: latency of the plain query, with pruning, and with pruning
 * and exact rescoring, how many of the ten best each finds, and what the index takes, beside BM25
 * over the same terms. Prints its figures.
 *
 * <p>Terms follow Zipf's law over BERT's vocabulary, weights are log-normal and smaller for
 * frequent terms, as SPLADE's are; half of a document's terms are its topic's. All from one seed.
 *
 * <p>Run by {@code sparse.sh} beside it: {@code SparseBenchmark URL DOCUMENTS}.
 */
public final class SparseBenchmark {
  private static final int VOCABULARY = 30_522;
  private static final int TOPICS = 1_000;
  private static final int TOPIC_TERMS = 150;
  private static final int DOCUMENT_TERMS = 80;
  private static final int QUERY_TERMS = 32;
  private static final int QUERIES = 1_000;
  private static final int WARM_UP = 300;
  private static final int TOP = 10;
  private static final int BULK = 1_000;

  private final Random random = new Random(20_250_801);
  private final NodeClient node;
  private final int documents;
  private final double[] cumulative = new double[VOCABULARY];
  private final int[][] topics = new int[TOPICS][TOPIC_TERMS];

  private SparseBenchmark(NodeClient node, int documents) {
    this.node = node;
    this.documents = documents;
    double sum = 0;
    for (int rank = 0; rank < VOCABULARY; rank++) {
      // Zipf and Mandelbrot's: the shift keeps the commonest term out of most documents.
      sum += 1.0 / (rank + 30);
      cumulative[rank] = sum;
    }
    for (int[] topic : topics) {
      Arrays.setAll(topic, i -> term());
    }
  }

  public static void main(String[] arguments) throws Exception {
    var benchmark =
        new SparseBenchmark(new NodeClient(arguments[0]), Integer.parseInt(arguments[1]));
    benchmark.index();
    benchmark.measureSize();
    benchmark.measureQueries();
  }

  /** A term by its rank. */
  private int term() {
    double at = random.nextDouble() * cumulative[VOCABULARY - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return found < 0 ? -found - 1 : found;
  }

  /** About so many terms with their weights, a share of them of one topic. */
  private Map<String, Float> text(int terms, double ofTopic) {
    int[] topic = topics[random.nextInt(TOPICS)];
    int count = (int) Math.max(terms / 4.0, terms * (1 + 0.25 * random.nextGaussian()));
    Map<String, Float> weights = new LinkedHashMap<>();
    while (weights.size() < count) {
      int rank = random.nextDouble() < ofTopic ? topic[random.nextInt(TOPIC_TERMS)] : term();
      double rarity = 0.4 + 0.6 * Math.log(rank + 1) / Math.log(VOCABULARY);
      double weight = rarity * Math.exp(-0.5 + 0.6 * random.nextGaussian());
      weights.merge("w" + rank, (float) Math.min(3.5, weight), Math::max);
    }
    return weights;
  }

  private static JsonObject json(Map<String, Float> weights) {
    JsonObject json = new JsonObject();
    weights.forEach(json::addProperty);
    return json;
  }

  private void index() throws IOException, InterruptedException {
    node.call("DELETE", "/sparse-benchmark?ignore_unavailable=true", "");
    node.call(
        "PUT",
        "/sparse-benchmark",
        """
        {"settings":{"number_of_shards":1,"number_of_replicas":0,"refresh_interval":-1},
         "mappings":{"properties":{"sparse":{"type":"sparse_vector"},
           "text":{"type":"text"}}}}""");
    long began = System.nanoTime();
    for (int from = 0; from < documents; from += BULK) {
      StringBuilder bulk = new StringBuilder();
      for (int i = from; i < Math.min(from + BULK, documents); i++) {
        Map<String, Float> weights = text(DOCUMENT_TERMS, 0.5);
        JsonObject document = new JsonObject();
        document.add("sparse", json(weights));
        document.addProperty("text", String.join(" ", weights.keySet()));
        bulk.append("{\"index\":{\"_id\":\"").append(i).append("\"}}\n");
        bulk.append(document).append('\n');
      }
      JsonObject answer = node.call("POST", "/sparse-benchmark/_bulk", bulk.toString());
      if (answer.get("errors").getAsBoolean()) {
        throw new IOException("a bulk request had errors: " + answer);
      }
    }
    NodeClient.print(
        "%d documents indexed in %.0f s", documents, (System.nanoTime() - began) / 1e9);
    node.call("POST", "/sparse-benchmark/_forcemerge?max_num_segments=1", "");
    node.call("POST", "/sparse-benchmark/_refresh", "");
  }

  private void measureSize() throws IOException, InterruptedException {
    JsonObject usage =
        node.call("POST", "/sparse-benchmark/_disk_usage?run_expensive_tasks=true", "")
            .getAsJsonObject("sparse-benchmark")
            .getAsJsonObject("fields");
    for (String field : List.of("sparse", "text")) {
      JsonObject of = usage.getAsJsonObject(field);
      double index =
          of.getAsJsonObject("inverted_index").get("total_in_bytes").getAsLong()
              + of.get("norms_in_bytes").getAsLong();
      NodeClient.print(
          "%s: index %.1f MB, term vectors, which stand for its _source, %.1f MB",
          field, index / 1e6, of.get("term_vectors_in_bytes").getAsLong() / 1e6);
    }
  }

  private void measureQueries() throws IOException, InterruptedException {
    String all = query("\"prune\":false");
    String pruned = query("\"prune\":true");
    String rest = query("\"prune\":true,\"pruning_config\":{\"only_score_pruned_tokens\":true}");
    Map<String, String> ways = new LinkedHashMap<>();
    ways.put("plain", "\"query\":" + all);
    ways.put("pruned", "\"query\":" + pruned);
    ways.put(
        "pruned, 100 rescored",
        ("\"query\":%s,\"rescore\":{\"window_size\":100,\"query\":{\"rescore_query\":%s}}")
            .formatted(pruned, rest));
    ways.put("plain with idf", "\"query\":" + query("\"prune\":false,\"idf\":1"));
    ways.put("BM25", "\"query\":{\"match\":{\"text\":\"%TEXT%\"}}");

    Map<String, List<Double>> millis = new LinkedHashMap<>();
    Map<String, Integer> shared = new LinkedHashMap<>();
    for (int i = 0; i < WARM_UP + QUERIES; i++) {
      Map<String, Float> weights = text(QUERY_TERMS, 0.6);
      Set<String> exact = Set.of();
      for (Map.Entry<String, String> way : ways.entrySet()) {
        String body =
            way.getValue()
                .replace("%WEIGHTS%", json(weights).toString())
                .replace("%TEXT%", String.join(" ", weights.keySet()));
        long began = System.nanoTime();
        List<String> found = search(body);
        double took = (System.nanoTime() - began) / 1e6;
        exact = way.getKey().equals("plain") ? Set.copyOf(found) : exact;
        if (i >= WARM_UP) {
          millis.computeIfAbsent(way.getKey(), k -> new ArrayList<>()).add(took);
          shared.merge(
              way.getKey(), (int) found.stream().filter(exact::contains).count(), Integer::sum);
        }
      }
    }
    for (String way : ways.keySet()) {
      NodeClient.print(
          "%-22s p50 %6.1f ms, p99 %6.1f ms, overlap@10 %.3f",
          way,
          NodeClient.percentile(millis.get(way), 50),
          NodeClient.percentile(millis.get(way), 99),
          shared.get(way) / (double) (QUERIES * TOP));
    }
  }

  private static String query(String options) {
    return "{\"semlux_sparse\":{\"field\":\"sparse\",\"query_vector\":%WEIGHTS%," + options + "}}";
  }

  private List<String> search(String body) throws IOException, InterruptedException {
    String request =
        "{\"size\":%s,\"_source\":false,\"track_total_hits\":false,%s}".formatted(TOP, body);
    JsonArray hits =
        node.call("POST", "/sparse-benchmark/_search?request_cache=false", request)
            .getAsJsonObject("hits")
            .getAsJsonArray("hits");
    List<String> ids = new ArrayList<>();
    for (JsonElement hit : hits) {
      ids.add(hit.getAsJsonObject().get("_id").getAsString());
    }
    return ids;
  }
}

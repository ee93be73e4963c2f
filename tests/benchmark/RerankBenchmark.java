import com.google.gson.Gson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A window of passages reranked in a real node: by the {@code semlux_rerank} retriever, and by
 * {@code _rerank} with the same texts, in turn. Prints p50 and p99 of each.
 *
 * <p>Run by {@code rerank.sh} beside it: {@code RerankBenchmark URL MODEL PASSAGES WORDS ROUNDS}.
 */
public final class RerankBenchmark {
  private static final int WARM_UP = 5;

  /** Each of them is one token to BERT's English vocabulary. */
  private static final String[] WORDS =
      ("the of and in to was he is as for on with that it his by at from her she you had an were but"
              + " be this are not my they one which or have him me first all also their has up who"
              + " out been when after there into new two its time would no what about said we over"
              + " then other so more can if like back them only some could where just during before"
              + " river rain city music house water night school world family")
          .split(" ");

  private final NodeClient node;
  private final String model;
  private final Random random = new Random(1);

  private RerankBenchmark(NodeClient node, String model) {
    this.node = node;
    this.model = model;
  }

  public static void main(String[] arguments) throws Exception {
    int passages = Integer.parseInt(arguments[2]);
    int words = Integer.parseInt(arguments[3]);
    new RerankBenchmark(new NodeClient(arguments[0]), arguments[1])
        .run(passages, words, Integer.parseInt(arguments[4]));
  }

  private void run(int passages, int words, int rounds) throws Exception {
    List<String> texts = IntStream.range(0, passages).mapToObj(i -> words(words)).toList();
    index(texts);
    List<Double> retriever = new ArrayList<>();
    List<Double> endpoint = new ArrayList<>();
    for (int i = 0; i < WARM_UP + rounds; i++) {
      // No question comes twice, and each is asked both ways.
      String query = words(8);
      double search = node.millis("/passages/_search", search(query, passages));
      double rerank = node.millis("/_semlux/models/" + model + "/_rerank", rerank(query, texts));
      if (i >= WARM_UP) {
        retriever.add(search);
        endpoint.add(rerank);
      }
    }
    NodeClient.print("%d passages of %d tokens, %d rounds", passages, words, rounds);
    NodeClient.print("semlux_rerank: %s", percentiles(retriever));
    NodeClient.print("_rerank:       %s", percentiles(endpoint));
  }

  private void index(List<String> texts) throws IOException, InterruptedException {
    node.call("DELETE", "/passages?ignore_unavailable=true", "");
    node.call("PUT", "/passages", "{\"settings\":{\"number_of_replicas\":0}}");
    String lines =
        texts.stream()
            .map(text -> "{\"index\":{}}\n" + new Gson().toJson(Map.of("text", text)) + "\n")
            .collect(Collectors.joining());
    node.call("POST", "/passages/_bulk?refresh=true", lines);
  }

  private String search(String query, int window) {
    Map<String, Object> rerank =
        Map.of(
            "retriever", Map.of("standard", Map.of("query", Map.of("match_all", Map.of()))),
            "model_id", model,
            "field", "text",
            "query", query,
            "rank_window_size", window);
    return new Gson().toJson(Map.of("size", 10, "retriever", Map.of("semlux_rerank", rerank)));
  }

  private static String rerank(String query, List<String> texts) {
    return new Gson().toJson(Map.of("query", query, "documents", texts, "top_n", 10));
  }

  private String words(int count) {
    return random
        .ints(count, 0, WORDS.length)
        .mapToObj(i -> WORDS[i])
        .collect(Collectors.joining(" "));
  }

  private static String percentiles(List<Double> millis) {
    return String.format(
        Locale.ROOT,
        "p50 %.0f ms, p99 %.0f ms",
        NodeClient.percentile(millis, 50),
        NodeClient.percentile(millis, 99));
  }
}

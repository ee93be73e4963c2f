package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.semlux.encoders.api.Precision;

/**
 * A search that is cancelled, loses its connection or times out stops encoding: far less than it
 * asked for is encoded, the rest is counted as dropped, and nothing of it runs later.
 */
@OnRealNode
class AbandonedSearchIT {
  private static final String QUERY = "The river rises after three days of rain.";
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");

  private static final int DOCUMENTS = 500;
  private static final int WINDOWS = 64; // of each document, at least
  private static final int SEARCHES = 30;
  private static final int CLAUSES = 1_000; // of a search, each with a text of its own

  private static final String PATH = "/passages/_msearch?max_concurrent_searches=" + SEARCHES;
  private static final String PAIRS =
      "\"model_id\":\"cross\",\"field\":\"text\",\"query\":\"" + QUERY + "\"";
  private static final String RESCORED =
      "\"query\":{\"match_all\":{}},\"rescore\":{\"window_size\":1000,\"semlux_cross_encoder\":{"
          + PAIRS
          + "}}";
  private static final String RERANKED =
      """
      {"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
       "rank_window_size":1000,%s}}"""
          .formatted(PAIRS);

  /** A feature by one heavy request, and how many texts that is for the model. */
  private enum Feature {
    SPARSE("sparse", SEARCHES * CLAUSES) {
      @Override
      List<String> searches() {
        return crowd(Feature::clause);
      }
    },
    VECTOR("tiny", SEARCHES * CLAUSES) {
      @Override
      List<String> searches() {
        return crowd(
            i ->
                """
                {"knn":{"field":"vector","k":1,"num_candidates":1,"query_vector_builder":
                 {"semlux":{"model_id":"tiny","model_text":"%s"}}}}"""
                    .formatted(text(i)));
      }
    },
    RESCORER("cross", DOCUMENTS * WINDOWS) {
      @Override
      List<String> searches() {
        return List.of("{" + RESCORED);
      }
    },
    RERANK("cross", DOCUMENTS * WINDOWS) {
      @Override
      List<String> searches() {
        return List.of("{\"retriever\":" + RERANKED);
      }
    },
    FUSED_RERANK("cross", DOCUMENTS * WINDOWS) {
      @Override
      List<String> searches() {
        return List.of(fused(RERANKED));
      }
    },
    FUSED_SPARSE("sparse", SEARCHES * CLAUSES) {
      @Override
      List<String> searches() {
        return crowd(Feature::clause).stream()
            .map(search -> fused("{\"standard\":" + search + "}}"))
            .toList();
      }
    },
    FUSED_RESCORER("cross", DOCUMENTS * WINDOWS) {
      @Override
      List<String> searches() {
        return List.of(
            fused(
                """
                {"rescorer":{"retriever":{"standard":{"query":{"match_all":{}}}},"rescore":
                 {"window_size":1000,"semlux_cross_encoder":{%s}}}}"""
                    .formatted(PAIRS)));
      }
    };

    private final String model;
    private final int texts;

    Feature(String model, int texts) {
      this.model = model;
      this.texts = texts;
    }

    /** Bodies without their closing brace. */
    abstract List<String> searches();

    private static String clause(int number) {
      return """
          {"semlux_sparse":{"field":"terms","model_id":"sparse","query":"%s"}}"""
          .formatted(text(number));
    }

    private static String fused(String retriever) {
      return """
          {"retriever":{"semlux_fusion":{"rank_window_size":1000,"retrievers":[%s]}}"""
          .formatted(retriever);
    }

    /** Lines in msearch's format, all with this timeout. */
    String request(String timeout) {
      return searches().stream()
          .map(search -> "{}\n" + search.replace("\n", "") + timeout + "}\n")
          .collect(Collectors.joining());
    }
  }

  private static int round;

  private static List<String> crowd(IntFunction<String> clause) {
    round++;
    return IntStream.range(0, SEARCHES)
        .mapToObj(
            search ->
                IntStream.range(0, CLAUSES)
                    .mapToObj(i -> clause.apply(search * CLAUSES + i))
                    .collect(Collectors.joining(",", "{\"query\":{\"bool\":{\"should\":[", "]}}")))
        .toList();
  }

  /** What no cache of query encodings knows. */
  private static String text(int number) {
    return words(new Random(round * 1_000_000L + number), 30) + " " + round + " " + number;
  }

  private static String words(Random random, int count) {
    return random
        .ints(count, 0, WORDS.length)
        .mapToObj(i -> WORDS[i])
        .collect(Collectors.joining(" "));
  }

  @BeforeAll
  static void prepare(RealNode node) {
    node.deploy(RealNode.MODEL, "tiny", Precision.FLOAT32);
    node.deploy(RealNode.golden("sparse-bert"), "sparse", Precision.FLOAT32);
    node.deploy(RealNode.CROSS_MODEL, "cross", Precision.FLOAT32);
    node.rest()
        .succeed(
            "PUT",
            "/passages",
            """
            {"settings":{"number_of_shards":3,"number_of_replicas":0},"mappings":{"properties":{
             "text":{"type":"text"},"terms":{"type":"sparse_vector"},
             "vector":{"type":"dense_vector","dims":32}}}}""");
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("text", words(new Random(i), 2_000)));
    }
    node.rest().succeed("POST", "/passages/_bulk?refresh=true", Rest.lines(lines));
  }

  @AfterAll
  static void clean(RealNode node) {
    node.rest().succeed("DELETE", "/passages", "");
    for (String id : List.of("tiny", "sparse", "cross")) {
      node.rest().succeed("DELETE", "/_semlux/models/" + id + "?force=true", "");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aCancelledSearchStopsEncoding(Feature feature, RealNode node) {
    double encoded = stat(node, feature, "texts");
    double dropped = stat(node, feature, "dropped");
    // A quick node may have encoded all before it is cancelled.
    for (int i = 0; i < 20 && stat(node, feature, "dropped") == dropped; i++) {
      encoded = stat(node, feature, "texts");
      var search = search(node, feature, "");
      until(() -> search.isDone() || stat(node, feature, "queue.texts") > 0);
      node.rest().succeed("POST", "/_tasks/_cancel?actions=indices:data/read/*search", "");
      search.join();
      until(() -> stat(node, feature, "queue.texts") == 0);
    }

    assertStops(node, feature, encoded, dropped);
  }

  @ParameterizedTest
  @EnumSource
  void aSearchWhoseConnectionIsLostStopsEncoding(Feature feature, RealNode node)
      throws IOException {
    double encoded = stat(node, feature, "texts");
    double dropped = stat(node, feature, "dropped");
    byte[] body = feature.request("").getBytes(UTF_8);
    // A quick node may have encoded all before the connection is seen to be lost.
    for (int i = 0; i < 20 && stat(node, feature, "dropped") == dropped; i++) {
      encoded = stat(node, feature, "texts");
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), node.rest().url().getPort())) {
        send(socket, body);
        until(() -> stat(node, feature, "queue.texts") > 0);
      }
      until(() -> stat(node, feature, "queue.texts") == 0);
    }
    assertStops(node, feature, encoded, dropped);
  }

  private static void send(Socket socket, byte[] body) throws IOException {
    String head =
        """
        POST %s HTTP/1.1\r
        Host: localhost\r
        Content-Type: application/x-ndjson\r
        Content-Length: %s\r
        \r
        """
            .formatted(PATH, body.length);
    socket.getOutputStream().write(head.getBytes(UTF_8));
    socket.getOutputStream().write(body);
    socket.getOutputStream().flush();
  }

  @ParameterizedTest
  @EnumSource
  void aSearchThatTimesOutStopsEncoding(Feature feature, RealNode node) {
    double encoded = stat(node, feature, "texts");
    double dropped = stat(node, feature, "dropped");

    // Elasticsearch's clock is coarse: a search's time may be over before it encodes.
    for (int i = 0; i < 20 && stat(node, feature, "dropped") == dropped; i++) {
      search(node, feature, ",\"timeout\":\"100ms\"").join();
      until(() -> stat(node, feature, "queue.texts") == 0);
    }

    assertStops(node, feature, encoded, dropped);
  }

  private static CompletableFuture<Rest.Answer> search(
      RealNode node, Feature feature, String timeout) {
    String body = feature.request(timeout);
    return CompletableFuture.supplyAsync(() -> node.rest().call("POST", PATH, body));
  }

  private static void assertStops(RealNode node, Feature feature, double encoded, double dropped) {
    until(() -> stat(node, feature, "queue.texts") == 0);
    assertThat(stat(node, feature, "texts") - encoded).isLessThan(feature.texts);
    assertThat(stat(node, feature, "dropped")).isGreaterThan(dropped);
    // The node is free for others.
    String path = "/_semlux/models/" + feature.model;
    if (feature.model.equals("cross")) {
      node.rest().succeed("POST", path + "/_rerank", "{\"query\":\"a\",\"documents\":[\"b\"]}");
    } else {
      node.rest().succeed("POST", path + "/_encode", "{\"texts\":[\"a\"]}");
    }
  }

  /** Asks again and again, which takes the node's time of answering each. */
  private static void until(BooleanSupplier done) {
    Instant end = Instant.now().plusSeconds(60);
    while (!done.getAsBoolean()) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  private static double stat(RealNode node, Feature feature, String name) {
    Map<?, ?> nodes = (Map<?, ?>) node.rest().succeed("GET", "/_semlux/stats", "").at("nodes");
    Object only = nodes.values().iterator().next();
    return ((Number) JsonPath.at(only, "models." + feature.model + "." + name)).doubleValue();
  }
}

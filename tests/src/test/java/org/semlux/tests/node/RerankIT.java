package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.semlux.encoders.program.Precision;

/** The retriever over three shards against {@code _rerank}, and a search that nobody waits for. */
@ExtendWith(RealNode.Extension.class)
class RerankIT {
  private static final String QUERY = "The river rises after three days of rain.";
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");
  private static final String SEARCH =
      """
      {"size":%d,"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
       "model_id":"cross","field":"text","query":"%s","rank_window_size":1000}}}""";

  private final Random random = new Random(6);

  @BeforeEach
  void prepare(RealNode node) {
    node.deploy(RealNode.CROSS_MODEL, "cross", Precision.FLOAT32);
    node.rest()
        .succeed(
            "PUT",
            "/passages",
            """
            {"settings":{"number_of_shards":3,"number_of_replicas":0},
             "mappings":{"properties":{"text":{"type":"text"}}}}""");
  }

  @AfterEach
  void clean(RealNode node) {
    node.rest().succeed("DELETE", "/passages", "");
    node.rest().succeed("DELETE", "/_semlux/models/cross", "");
  }

  @Test
  void theOrderIsThatOfTheSameTextsInNoIndex(RealNode node) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      texts.add(words(1 + random.nextInt(12)) + " " + words(1));
    }
    index(node, texts);
    Rest.Answer ranked =
        node.rest()
            .succeed(
                "POST",
                "/_semlux/models/cross/_rerank",
                Rest.JSON.toJson(Map.of("query", QUERY, "documents", texts)));

    Rest.Answer found =
        node.rest().succeed("POST", "/passages/_search", SEARCH.formatted(100, QUERY));

    assertThat((List<?>) found.at("hits.hits")).hasSize(100);
    for (int i = 0; i < 100; i++) {
      double score = number(ranked.at("results." + i + ".score"));
      assertThat(number(found.at("hits.hits." + i + "._score"))).isCloseTo(score, within(1e-5));
      int id = Integer.parseInt((String) found.at("hits.hits." + i + "._id"));
      double own = scoreOf(ranked, id);
      assertThat(own).as("document %d at rank %d", id, i).isCloseTo(score, within(1e-5));
    }
  }

  private static double scoreOf(Rest.Answer ranked, int document) {
    return ((List<?>) ranked.at("results"))
        .stream()
            .map(result -> (Map<?, ?>) result)
            .filter(result -> result.get("index").equals((long) document))
            .mapToDouble(result -> number(result.get("score")))
            .findFirst()
            .orElseThrow();
  }

  /** Encoding all of it is some 64 windows of each text. */
  @Test
  void aCancelledSearchStopsEncoding(RealNode node) {
    int documents = 500;
    String text = words(2_000);
    index(node, Collections.nCopies(documents, text));
    var search =
        CompletableFuture.supplyAsync(
            () -> node.rest().call("POST", "/passages/_search", SEARCH.formatted(1, QUERY)));
    until(() -> stat(node, "texts") > 0);

    node.rest().succeed("POST", "/_tasks/_cancel?actions=indices:data/read/search", "");

    assertThat(search.join().status()).isEqualTo(400);
    until(() -> stat(node, "queue.texts") == 0);
    double encoded = stat(node, "texts");
    assertThat(encoded).isLessThan(64 * documents);
    // The node is free for others, and nothing of the cancelled search is encoded any more.
    node.rest()
        .succeed(
            "POST", "/_semlux/models/cross/_rerank", "{\"query\":\"a\",\"documents\":[\"b\"]}");
    assertThat(stat(node, "texts")).isEqualTo(encoded + 1);
  }

  /** Asks again and again, which takes the node's time of answering each. */
  private static void until(BooleanSupplier done) {
    Instant end = Instant.now().plusSeconds(60);
    while (!done.getAsBoolean()) {
      assertThat(Instant.now()).isBefore(end);
    }
  }

  private static double stat(RealNode node, String name) {
    Map<?, ?> nodes = (Map<?, ?>) node.rest().succeed("GET", "/_semlux/stats", "").at("nodes");
    Object only = nodes.values().iterator().next();
    return number(JsonPath.at(only, "models.cross." + name));
  }

  private static void index(RealNode node, List<String> texts) {
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("text", texts.get(i)));
    }
    node.rest().succeed("POST", "/passages/_bulk?refresh=true", Rest.lines(lines));
  }

  private String words(int count) {
    return random
        .ints(count, 0, WORDS.length)
        .mapToObj(i -> WORDS[i])
        .collect(Collectors.joining(" "));
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}

package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;

/** The retriever over three shards against {@code _rerank}. */
@OnRealNode
class RerankIT {
  private static final String QUERY = "The river rises after three days of rain.";
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");
  private static final String SEARCH =
      """
      {"size":%s,"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
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

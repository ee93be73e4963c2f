package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.semlux.encoders.api.Precision;

/**
 * Two clients write every kind of update from a fixed seed while the model's alias moves to and fro
 * and the node is killed. Afterwards no document lacks the vector of the text that it has, and none
 * has another. By hand with {@code -Dsemlux.chaos.documents=20000}.
 */
@ExtendWith(RealNode.Extension.class)
class TextFieldChaosIT {
  private static final int DOCUMENTS = Integer.getInteger("semlux.chaos.documents", 200);
  private static final int BULK = 20;
  private static final String[] WORDS =
      "river rain bread winter house street music station friend paper window light".split(" ");

  private static Rest rest;

  @BeforeAll
  static void deploy(RealNode node) {
    rest = node.rest();
    node.deploy(RealNode.MODEL, "chaos-one", Precision.FLOAT32);
    node.deploy(RealNode.golden("dense-electra-mean"), "chaos-two", Precision.FLOAT32);
  }

  @AfterAll
  static void clean() {
    rest.call("DELETE", "/chaos", "");
    rest.call("DELETE", "/_semlux/aliases/chaos", "");
    rest.call("DELETE", "/_semlux/models/chaos-one?force=true", "");
    rest.call("DELETE", "/_semlux/models/chaos-two?force=true", "");
  }

  private static void point(String model) {
    rest.succeed("PUT", "/_semlux/aliases/chaos", "{\"model_id\":\"" + model + "\"}");
  }

  @Test
  void everyDocumentHasTheVectorOfItsText(RealNode node) {
    point("chaos-one");
    rest.succeed(
        "PUT",
        "/chaos",
        """
        {"settings":{"number_of_shards":3,"number_of_replicas":0},"mappings":{"properties":{
         "n":{"type":"integer"},"key":{"type":"keyword"},"body":{"type":"semlux_text","model_id":"chaos"}}}}""");
    AtomicInteger bulks = new AtomicInteger();
    CompletableFuture<?> clients =
        CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> write(1, bulks)),
            CompletableFuture.runAsync(() -> write(2, bulks)));
    await(bulks, 2);
    point("chaos-two");
    await(bulks, total() / 3);
    node.kill();
    node.restart();
    rest.succeed("GET", "/_cluster/health/chaos?wait_for_status=green&timeout=60s", "");
    for (String model : List.of("chaos-one", "chaos-two")) {
      rest.succeed("POST", "/_semlux/models/" + model + "/_deploy?timeout=60s", "");
    }
    point("chaos-one");
    await(bulks, total() * 2 / 3);
    point("chaos-two");
    clients.join();

    rest.succeed("POST", "/chaos/_refresh", "");
    assertThat(check(true)).isGreaterThan(DOCUMENTS / 2);
    Rest.Answer run = rest.succeed("POST", "/_semlux/_reencode", "{\"index\":\"chaos\"}");
    assertThat(run.at("failed")).as(run.toString()).isEqualTo(0L);
    rest.succeed("POST", "/chaos/_refresh", "");
    assertThat(check(false)).isGreaterThan(DOCUMENTS / 2);
    Rest.Answer mapping = rest.succeed("GET", "/chaos/_mapping", "");
    assertThat(mapping.at("chaos.mappings.properties.body.model_settings.models"))
        .isEqualTo(Map.of("chaos-two", "chaos-two"));
  }

  /** Bulks of both clients. */
  private static int total() {
    return 2 * (2 * DOCUMENTS / BULK);
  }

  private static void await(AtomicInteger bulks, int count) {
    while (bulks.get() < count) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A client's own half of the documents, each written some four times. */
  private static void write(int client, AtomicInteger bulks) {
    Random random = new Random(client);
    for (int i = 0; i < total() / 2; i++) {
      List<Object> lines = new ArrayList<>();
      for (int item = 0; item < BULK; item++) {
        String id = client + "-" + random.nextInt(DOCUMENTS / 2);
        String text = WORDS[random.nextInt(12)] + " " + WORDS[random.nextInt(12)] + " " + i;
        add(lines, random.nextInt(7), id, text);
      }
      try {
        rest.call("POST", "/chaos/_bulk", Rest.lines(lines)); // items may fail while it is down
      } catch (UncheckedIOException e) {
        pause(); // the node is down
      }
      bulks.incrementAndGet();
    }
  }

  private static void add(List<Object> lines, int kind, String id, String text) {
    Map<String, String> target = Map.of("_id", id);
    switch (kind) {
      case 0, 1 -> lines.addAll(List.of(Map.of("index", target), Map.of("body", text, "key", id)));
      case 2 -> lines.addAll(List.of(Map.of("create", target), Map.of("body", text, "key", id)));
      case 3 ->
          lines.addAll(
              List.of(Map.of("update", target), Map.of("doc", Map.of("body", text, "key", id))));
      case 4 ->
          lines.addAll(
              List.of(
                  Map.of("update", target),
                  Map.of("doc", Map.of("body", text, "key", id), "doc_as_upsert", true)));
      case 5 -> lines.addAll(List.of(Map.of("update", target), Map.of("doc", Map.of("n", 1))));
      default -> lines.add(Map.of("delete", target));
    }
  }

  /**
   * Compares every document's vector with what the model that it names makes of its text.
   *
   * @param mixed whether either model may have made it
   * @return documents
   */
  private static int check(boolean mixed) {
    int seen = 0;
    Object after = null;
    while (true) {
      Map<String, Object> search = new LinkedHashMap<>();
      search.put("size", 500);
      search.put("_source", Map.of("exclude_vectors", false));
      search.put("sort", List.of(Map.of("key", "asc")));
      if (after != null) {
        search.put("search_after", after);
      }
      Rest.Answer found = rest.succeed("POST", "/chaos/_search", Rest.JSON.toJson(search));
      List<?> hits = (List<?>) found.at("hits.hits");
      if (hits.isEmpty()) {
        return seen;
      }
      Map<String, List<Object>> byModel = new LinkedHashMap<>();
      for (Object hit : hits) {
        String named = (String) JsonPath.at(hit, "_source._semlux.0.model");
        assertThat(named).as(hit.toString()).isNotNull();
        byModel
            .computeIfAbsent(named.substring(0, named.indexOf(' ')), m -> new ArrayList<>())
            .add(hit);
      }
      if (!mixed) {
        assertThat(byModel.keySet()).containsExactly("chaos-two");
      }
      byModel.forEach(TextFieldChaosIT::checkAll);
      seen += hits.size();
      after = JsonPath.at(hits.get(hits.size() - 1), "sort");
    }
  }

  private static void checkAll(String model, List<Object> hits) {
    List<Object> texts = hits.stream().map(hit -> JsonPath.at(hit, "_source.body")).toList();
    Rest.Answer encoded =
        rest.succeed(
            "POST",
            "/_semlux/models/" + model + "/_encode",
            Rest.JSON.toJson(Map.of("texts", texts, "input_type", "document")));
    for (int i = 0; i < hits.size(); i++) {
      List<?> stored = (List<?>) JsonPath.at(hits.get(i), "_source._semlux.0.chunks.0.vector");
      List<?> expected = (List<?>) encoded.at("embeddings." + i);
      assertThat(cosine(stored, expected)).as(hits.get(i).toString()).isGreaterThan(0.9999);
    }
  }

  private static double cosine(List<?> a, List<?> b) {
    double product = 0;
    double left = 0;
    double right = 0;
    for (int i = 0; i < a.size(); i++) {
      double x = ((Number) a.get(i)).doubleValue();
      double y = ((Number) b.get(i)).doubleValue();
      product += x * y;
      left += x * x;
      right += y * y;
    }
    return product / Math.sqrt(left * right);
  }
}

package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;

/**
 * Two clients write every kind of update from a fixed seed while the model's alias moves to and fro
 * and the node is killed. Afterwards every document has the text that was answered as written last
 * and the vector of it. By hand with {@code -Dsemlux.chaos.documents=20000}.
 */
@OnRealNode
class TextFieldChaosIT {
  private static final int DOCUMENTS = Integer.getInteger("semlux.chaos.documents", 200);
  private static final int BULK = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(5);
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
    Client one = new Client(1);
    Client two = new Client(2);
    CompletableFuture<?> clients =
        CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> one.write(bulks)),
            CompletableFuture.runAsync(() -> two.write(bulks)));
    await(clients, bulks, 2);
    point("chaos-two");
    await(clients, bulks, total() / 3);
    node.kill();
    node.restart();
    rest.succeed("GET", "/_cluster/health/chaos?wait_for_status=green&timeout=60s", "");
    for (String model : List.of("chaos-one", "chaos-two")) {
      rest.succeed("POST", "/_semlux/models/" + model + "/_deploy?timeout=60s", "");
    }
    point("chaos-one");
    await(clients, bulks, total() * 2 / 3);
    point("chaos-two");
    clients.join();

    rest.succeed("POST", "/chaos/_refresh", "");
    Map<String, String> written = new TreeMap<>(one.texts);
    written.putAll(two.texts);
    assertThat(written).hasSizeGreaterThan(DOCUMENTS / 2);
    Map<String, String> found = check(true);
    Map<String, String> sure = new TreeMap<>(found);
    sure.keySet().removeAll(one.unsure);
    sure.keySet().removeAll(two.unsure);
    assertThat(sure).isEqualTo(written);
    Rest.Answer run = rest.succeed("POST", "/_semlux/_reencode", "{\"index\":\"chaos\"}");
    assertThat(run.at("failed")).as(run.toString()).isEqualTo(0L);
    rest.succeed("POST", "/chaos/_refresh", "");
    assertThat(check(false)).isEqualTo(found);
    Rest.Answer mapping = rest.succeed("GET", "/chaos/_mapping", "");
    assertThat(mapping.at("chaos.mappings.properties.body.model_settings.models"))
        .isEqualTo(Map.of("chaos-two", "chaos-two"));
  }

  /** Bulks of both clients. */
  private static int total() {
    return 2 * (2 * DOCUMENTS / BULK);
  }

  private static void await(CompletableFuture<?> clients, AtomicInteger bulks, int count) {
    while (bulks.get() < count) {
      if (clients.isCompletedExceptionally()) {
        clients.join();
      }
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
  private static final class Client {
    private final Map<String, String> texts = new TreeMap<>();
    private final Set<String> unsure = new TreeSet<>();
    private final int number;

    Client(int number) {
      this.number = number;
    }

    void write(AtomicInteger bulks) {
      Random random = new Random(number);
      for (int i = 0; i < total() / 2; i++) {
        List<Write> writes = new ArrayList<>();
        for (int item = 0; item < BULK; item++) {
          String id = number + "-" + random.nextInt(DOCUMENTS / 2);
          String text = WORDS[random.nextInt(12)] + " " + WORDS[random.nextInt(12)] + " " + i;
          writes.add(Write.of(random.nextInt(7), id, text));
        }
        send(writes);
        bulks.incrementAndGet();
      }
    }

    /** Sends a bulk until all of it is taken: the node is killed and then lacks its models. */
    private void send(List<Write> writes) {
      String bulk = Rest.lines(writes.stream().flatMap(write -> write.lines().stream()).toList());
      Instant end = Instant.now().plus(PATIENCE);
      while (true) {
        try {
          Rest.Answer answer = rest.call("POST", "/chaos/_bulk", bulk);
          if (answer.status() < 300 && follow(writes, (List<?>) answer.at("items"))) {
            return;
          }
          assertThat(Instant.now()).as(answer.toString()).isBefore(end);
        } catch (UncheckedIOException e) {
          assertThat(Instant.now()).as(e.toString()).isBefore(end);
          writes.forEach(write -> texts.remove(write.id()));
          writes.forEach(write -> unsure.add(write.id())); // some of it may have been written
        }
        pause();
      }
    }

    /** Keeps what was answered as written; whether every item was taken. */
    private boolean follow(List<Write> writes, List<?> items) {
      boolean taken = true;
      for (int i = 0; i < items.size(); i++) {
        Write write = writes.get(i);
        Object status = JsonPath.at(items.get(i), write.action() + ".status");
        assertThat(status).as(items.get(i).toString()).isIn(200L, 201L, 404L, 409L, 429L, 503L);
        taken &= (long) status < 429;
        if (write.action().equals("delete") && (long) status <= 404) {
          texts.remove(write.id());
          unsure.remove(write.id());
        } else if ((long) status < 300 && write.text() != null) {
          texts.put(write.id(), write.text());
          unsure.remove(write.id());
        }
      }
      return taken;
    }
  }

  private record Write(String action, String id, String text, List<Map<String, ?>> lines) {
    static Write of(int kind, String id, String text) {
      Map<String, String> document = Map.of("body", text, "key", id);
      return switch (kind) {
        case 0, 1 -> of("index", id, text, List.of(document));
        case 2 -> of("create", id, text, List.of(document));
        case 3 -> of("update", id, text, List.of(Map.of("doc", document)));
        case 4 -> of("update", id, text, List.of(Map.of("doc", document, "doc_as_upsert", true)));
        case 5 -> of("update", id, null, List.of(Map.of("doc", Map.of("n", 1))));
        default -> of("delete", id, null, List.of());
      };
    }

    private static Write of(
        String action, String id, String text, List<? extends Map<String, ?>> source) {
      List<Map<String, ?>> lines = new ArrayList<>(List.of(Map.of(action, Map.of("_id", id))));
      lines.addAll(source);
      return new Write(action, id, text, lines);
    }
  }

  /**
   * Compares every document's vector with what the model that it names makes of its text.
   *
   * @param mixed whether either model may have made it
   * @return documents' texts by their ids
   */
  private static Map<String, String> check(boolean mixed) {
    Map<String, String> seen = new TreeMap<>();
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
      hits.forEach(
          hit ->
              seen.put(
                  (String) JsonPath.at(hit, "_id"), (String) JsonPath.at(hit, "_source.body")));
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

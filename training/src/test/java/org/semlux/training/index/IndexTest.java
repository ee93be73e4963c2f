package org.semlux.training.index;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.semlux.training.adapt.IndexWordSearch;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.ClusterException;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;

/** Answers that Elasticsearch gives, over real HTTP on the loopback interface. */
class IndexTest {
  private static final String BUSY =
      """
      {"error":{"root_cause":[{"type":"es_rejected_execution_exception","reason":"queue is full"}],
       "type":"search_phase_execution_exception","reason":"all shards failed"},"status":429}""";

  private final Queue<String> answers = new ArrayDeque<>();
  private final List<String> requests = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private HttpServer server;
  private Index index;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          requests.add(exchange.getRequestURI() + " " + body);
          byte[] answer = answers.remove().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    index =
        new Index(
            new Cluster(
                url,
                Optional.empty(),
                new Retry(3, Duration.ofMillis(1)),
                Proxies.NONE,
                notices::add),
            "articles");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static String found(String id) {
    return """
        {"took":3,"timed_out":false,"_shards":{"total":2,"successful":2,"failed":0},"status":200,
         "hits":{"hits":[{"_id":"%s","_score":1.5}]}}"""
        .formatted(id);
  }

  private void answer(String... responses) {
    answers.add("{\"responses\":[" + String.join(",", responses) + "]}");
  }

  private static List<JsonObject> searches(int count) {
    JsonObject[] all = new JsonObject[count];
    Arrays.setAll(all, i -> JsonParser.parseString("{\"size\":" + (i + 1) + "}").getAsJsonObject());
    return List.of(all);
  }

  @Test
  void searchesThatABusyNodeRefusedAreAskedForAgain() throws IOException {
    String partial = found("x").replace("\"failed\":0", "\"failed\":1");
    answer(found("a"), BUSY, partial);
    answer(BUSY, found("c"));
    answer(found("b"));

    assertThat(index.search(searches(3)).stream().map(Index.Found::ids))
        .containsExactly(List.of("a"), List.of("b"), List.of("c"));
    assertThat(requests)
        .containsExactly(
            "/articles/_msearch {}\n{\"size\":1}\n{}\n{\"size\":2}\n{}\n{\"size\":3}\n",
            "/articles/_msearch {}\n{\"size\":2}\n{}\n{\"size\":3}\n",
            "/articles/_msearch {}\n{\"size\":2}\n");
    assertThat(notices).hasSize(2);
  }

  /** What no retry helps is told at once, and why. */
  @Test
  void whyAShardFailedIsSaid() throws IOException {
    String failed =
        """
        {"took":3,"timed_out":false,"_shards":{"total":2,"successful":1,"failed":1,"failures":[
          {"shard":0,"index":"a","node":"n","reason":{"type":"%s","reason":"no [match] here"}}]},
         "status":200,"hits":{"hits":[]}}""";
    String refused = "a search of [articles] is not whole, with 1 of 2 shards: \"no [match] here\"";
    answer(failed.formatted("query_shard_exception"));
    assertThatThrownBy(() -> index.search(searches(1)))
        .isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessage(refused);
    assertThat(requests).hasSize(1);

    answer(failed.formatted("x").replace("\"shard\":0", "\"status\":403"));
    assertThatThrownBy(() -> index.search(searches(1)))
        .isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.status()).isEqualTo(403));
    assertThat(requests).hasSize(2);

    answer(failed.formatted("node_disconnected_exception"));
    answer(found("a"));
    assertThat(index.search(searches(1)).get(0).ids()).containsExactly("a");
    assertThat(notices).singleElement().asString().contains(refused);
  }

  @Test
  void attemptsAreBounded() {
    for (int attempt = 0; attempt < 3; attempt++) {
      answer(BUSY);
    }
    assertThatThrownBy(() -> index.search(searches(1)))
        .isInstanceOf(ClusterException.class)
        .hasMessage("a search of [articles] fails: \"queue is full\"");
    assertThat(requests).hasSize(3);
  }

  /** As a field of type semlux_text answers; what else fails is no reason to do without. */
  @Test
  void whetherAFieldIsSearchedForWords() throws IOException {
    IndexWordSearch words = new IndexWordSearch(index, "body", Map.of());
    String fields = "{\"fields\":{\"body\":{\"text\":{}}}}";
    answers.add("{\"fields\":{}}");
    assertThat(words.refusal()).hasValue("[articles] maps no field [body]");
    answers.add(fields);
    answer(found("a"));
    assertThat(words.refusal()).isEmpty();
    answers.add(fields);
    answer("{\"error\":{\"reason\":\"searched by a [semlux] query\"},\"status\":400}");
    assertThat(words.refusal().orElseThrow()).contains("searched by a [semlux] query");
    answers.add(fields);
    answer("{\"error\":{\"reason\":\"not yours\"},\"status\":403}");
    assertThatThrownBy(words::refusal).hasMessageContaining("not yours");
  }

  /** A page that the same id fills again and again hides others. */
  @Test
  void idsThatSeveralIndicesHaveHideNoOthers() throws IOException {
    String hit = "{\"_id\":\"a\",\"_score\":1.5}";
    answer(found("a").replace(hit, String.join(",", hit, hit, hit)));
    answer(found("c"));
    assertThat(index.existing(List.of("a", "b", "c"))).containsExactlyInAnyOrder("a", "c");
    assertThat(requests.get(0)).contains("{\"size\":3,");
    assertThat(requests.get(1)).contains("{\"size\":2,", "{\"ids\":{\"values\":[\"b\",\"c\"]}}");

    requests.clear();
    List<String> many = IntStream.range(0, 150).mapToObj(Integer::toString).toList();
    answer(found("0"));
    answer(found("149"));
    assertThat(index.existing(many)).containsExactlyInAnyOrder("0", "149");
    assertThat(requests.get(0)).contains("{\"size\":100,");
    assertThat(requests).hasSize(2);
  }

  @Test
  void whichIdsAndWhichFieldsThereAre() throws IOException {
    answer(found("a"));
    assertThat(index.existing(List.of("a", "b"))).containsExactly("a");
    assertThat(requests.get(0)).contains("{\"ids\":{\"values\":[\"a\",\"b\"]}}");

    answers.add(
        """
        {"indices":["articles"],"fields":{"body":{"text":{"type":"text","searchable":true}},
         "n":{"long":{"type":"long"},"keyword":{"type":"keyword"}}}}""");
    assertThat(index.fields())
        .isEqualTo(Map.of("body", Set.of("text"), "n", Set.of("long", "keyword")));
  }
}

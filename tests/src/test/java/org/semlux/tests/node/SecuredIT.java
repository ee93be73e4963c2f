package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.training.deploy.Cluster;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.Retry;
import org.semlux.training.index.Index;

/**
 * Two nodes, one without models of its own, three shards an index, security on: every way of
 * searching as a user who may only read one index, and the privileges of everything else.
 */
@StartsNodes
class SecuredIT {
  private static final int DOCUMENTS = 40;
  private static final int TEXTS_EACH = 20; // of 9 searches by 2 users on 2 nodes
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of baker bread sun".split(" ");
  private static final String QUERY = "The river rises after three days of rain.";
  private static final String TEXTS = "{\"texts\":[\"a river\"]}";
  private static final String PAIRS = "{\"query\":\"a river\",\"documents\":[\"rain\"]}";

  private static final String INDEX =
      """
      {"settings":{"number_of_shards":3,"number_of_replicas":0,"default_pipeline":"encode"},
       "mappings":{"properties":{"text":{"type":"text","copy_to":"body"},
        "body":{"type":"semlux_text","model_id":"tiny"},"terms":{"type":"sparse_vector"},
        "vector":{"type":"dense_vector","dims":32},
        "passages":{"type":"nested","properties":{
         "vector":{"type":"dense_vector","dims":32}}}}}}""";

  private static SecuredCluster cluster;

  @BeforeAll
  static void prepare() {
    cluster = new SecuredCluster();
    Rest admin = cluster.as("admin");
    assertThat(admin.succeed("GET", "/_cluster/health?wait_for_nodes=2&timeout=60s", ""))
        .extracting(answer -> answer.at("number_of_nodes"))
        .isEqualTo(2L);
    upload("tiny", "dense-bert-mean-normalize");
    upload("sparse", "sparse-bert");
    upload("cross", "cross-bert");
    admin.succeed("PUT", "/_ingest/pipeline/encode", pipeline(""));
    for (String index : List.of("notes", "diary")) {
      admin.succeed("PUT", "/" + index, INDEX);
      write(index);
    }
  }

  @AfterAll
  static void end() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static void upload(String id, String golden) {
    Rest trainer = cluster.as("trainer");
    ModelUpload.of(RealNode.golden(golden)).send(trainer, id);
    trainer.succeed("POST", "/_semlux/models/" + id + "/_deploy?timeout=60s", "");
  }

  private static String pipeline(String pruning) {
    return """
        {"processors":[{"semlux":{"model_id":"tiny","input_output":[
          {"input_field":"text","output_field":"vector"},
          {"input_field":"text","output_field":"terms","model_id":"sparse"%s},
          {"input_field":"text","output_field":"passages",
           "chunking":{"strategy":"words","size":8,"overlap":0}}]}}]}"""
        .formatted(pruning);
  }

  private static void write(String index) {
    Random random = new Random(6);
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.add(Map.of("index", Map.of("_id", index + i)));
      lines.add(Map.of("text", words(random, 12)));
    }
    Rest writer = cluster.nodes("writer").get(1);
    Rest.Answer answer =
        writer.succeed("POST", "/" + index + "/_bulk?refresh=true", Rest.lines(lines));
    assertThat(answer.at("errors")).as(answer.toString()).isEqualTo(false);
  }

  private static String words(Random random, int count) {
    return random
        .ints(count, 0, WORDS.length)
        .mapToObj(i -> WORDS[i])
        .collect(Collectors.joining(" "));
  }

  /** Every feature of a search, each with the same text. */
  static Map<String, String> searches(String text) {
    String sparse =
        """
        {"semlux_sparse":{"field":"terms","model_id":"sparse","query":"%s"}}"""
            .formatted(text);
    String vector =
        """
        "k":20,"num_candidates":40,"query_vector_builder":
        {"semlux":{"model_id":"tiny","model_text":"%s"}}"""
            .formatted(text);
    String pairs =
        """
        "model_id":"cross","field":"text","query":"%s\""""
            .formatted(text);
    String fusion =
        """
        {"semlux_fusion":{"retrievers":[{"standard":{"query":%s}},{"knn":{"field":"vector",%s}}]}}"""
            .formatted(sparse, vector);
    return Map.of(
        "semlux_sparse", "{\"query\":" + sparse + "}",
        "semlux",
            "{\"query\":{\"semlux\":{\"field\":\"body\",\"k\":20,\"query\":\"%s\"}},\"highlight\":{\"fields\":{\"body\":{}}}}"
                .formatted(text),
        "knn", "{\"knn\":{\"field\":\"vector\"," + vector + "}}",
        "passages", "{\"knn\":{\"field\":\"passages.vector\",\"inner_hits\":{}," + vector + "}}",
        "semlux_cross_encoder",
            """
            {"query":{"match":{"text":"river rain"}},
             "rescore":{"window_size":50,"semlux_cross_encoder":{%s}}}"""
                .formatted(pairs),
        "semlux_fusion", "{\"retriever\":" + fusion + "}",
        "semlux_rerank",
            "{\"retriever\":{\"semlux_rerank\":{\"retriever\":" + fusion + "," + pairs + "}}}",
        "chunks",
            """
            {"retriever":{"semlux_rerank":{"model_id":"cross","field":"body","chunks":2,
              "query":"%s","retriever":%s}}}"""
                .formatted(text, fusion),
        "semlux_diversify",
            """
            {"retriever":{"semlux_diversify":{"field":"body","lambda":0.7,
              "rank_window_size":20,"retriever":%s}}}"""
                .formatted(fusion));
  }

  static Stream<String> features() {
    return searches("").keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("features")
  void aReaderFindsWhatTheIndexHas(String feature) {
    String search = searches(QUERY).get(feature);
    List<String> all = hits(cluster.as("admin").succeed("POST", "/notes/_search?size=10", search));
    for (Rest reader : cluster.nodes("reader")) {
      Rest.Answer answer = reader.succeed("POST", "/notes/_search?size=10", search);

      assertThat(answer.at("_shards.failed")).as(answer.toString()).isEqualTo(0L);
      assertThat(answer.at("_shards.successful")).isEqualTo(3L);
      assertThat(hits(answer)).isEqualTo(all).hasSize(10);
      if (feature.equals("semlux")) {
        assertThat((String) answer.at("hits.hits.0._source.text"))
            .contains((String) answer.at("hits.hits.0.highlight.body.0"));
      }
      if (feature.equals("passages")) {
        assertThat((String) answer.at("hits.hits.0.inner_hits.passages.hits.hits.0._source.text"))
            .isNotEmpty();
      }
      assertRefused(reader.call("POST", "/diary/_search", search), "indices:data/read/search");
      assertThat(indices(reader.succeed("POST", "/_search", search))).containsOnly("notes");
    }
  }

  /** Identifiers with scores of six digits: which texts share a batch shows in the seventh. */
  private static List<String> hits(Rest.Answer answer) {
    List<String> hits = new ArrayList<>();
    for (Object hit : (List<?>) answer.at("hits.hits")) {
      Map<?, ?> found = (Map<?, ?>) hit;
      double score = ((Number) found.get("_score")).doubleValue();
      hits.add(String.format(Locale.ROOT, "%s %.4f", found.get("_id"), score));
    }
    Collections.sort(hits);
    return hits;
  }

  private static List<Object> indices(Rest.Answer answer) {
    List<Object> indices = new ArrayList<>();
    ((List<?>) answer.at("hits.hits")).forEach(hit -> indices.add(((Map<?, ?>) hit).get("_index")));
    assertThat(indices).isNotEmpty();
    return indices;
  }

  private static void assertRefused(Rest.Answer answer, String action) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
    assertThat((String) answer.at("error.reason")).contains("[" + action);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /_semlux/models/tiny/_encode, encode, user, 200",
    "POST, /_semlux/models/cross/_rerank, rerank, user, 200",
    "GET, /_semlux/stats, stats, user, 200",
    "GET, /_semlux/models, models, user, 200",
    "GET, /_semlux/models/tiny, models, user, 200",
    "POST, /_semlux/models/tiny/_deploy, models, trainer, 200",
    // What is not there is told to those alone who may know.
    "PUT, /_semlux/models/other/parts/0, models, trainer, 404",
    "POST, /_semlux/models/other/_undeploy, models, trainer, 404",
    "DELETE, /_semlux/models/other, models, trainer, 404",
    "PUT, /_semlux/models/other, models, trainer, 200",
    "DELETE, /_semlux/models/other, models, trainer, 200",
  })
  void callsNeedTheirPrivilege(String method, String path, String action, String who, int status) {
    boolean uses = who.equals("user");
    String privilege = (uses ? "cluster:monitor/semlux/" : "cluster:admin/semlux/") + action;
    Object body = body(method, path);
    for (String other : List.of("reader", uses ? "trainer" : "user")) {
      for (Rest rest : cluster.nodes(other)) {
        assertRefused(rest.call(method, path, body), privilege);
      }
    }
    Rest.Answer answer = cluster.nodes(who).get(1).call(method, path, body);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
  }

  private static Object body(String method, String path) {
    ModelUpload tiny = ModelUpload.of(RealNode.MODEL);
    Map<String, Object> bodies =
        Map.of(
            "_encode", TEXTS, "_rerank", PAIRS, "other", tiny.manifest(), "0", tiny.parts().get(0));
    String last = path.substring(path.lastIndexOf('/') + 1);
    return method.equals("DELETE") ? "" : bodies.getOrDefault(last, "");
  }

  /** Through the node that is not the elected master too. */
  @Test
  void theLogSaysWhoChangedAModel() {
    Rest trainer = cluster.nodes("trainer").get(1);
    trainer.succeed("PUT", "/_semlux/aliases/logged", "{\"model_id\":\"tiny\"}");
    trainer.succeed("DELETE", "/_semlux/aliases/logged", "");
    assertThat(cluster.log())
        .contains(
            "put model [tiny], user [trainer]",
            "deploy model [tiny], user [trainer]",
            "point alias [logged] to model [tiny], user [trainer]",
            "delete alias [logged], user [trainer]");
  }

  /** As {@code adapt} and {@code tune} do; a point in time is closed by who opened it. */
  @Test
  void whoMayReadAnIndexReadsAllOfIt() throws IOException {
    List<String> notices = new ArrayList<>();
    String login = "reader:" + SecuredCluster.PASSWORD;
    Cluster reader =
        new Cluster(
            cluster.as("reader").url(),
            Optional.of("Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8))),
            Retry.DEFAULT,
            Proxies.NONE,
            notices::add);
    Set<String> ids = new HashSet<>();
    new Index(reader, "notes")
        .read(
            List.of("text"),
            (id, source) -> {
              assertThat(source.keySet()).containsExactly("text");
              ids.add(id);
            });
    assertThat(ids).hasSize(DOCUMENTS);
    assertThat(notices).isEmpty();
    assertThatThrownBy(() -> new Index(reader, "diary").read(List.of("text"), (id, source) -> {}))
        .hasMessageContaining("indices:data/read/open_point_in_time");
  }

  /** Whoever may use a model can send it any text. */
  @Test
  void noTextOfAUserEndsANode(@TempDir Path folder) throws IOException {
    Rest trainer = cluster.as("trainer");
    ModelUpload.of(ModelCopy.asLlama3(folder.resolve("model"))).send(trainer, "llama");
    trainer.succeed("POST", "/_semlux/models/llama/_deploy?timeout=60s", "");
    String body = Rest.JSON.toJson(Map.of("texts", List.of(" ".repeat(12_000_000) + "x")));
    for (Rest rest : cluster.nodes("user")) {
      rest.succeed("POST", "/_semlux/models/llama/_encode", body);
      rest.succeed("POST", "/_semlux/models/llama/_encode", TEXTS);
    }
    trainer.succeed("DELETE", "/_semlux/models/llama", "");
  }

  /** The first text maps its vectors, and updates encode, for whoever may write and no more. */
  @Test
  void aWriterUpdatesAFieldThroughEitherNode() {
    int id = 0;
    for (Rest writer : cluster.nodes("writer")) {
      String text = "a text of node " + id;
      List<Object> lines =
          List.of(
              Map.of("index", Map.of("_id", "w" + id)),
              Map.of("text", "before"),
              Map.of("update", Map.of("_id", "w" + id)),
              Map.of("doc", Map.of("text", text)));
      Rest.Answer answer = writer.succeed("POST", "/diary/_bulk?refresh=true", Rest.lines(lines));
      assertThat(answer.at("errors")).as(answer.toString()).isEqualTo(false);
      Rest.Answer found =
          cluster
              .as("diarist")
              .succeed(
                  "POST",
                  "/diary/_search",
                  "{\"query\":{\"semlux\":{\"field\":\"body\",\"k\":20,\"query\":\"%s\"}}}"
                      .formatted(text));
      assertThat(found.at("hits.hits.0._id")).as(found.toString()).isEqualTo("w" + id);
      writer.succeed("DELETE", "/diary/_doc/w" + id++ + "?refresh=true", "");
    }
  }

  @Test
  void anIndexIsEncodedAnewByThoseWhoMayWriteIt() {
    cluster
        .as("admin")
        .succeed("PUT", "/_ingest/pipeline/anew", pipeline(",\"pruning\":{\"top_k\":5}"));
    for (Rest keeper : cluster.nodes("keeper")) {
      assertRefused(reencode(keeper, "diary"), "indices:data/write/semlux/reencode");
    }
    assertRefused(reencode(cluster.as("reader"), "notes"), "indices:data/write/semlux/reencode");

    Rest.Answer answer = reencode(cluster.nodes("keeper").get(1), "notes");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.at("updated")).isEqualTo((long) DOCUMENTS);
    assertThat(answer.at("failed")).isEqualTo(0L);
    cluster.as("admin").succeed("POST", "/notes/_refresh", "");
    Rest.Answer found =
        cluster
            .as("reader")
            .succeed("POST", "/notes/_search", "{\"_source\":{\"exclude_vectors\":false}}");
    assertThat((Map<?, ?>) found.at("hits.hits.0._source.terms")).hasSizeBetween(1, 5);
    assertThat(reencode(cluster.as("keeper"), "notes").at("total")).isEqualTo(0L);
  }

  /** Without a pipeline: the mapping says what its chunks should be. */
  @Test
  void aFieldIsEncodedAnewByThoseWhoMayWriteItsIndex() {
    String chunks =
        """
        {"properties":{"body":{"type":"semlux_text","model_id":"tiny",
          "chunking":{"strategy":"words","size":4,"overlap":0}}}}""";
    cluster.as("admin").succeed("PUT", "/notes/_mapping", chunks);
    String request = "{\"index\":\"notes\",\"batch_size\":10}";
    assertRefused(
        cluster.as("reader").call("POST", "/_semlux/_reencode", request),
        "indices:data/write/semlux/reencode");
    Rest.Answer answer = cluster.nodes("keeper").get(1).call("POST", "/_semlux/_reencode", request);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.at("updated")).as(answer.toString()).isEqualTo((long) DOCUMENTS);
    cluster.as("admin").succeed("POST", "/notes/_refresh", "");
    Rest.Answer shown =
        cluster
            .as("reader")
            .succeed(
                "POST",
                "/notes/_search",
                "{\"fields\":[{\"field\":\"body\",\"format\":\"chunks\"}]}");
    assertThat((List<?>) shown.at("hits.hits.0.fields.body")).hasSize(3);
    Rest.Answer again = cluster.as("keeper").call("POST", "/_semlux/_reencode", request);
    assertThat(again.at("total")).as(again.toString()).isEqualTo(0L);

    upload("second", "dense-electra-mean");
    for (String model : List.of("second", "tiny")) {
      cluster.as("admin").succeed("PUT", "/notes/_mapping", chunks.replace("tiny", model));
      cluster.as("keeper").succeed("POST", "/_semlux/_reencode", request);
      Rest.Answer mapping = cluster.as("admin").succeed("GET", "/notes/_mapping", "");
      assertThat(mapping.at("notes.mappings.properties.body.model_settings.models"))
          .as(mapping.toString())
          .isEqualTo(Map.of(model, model));
    }
    cluster.as("trainer").succeed("DELETE", "/_semlux/models/second", "");
  }

  /**
   * An index of which roles hide fields. That is of the trial licence, which stays from here on.
   */
  private static void writePlan() {
    Rest admin = cluster.as("admin");
    admin.call("POST", "/_license/start_trial?acknowledge=true", "");
    admin.call("DELETE", "/plans", "");
    admin.succeed(
        "PUT",
        "/plans",
        """
        {"mappings":{"dynamic":false,"properties":{"body":{"type":"semlux_text",
          "model_id":"tiny","chunking":{"strategy":"words","size":4,"overlap":0}}}}}""");
    String document = "{\"body\":\"the dog and cat walk by river in rain\",\"plan\":\"kept\"}";
    admin.succeed("PUT", "/plans/_doc/1?refresh=true", document);
  }

  /** By its name alone the text is hidden, not what it means: see docs/semlux-text.md. */
  @Test
  void aFieldIsHiddenWithWhatStandsBelowIt() {
    writePlan();
    String search =
        """
        {"_source":{"exclude_vectors":false},"highlight":{"fields":{"body":{}}},
         "query":{"semlux":{"field":"body","query":"the dog"}}}""";
    Rest blind = cluster.as("blind");
    assertThat(blind.succeed("POST", "/plans/_search", search).at("hits.hits"))
        .isEqualTo(List.of());
    Rest.Answer all =
        blind.succeed("POST", "/plans/_search", "{\"_source\":{\"exclude_vectors\":false}}");
    assertThat(all.at("hits.hits.0._source")).isEqualTo(Map.of("plan", "kept"));
    Rest.Answer meant = cluster.as("bodiless").succeed("POST", "/plans/_search", search);
    assertThat(meant.at("hits.total.value")).as(meant.toString()).isEqualTo(1L);
    assertThat(meant.toString()).doesNotContain("river");
  }

  /**
   * Not mapped, not indexed: a user who may not see them must not write them away. One role lets
   * that user write and hides nothing, another reads and hides.
   */
  @Test
  void fieldsHiddenFromAUserAreNotLost() {
    writePlan();
    Rest admin = cluster.as("admin");
    admin.succeed(
        "PUT",
        "/plans/_mapping",
        """
        {"properties":{"body":{"type":"semlux_text","model_id":"tiny",
          "chunking":{"strategy":"words","size":3,"overlap":0}}}}""");
    String request = "{\"index\":\"plans\"}";
    for (Rest half : cluster.nodes("half")) {
      Rest.Answer shown = half.succeed("GET", "/plans/_doc/1", "");
      assertThat(((Map<?, ?>) shown.at("_source")).keySet()).hasToString("[body]");
      Rest.Answer answer = half.call("POST", "/_semlux/_reencode", request);
      assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
      assertThat((String) answer.at("error.reason")).contains("hides fields of index [plans]");
    }
    Rest.Answer answer = admin.succeed("POST", "/_semlux/_reencode", request);
    assertThat(answer.at("updated")).as(answer.toString()).isEqualTo(1L);
    assertThat(admin.succeed("GET", "/plans/_doc/1", "").at("_source.plan")).isEqualTo("kept");
  }

  /** On either node, running or ended; to others it is not there, or not theirs to know. */
  @Test
  void aRunIsShownToThoseWhoMayUseItsIndex() {
    cluster.as("admin").succeed("PUT", "/_ingest/pipeline/anew", pipeline(""));
    Rest keeper = cluster.as("keeper");
    Rest.Answer started = reencode(keeper, "notes", "?wait_for_completion=false");
    String task = "/" + started.at("task");
    assertThat(started.status()).as(started.toString()).isEqualTo(200);
    assertThat(keeper.call("GET", "/_tasks" + task, "").status()).isEqualTo(403);

    for (String user : List.of("keeper", "reader")) {
      for (Rest rest : cluster.nodes(user)) {
        String path = "/_semlux/_reencode/notes" + task;
        Rest.Answer answer = rest.succeed("GET", path + "?wait_for_completion=true", "");
        assertThat(answer.at("completed")).as(answer.toString()).isEqualTo(true);
        assertThat(answer.at("response.checked")).isEqualTo((long) DOCUMENTS);
      }
    }
    Rest.Answer ended = keeper.succeed("POST", "/_semlux/_reencode/notes" + task + "/_cancel", "");
    assertThat(ended.at("completed")).as(ended.toString()).isEqualTo(true);
    assertRefused(
        cluster.as("reader").call("POST", "/_semlux/_reencode/notes" + task + "/_cancel", ""),
        "indices:data/write/semlux/reencode/cancel");
    Rest diarist = cluster.as("diarist");
    assertRefused(
        diarist.call("GET", "/_semlux/_reencode/notes" + task, ""),
        "indices:data/read/semlux/reencode/get");
    assertThat(diarist.call("GET", "/_semlux/_reencode/diary" + task, "").status()).isEqualTo(404);
  }

  private static Rest.Answer reencode(Rest rest, String index) {
    return reencode(rest, index, "");
  }

  private static Rest.Answer reencode(Rest rest, String index, String parameters) {
    return rest.call(
        "POST",
        "/_semlux/_reencode" + parameters,
        "{\"index\":\"" + index + "\",\"pipeline\":\"anew\",\"batch_size\":10}");
  }

  /** Their texts wait in one queue and come out of one batch: each listener is its own user's. */
  @Test
  void usersWhoShareBatchesSeeTheirOwnDocuments() {
    double alone = unshared();
    List<CompletableFuture<Void>> users = new ArrayList<>();
    for (int node = 0; node < 2; node++) {
      users.add(searchAll("reader", "notes", node));
      users.add(searchAll("diarist", "diary", node));
    }
    CompletableFuture.allOf(users.toArray(CompletableFuture[]::new)).join();
    assertThat(unshared()).as("a request of its own takes a batch at least").isLessThan(alone);
  }

  /** Every feature with many texts, all at once, over all indices that the user may read. */
  private static CompletableFuture<Void> searchAll(String user, String index, int node) {
    Random random = new Random(3);
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < TEXTS_EACH; i++) {
      for (String search : searches(words(random, 6) + " " + index + i).values()) {
        lines.add("{}");
        lines.add(search.replace("\n", ""));
      }
    }
    String path = "/_msearch?max_concurrent_searches=" + lines.size();
    return CompletableFuture.runAsync(
        () -> {
          Rest rest = cluster.nodes(user).get(node);
          Rest.Answer answer = rest.succeed("POST", path, Rest.lines(lines));
          assertThat((List<?>) answer.at("responses")).hasSize(lines.size() / 2);
          for (Object response : (List<?>) answer.at("responses")) {
            Rest.Answer one = new Rest.Answer(200, response);
            assertThat(one.at("_shards.failed")).as(one.toString()).isEqualTo(0L);
            assertThat(indices(one)).containsOnly(index);
          }
        });
  }

  /** Batches less requests of the model that encodes sparse queries, since the nodes started. */
  private static double unshared() {
    Map<?, ?> nodes =
        (Map<?, ?>) cluster.as("user").succeed("GET", "/_semlux/stats", "").at("nodes");
    double batches = 0;
    for (Object node : nodes.values()) {
      batches += number(node, "batches") - number(node, "requests");
    }
    return batches;
  }

  private static double number(Object node, String name) {
    Object value = JsonPath.at(node, "models.sparse." + name);
    return value == null ? 0 : ((Number) value).doubleValue(); // one node has no models
  }
}

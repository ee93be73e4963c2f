package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.semlux.tests.node.Rest.Answer;

/** What no search can do is refused at once, with a sentence that names it. */
@OnRealNode
class BadSearchIT {
  private static final String SPARSE =
      """
      {"query":{"semlux_sparse":{"field":"FIELD","model_id":"MODEL","query":"TEXT"}}}""";
  private static final String VECTOR =
      """
      {"knn":{"field":"FIELD","k":SIZE,"num_candidates":10000,
       "query_vector_builder":{"semlux":{"model_id":"MODEL","model_text":"TEXT"}}}}""";
  private static final String RESCORE =
      """
      {"query":{"match_all":{}},"rescore":{"window_size":SIZE,
       "semlux_cross_encoder":{"model_id":"MODEL","field":"FIELD","query":"TEXT"}}}""";
  private static final String RERANKED =
      """
      {"semlux_rerank":{"rank_window_size":SIZE,
       "retriever":{"standard":{"query":{"match_all":{}}}},
       "model_id":"MODEL","field":"FIELD","query":"TEXT"}}""";
  private static final String RERANK = "{\"retriever\":" + RERANKED + "}";
  private static final String FUSION =
      """
      {"size":1,"retriever":{"semlux_fusion":{"rank_window_size":SIZE,"retrievers":[
       RETRIEVER,{"standard":{"query":{"match_all":{}}}}]}}}""";

  /** A feature, what it takes where nothing is wrong, and how it calls its text. */
  private record Feature(String name, String search, String model, String field, String text) {
    String with(String model, String field, String text, int size) {
      return search
          .replace("MODEL", model)
          .replace("FIELD", field)
          .replace("TEXT", text)
          .replace("SIZE", String.valueOf(size));
    }
  }

  private static final List<Feature> FEATURES =
      List.of(
          new Feature("semlux_sparse", SPARSE, "sparse", "terms", "query"),
          new Feature("knn", VECTOR, "tiny", "vector", "model_text"),
          new Feature("semlux_cross_encoder", RESCORE, "cross", "text", "query"),
          new Feature("semlux_rerank", RERANK, "cross", "text", "query"),
          new Feature(
              "semlux_sparse in semlux_fusion",
              FUSION.replace("RETRIEVER", "{\"standard\":" + SPARSE + "}"),
              "sparse",
              "terms",
              "query"),
          new Feature(
              "semlux_rerank in semlux_fusion",
              FUSION.replace("RETRIEVER", RERANKED),
              "cross",
              "text",
              "query"));

  @BeforeAll
  static void prepare(RealNode node) {
    Rest rest = node.rest();
    node.deploy(RealNode.MODEL, "tiny");
    node.deploy(RealNode.golden("sparse-bert"), "sparse");
    node.deploy(RealNode.CROSS_MODEL, "cross");
    ModelUpload.of(RealNode.MODEL).send(rest, "resting");
    index(rest, "notes", 32);
    index(rest, "small", 16);
  }

  private static void index(Rest rest, String name, int dims) {
    rest.succeed(
        "PUT",
        "/" + name,
        """
        {"settings":{"number_of_shards":2,"number_of_replicas":0},"mappings":{"properties":{
         "text":{"type":"text"},"terms":{"type":"sparse_vector"},"day":{"type":"date"},
         "vector":{"type":"dense_vector","dims":%s}}}}"""
            .formatted(dims));
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      List<Float> vector = new ArrayList<>();
      for (int j = 0; j < dims; j++) {
        vector.add(i + j + 1f);
      }
      lines.add(Map.of("text", "the river", "terms", Map.of("river", 1), "vector", vector));
    }
    Answer answer = rest.succeed("POST", "/" + name + "/_bulk?refresh=true", Rest.lines(lines));
    assertThat(answer.at("errors")).as(answer.toString()).isEqualTo(false);
  }

  @AfterAll
  static void clean(RealNode node) {
    node.rest().succeed("DELETE", "/notes,small", "");
    for (String id : List.of("tiny", "sparse", "cross", "resting")) {
      node.rest().succeed("DELETE", "/_semlux/models/" + id + "?force=true", "");
    }
  }

  @TestFactory
  List<DynamicTest> everyFeature(RealNode node) {
    String longText = "x".repeat(1_000_000);
    List<DynamicTest> tests = new ArrayList<>();
    for (Feature f : FEATURES) {
      String other = f.model.equals("tiny") ? "cross" : "tiny";
      tests.add(
          DynamicTest.dynamicTest(
              f.name + ": nothing wrong",
              () -> {
                Answer found = search(node, "notes", f.with(f.model, f.field, "a river", 10));
                assertThat(found.status()).as(found.toString()).isEqualTo(200);
                assertThat(found.at("_shards.failed")).as(found.toString()).isEqualTo(0L);
              }));
      tests.add(
          refused(
              node, f, "unknown model", f.with("nobody", f.field, "a", 10), 404, "model [nobody]"));
      tests.add(
          refused(
              node,
              f,
              "undeployed model",
              f.with("resting", f.field, "a", 10),
              409,
              "model [resting]",
              "deploy"));
      tests.add(
          refused(
              node,
              f,
              "wrong kind",
              f.with(other, f.field, "a", 10),
              400,
              "model [" + other + "] is of kind"));
      tests.add(
          refused(
              node,
              f,
              "no text",
              f.with(f.model, f.field, " ", 10),
              400,
              "[" + f.text + "] is blank"));
      tests.add(
          refused(
              node,
              f,
              "a long text",
              f.with(f.model, f.field, longText, 10),
              400,
              "[" + f.text + "] has 1000000 characters"));
      tests.add(
          refused(
              node,
              f,
              "no field",
              f.with(f.model, f.field, "a", 10).replace("\"field\":\"" + f.field + "\",", ""),
              400,
              "field"));
      if (f.search.contains("SIZE")) {
        String size = f.name.equals("knn") ? "k" : "window_size";
        tests.add(refused(node, f, "window 0", f.with(f.model, f.field, "a", 0), 400, size));
        tests.add(
            refused(node, f, "window 100,000", f.with(f.model, f.field, "a", 100_000), 400, size));
      }
      tests.add(
          refused(
              node,
              f,
              "wrong type of field",
              f.with(f.model, wrong(f), "a", 10),
              400,
              wrongReason(f)));
    }
    return tests;
  }

  @Test
  void vectorsOfAnotherLengthAreNamed(RealNode node) {
    String search = FEATURES.get(1).with("tiny", "vector", "a", 10);
    String reason = "different number of dimensions [32] than the document vectors [16]";
    assertRefused(node, "small", search, 400, reason);
    assertRefused(node, "notes,small?allow_partial_search_results=false", search, 400, reason);

    // Elasticsearch's rule: what some shards can answer is answered, and the others are named.
    Answer some = search(node, "notes,small", search);
    assertThat(some.status()).isEqualTo(200);
    assertThat(some.at("_shards.failed")).isEqualTo(2L);
    assertThat(some.at("_shards.failures.0.index")).isEqualTo("small");
    assertThat(some.at("_shards.failures").toString()).contains(reason);
  }

  /** Elasticsearch's own knn query names the type alone. */
  private static String wrongReason(Feature f) {
    return f.name.equals("knn") ? "[dense_vector]" : "[" + wrong(f) + "]";
  }

  private static String wrong(Feature f) {
    return f.field.equals("text") ? "vector" : "day";
  }

  private static DynamicTest refused(
      RealNode node, Feature feature, String what, String body, int status, String... reasons) {
    return DynamicTest.dynamicTest(
        feature.name + ": " + what, () -> assertRefused(node, "notes", body, status, reasons));
  }

  private static void assertRefused(
      RealNode node, String indices, String body, int status, String... reasons) {
    Answer answer =
        Assertions.assertTimeout(Duration.ofSeconds(30), () -> search(node, indices, body));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.at("error").toString()).contains(reasons);
  }

  private static Answer search(RealNode node, String indices, String body) {
    String[] parts = indices.split("\\?", 2);
    String query = parts.length == 1 ? "" : "?" + parts[1];
    return node.rest().call("POST", "/" + parts[0] + "/_search" + query, body);
  }
}

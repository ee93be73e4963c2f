package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.semlux.encoders.api.Precision;

/** An index that a test encodes anew, and what it holds before and after. */
final class Reencoded {
  static final String PIPELINE = "anew";
  static final String TEXT_TO_VECTOR = entry("text", "vector");

  private final Rest rest;
  private final String index;

  /** Makes the index, in place of one that another test left. */
  Reencoded(RealNode node, String index, String body) {
    this.rest = node.rest();
    this.index = index;
    rest.call("DELETE", "/" + index, "");
    rest.succeed("PUT", "/" + index, body);
  }

  /** The small model in float32: what shares its batches must not show. */
  static void deploy(RealNode node) {
    node.deploy(RealNode.MODEL, "exact", Precision.FLOAT32);
  }

  static String entry(String input, String output) {
    return "{\"input_field\":\"%s\",\"output_field\":\"%s\"}".formatted(input, output);
  }

  /** Leaves the node to others without the models of these tests. */
  static void clean(RealNode node, String... models) {
    node.rest().call("DELETE", "/_ingest/pipeline/" + PIPELINE, "");
    for (String id : models) {
      node.rest().succeed("DELETE", "/_semlux/models/" + id + "?force=true", "");
    }
  }

  /** The pipeline of all tests, with the model of {@link #deploy}. */
  static void pipeline(RealNode node, boolean ignoreMissing, String... entries) {
    String processor =
        """
        {"processors":[{"semlux":{"model_id":"exact","ignore_missing":%s,"input_output":[%s]}}]}\
        """
            .formatted(ignoreMissing, String.join(",", entries));
    node.rest().succeed("PUT", "/_ingest/pipeline/" + PIPELINE, processor);
  }

  /** Indexes documents with identifiers from 0, through the pipeline or past it. */
  void index(boolean encoded, List<?> documents) {
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(documents.get(i));
    }
    bulk(encoded ? "&pipeline=" + PIPELINE : "", lines);
  }

  /** Sends some of the documents through the pipeline; it may refuse them. */
  void encode(Map<String, ?> documents) {
    List<Object> lines = new ArrayList<>();
    documents.forEach(
        (id, document) -> {
          lines.add(Map.of("index", Map.of("_id", id)));
          lines.add(document);
        });
    if (!lines.isEmpty()) {
      String path = "/" + index + "/_bulk?refresh=true&pipeline=" + PIPELINE;
      rest.succeed("POST", path, Rest.lines(lines));
    }
  }

  /** Changes a document as a bulk request does: past every pipeline. */
  void update(int id, String part) {
    bulk(
        "", List.of(Map.of("update", Map.of("_id", String.valueOf(id))), "{\"doc\":" + part + "}"));
  }

  /** Whether Elasticsearch can: from no source, or from half a value, it cannot. */
  boolean updates(int id, String part) {
    String path = "/" + index + "/_update/" + id + "?refresh=true";
    return rest.call("POST", path, "{\"doc\":" + part + "}").status() < 300;
  }

  private void bulk(String parameters, List<?> lines) {
    Rest.Answer answer =
        rest.succeed("POST", "/" + index + "/_bulk?refresh=true" + parameters, Rest.lines(lines));
    assertThat(answer.at("errors")).as(answer.toString()).isEqualTo(false);
  }

  Rest.Answer run() {
    return run("");
  }

  Rest.Answer run(String more) {
    Rest.Answer answer =
        rest.call(
            "POST",
            "/_semlux/_reencode",
            "{\"index\":\"%s\",\"pipeline\":\"%s\"%s}".formatted(index, PIPELINE, more));
    rest.succeed("POST", "/" + index + "/_refresh", "");
    return answer;
  }

  /** A run that has something to do in so many documents, and does it; the next one has nothing. */
  void assertDoes(long documents) {
    Rest.Answer answer = run();
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.at("failed")).as(answer.toString()).isEqualTo(0L);
    assertThat(answer.at("total")).as(answer.toString()).isEqualTo(documents);
    assertThat(answer.at("updated")).isEqualTo(documents);
    assertThat(run().at("total")).as("the second run").isEqualTo(0L);
  }

  /** A run that is refused with this reason and writes nothing. */
  void assertRefuses(String reason) {
    List<String> before = versions();
    Rest.Answer answer = run();
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat((String) answer.at("error.reason")).contains(reason);
    assertThat(versions()).isEqualTo(before);
  }

  /** What a query finds, in order. */
  List<String> hits(String query) {
    Rest.Answer found =
        rest.succeed("POST", "/" + index + "/_search", "{\"size\":1000,\"query\":" + query + "}");
    TreeSet<String> ids = new TreeSet<>();
    for (Object hit : (List<?>) found.at("hits.hits")) {
      ids.add((String) ((Map<?, ?>) hit).get("_id"));
    }
    return new ArrayList<>(ids);
  }

  /** Every document with the number of the write that made it. */
  List<String> versions() {
    Rest.Answer found =
        rest.succeed(
            "POST",
            "/" + index + "/_search",
            "{\"size\":1000,\"seq_no_primary_term\":true,\"_source\":false}");
    TreeSet<String> versions = new TreeSet<>();
    for (Object hit : (List<?>) found.at("hits.hits")) {
      versions.add(((Map<?, ?>) hit).get("_id") + "#" + ((Map<?, ?>) hit).get("_seq_no"));
    }
    return new ArrayList<>(versions);
  }

  Rest.Answer source(int id) {
    return rest.succeed(
        "GET", "/" + index + "/_source/" + id + "?_source_exclude_vectors=false", "");
  }

  void assertEncodes(Object vector, String text) {
    Rest.Answer expected =
        rest.succeed(
            "POST",
            "/_semlux/models/exact/_encode",
            Rest.JSON.toJson(Map.of("texts", List.of(text), "input_type", "document")));
    List<?> floats = (List<?>) expected.at("embeddings.0");
    assertThat((List<?>) vector).hasSameSizeAs(floats);
    for (int i = 0; i < floats.size(); i++) {
      assertThat(((Number) ((List<?>) vector).get(i)).doubleValue())
          .isCloseTo(((Number) floats.get(i)).doubleValue(), within(1e-4));
    }
  }
}

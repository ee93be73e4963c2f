package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.PackedVectors;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.load.EncoderOptions;

/** A multi-vector model: what the processor keeps, what a search makes of it, who refuses it. */
@OnRealNode
class MultiVectorIT {
  private static final Path MODEL = RealNode.MODEL.resolveSibling("multi-vector-bert-fixed");
  private static final String QUERY = "Which bird sings at night?";
  private static final List<String> TEXTS =
      List.of(
          "The bird sings a song in the garden before sunrise.",
          "A baker sells warm bread before sunrise.",
          "After three days of rain, the river is rising.");

  private static final String SEARCH =
      """
      {"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
       "model_id":"%s","field":"body","query":"%s","vectors_field":"%s"}}}""";

  @BeforeEach
  void prepare(RealNode node) {
    node.deploy(MODEL, "late", Precision.FLOAT32);
    node.rest()
        .succeed(
            "PUT",
            "/late",
            """
            {"settings":{"number_of_replicas":0},"mappings":{"properties":{"body":{"type":"text"},
             "body_vectors":{"type":"binary"},"passages":{"properties":{"token_vectors":{"type":"binary"}}}}}}""");
    pipeline(node, "whole", "body_vectors", "");
  }

  @AfterEach
  void clean(RealNode node) {
    node.rest().call("DELETE", "/late", "");
    node.rest().call("DELETE", "/_ingest/pipeline/whole", "");
    node.rest().call("DELETE", "/_ingest/pipeline/cut", "");
    node.rest().call("DELETE", "/_semlux/models/late", "");
    node.rest().call("DELETE", "/_semlux/models/cross", "");
  }

  private static void pipeline(RealNode node, String name, String output, String more) {
    node.rest()
        .succeed(
            "PUT",
            "/_ingest/pipeline/" + name,
            """
            {"processors":[{"semlux":{"model_id":"late"%s,
             "input_output":[{"input_field":"body","output_field":"%s"}]}}]}"""
                .formatted(more, output));
  }

  private static Rest.Answer put(RealNode node, int id, String text, String pipeline) {
    String path = "/late/_doc/" + id + "?refresh=true" + pipeline;
    return node.rest().call("PUT", path, Rest.JSON.toJson(Map.of("body", text)));
  }

  @Test
  void documentsKeepVectorsOfEightBitsANumber(RealNode node) throws IOException {
    assertThat(put(node, 0, TEXTS.get(0), "&pipeline=whole").status()).isEqualTo(201);
    String kept =
        (String) node.rest().succeed("GET", "/late/_doc/0", "").at("_source.body_vectors");
    float[][] read =
        PackedVectors.of(Base64.getDecoder().decode(kept)).orElseThrow().vectors().vectors();
    float[][] exact = encode(InputType.DOCUMENT, TEXTS.get(0)).vectors();
    assertThat(read.length).isEqualTo(exact.length);
    for (int t = 0; t < read.length; t++) {
      for (int d = 0; d < exact[t].length; d++) {
        assertThat(read[t][d]).isCloseTo(exact[t][d], within(1 / 254f + 1e-5f));
      }
    }
    assertThat(node.rest().succeed("GET", "/_semlux/models/late", "").at("models.0.kind"))
        .isEqualTo("multi_vector");
  }

  private static TokenVectors encode(InputType type, String text) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (MultiVectorEncoder encoder = MultiVectorEncoder.load(MODEL, options)) {
      return encoder.encode(List.of(text), type).get(0);
    }
  }

  private static double score(String text) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (MultiVectorEncoder encoder = MultiVectorEncoder.load(MODEL, options)) {
      return encoder.score(QUERY, List.of(text)).get(0).score();
    }
  }

  /** A hit's score as Lucene takes it, see the retriever: 1 + x where it is not below 0. */
  private static double found(Rest.Answer answer, int id) {
    return ((List<?>) answer.at("hits.hits"))
        .stream()
            .map(hit -> (Map<?, ?>) hit)
            .filter(hit -> hit.get("_id").equals(String.valueOf(id)))
            .mapToDouble(hit -> ((Number) hit.get("_score")).doubleValue() - 1)
            .findFirst()
            .orElseThrow();
  }

  @Test
  void rerankingTakesKeptVectorsAndEncodesOtherTexts(RealNode node) throws IOException {
    put(node, 0, TEXTS.get(0), "&pipeline=whole");
    put(node, 1, TEXTS.get(1), "&pipeline=whole");
    // Past the pipeline: one has no vectors, one has those of another text.
    put(node, 2, TEXTS.get(2), "");
    Object other = node.rest().succeed("GET", "/late/_doc/1", "").at("_source.body_vectors");
    Map<String, Object> stale = Map.of("body", "unread", "body_vectors", other);
    node.rest().succeed("PUT", "/late/_doc/3?refresh=true", Rest.JSON.toJson(stale));

    String search = SEARCH.formatted("late", QUERY, "body_vectors");
    Rest.Answer answer = node.rest().succeed("POST", "/late/_search", search);

    double rounding = 0.05; // of twelve tokens of the query
    assertThat(found(answer, 0)).isCloseTo(score(TEXTS.get(0)), within(rounding));
    assertThat(found(answer, 1)).isCloseTo(score(TEXTS.get(1)), within(rounding));
    assertThat(found(answer, 2)).isCloseTo(score(TEXTS.get(2)), within(1e-4));
    // Ties are lifted by a float each.
    assertThat(found(answer, 3)).isCloseTo(found(answer, 1), within(1e-5));

    String rescore =
        """
        {"query":{"match_all":{}},"rescore":{"window_size":10,"semlux_cross_encoder":{
         "model_id":"late","field":"body","query":"%s","vectors_field":"body_vectors"}}}"""
            .formatted(QUERY);
    Rest.Answer rescored = node.rest().succeed("POST", "/late/_search", rescore);
    for (int id = 0; id < 4; id++) {
      assertThat(found(rescored, id)).isCloseTo(found(answer, id), within(1e-4));
    }
  }

  @Test
  void theBestPassageCounts(RealNode node) throws IOException {
    pipeline(node, "cut", "passages", ",\"chunking\":{\"strategy\":\"sentences\",\"size\":8}");
    put(node, 0, String.join(" ", TEXTS), "&pipeline=cut");
    Rest.Answer kept = node.rest().succeed("GET", "/late/_doc/0", "");
    assertThat((List<?>) kept.at("_source.passages")).hasSizeGreaterThan(1);

    String search = SEARCH.formatted("late", QUERY, "passages.token_vectors");
    double best = found(node.rest().succeed("POST", "/late/_search", search), 0);

    double expected = Double.NEGATIVE_INFINITY;
    for (Object passage : (List<?>) kept.at("_source.passages")) {
      expected = Math.max(expected, score((String) ((Map<?, ?>) passage).get("text")));
    }
    assertThat(best).isCloseTo(expected, within(0.05));
  }

  @Test
  void vectorsOfAnotherModelAreNotTaken(RealNode node) throws IOException {
    byte[] foreign = new PackedVectors(1, encode(InputType.DOCUMENT, TEXTS.get(1))).toBytes();
    String vectors = Base64.getEncoder().encodeToString(foreign);
    Map<String, Object> document = Map.of("body", TEXTS.get(0), "body_vectors", vectors);
    node.rest().succeed("PUT", "/late/_doc/0?refresh=true", Rest.JSON.toJson(document));
    String search = SEARCH.formatted("late", QUERY, "body_vectors");
    Rest.Answer answer = node.rest().succeed("POST", "/late/_search", search);
    assertThat(found(answer, 0)).isCloseTo(score(TEXTS.get(0)), within(1e-4));
  }

  @Test
  void whatCannotBeIsRefused(RealNode node) {
    put(node, 0, TEXTS.get(0), "&pipeline=whole");
    node.deploy(RealNode.CROSS_MODEL, "cross", Precision.FLOAT32);
    refused(
        node.rest().call("POST", "/late/_search", SEARCH.formatted("cross", QUERY, "body_vectors")),
        "which reads texts alone: leave [vectors_field] out");
    refused(
        node.rest().call("POST", "/late/_search", SEARCH.formatted("late", QUERY, "body")),
        "which is no token vectors as the semlux processor writes them");
    refused(
        node.rest().call("POST", "/late/_search", SEARCH.formatted("late", QUERY, "absent")),
        "no index of the search has a field of that name");
    refused(
        node.rest()
            .call(
                "POST",
                "/late/_search",
                """
                {"query":{"semlux_sparse":{"field":"body","model_id":"late","query":"rain"}}}"""),
        "model [late] is of kind multi_vector, which cannot do this");
    pipeline(node, "whole", "unmapped", "");
    refused(put(node, 1, TEXTS.get(0), "&pipeline=whole"), "must be mapped as [binary]");
    Rest.Answer field =
        node.rest()
            .call(
                "PUT",
                "/late/_mapping",
                """
                {"properties":{"field":{"type":"semlux_text","model_id":"late"}}}""");
    if (field.status() == 200) { // told with the first text, when the model is asked
      String document = Rest.JSON.toJson(Map.of("field", TEXTS.get(0)));
      refused(node.rest().call("PUT", "/late/_doc/2", document), "takes a dense or a sparse model");
    } else {
      refused(field, "takes a dense or a sparse model");
    }
  }

  private static void refused(Rest.Answer answer, String reason) {
    assertThat(answer.status()).as(String.valueOf(answer.body())).isEqualTo(400);
    assertThat(String.valueOf(answer.body())).contains(reason);
  }
}

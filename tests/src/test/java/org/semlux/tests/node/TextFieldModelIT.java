package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.Precision;

/**
 * A {@code semlux_text} field that gets another model: each document is searched by the model that
 * made its own chunks, until {@code _reencode} has made them all anew.
 */
@OnRealNode
class TextFieldModelIT {
  private static final int DOCUMENTS = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Map<String, String> MODELS =
      Map.of(
          "dense-old", "dense-bert-mean-normalize",
          "dense-new", "dense-electra-mean",
          "sparse-old", "sparse-bert",
          "sparse-new", "sparse-mpnet");

  private static Rest rest;

  @BeforeAll
  static void deploy(RealNode node) {
    rest = node.rest();
    MODELS.forEach((id, golden) -> node.deploy(RealNode.golden(golden), id, Precision.FLOAT32));
  }

  @AfterAll
  static void clean() {
    rest.call("DELETE", "/changing", "");
    rest.call("DELETE", "/_semlux/aliases/current", "");
    MODELS.keySet().forEach(id -> rest.call("DELETE", "/_semlux/models/" + id + "?force=true", ""));
  }

  private static void create(String model) {
    rest.call("DELETE", "/changing", "");
    rest.succeed(
        "PUT",
        "/changing",
        """
        {"settings":{"number_of_shards":3,"number_of_replicas":0},"mappings":{"properties":{
         "tag":{"type":"keyword"},"body":{"type":"semlux_text","model_id":"%s"}}}}"""
            .formatted(model));
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("body", text(i), "tag", "t" + i % 2));
    }
    Rest.Answer answer = rest.succeed("POST", "/changing/_bulk?refresh=true", Rest.lines(lines));
    assertThat(answer.at("errors")).as(answer.toString()).isEqualTo(false);
  }

  private static String text(int i) {
    return List.of("river", "bread", "dog", "winter", "station").get(i % 5) + " " + i;
  }

  private static void point(String model) {
    rest.succeed("PUT", "/_semlux/aliases/current?force=true", "{\"model_id\":\"" + model + "\"}");
  }

  /** A dense text finds itself with a score of 1 by its own model alone; sparse ones come first. */
  private static void assertEachIsFound(String kind, int... ids) {
    for (int id : ids) {
      Rest.Answer found =
          rest.succeed(
              "POST",
              "/changing/_search",
              """
              {"query":{"semlux":{"field":"body","query":"%s","k":10,"filter":{"term":{"tag":"t%s"}},"inner_hits":{"size":1,"_source":false}}},
               "highlight":{"fields":{"body":{}}}}"""
                  .formatted(text(id), id % 2));
      assertThat(found.at("_shards.failed")).as(found.toString()).isEqualTo(0L);
      assertThat(found.toString()).contains("_id=" + id + ",");
      if (kind.equals("dense")) {
        assertThat(found.at("hits.hits.0._id")).as(found.toString()).isEqualTo("" + id);
        assertThat((Double) found.at("hits.hits.0._score")).isEqualTo(1, within(1e-3));
        assertThat(found.at("hits.hits.0.highlight.body.0")).isEqualTo(text(id));
      }
    }
  }

  private static Rest.Answer reencode(String more) {
    return rest.succeed("POST", "/_semlux/_reencode", "{\"index\":\"changing\"" + more + "}");
  }

  private static Map<?, ?> models() {
    rest.succeed("POST", "/changing/_refresh", "");
    Rest.Answer mapping = rest.succeed("GET", "/changing/_mapping", "");
    return (Map<?, ?>) mapping.at("changing.mappings.properties.body.model_settings.models");
  }

  @ParameterizedTest
  @CsvSource({"dense, alias", "dense, mapping", "sparse, alias"})
  void goesOverToAnotherModel(String kind, String way) {
    String before = kind + "-old";
    String after = kind + "-new";
    point(before);
    create(way.equals("alias") ? "current" : before);
    assertThat(models()).isEqualTo(Map.of(before, before));
    if (way.equals("alias")) {
      point(after);
    } else {
      rest.succeed(
          "PUT",
          "/changing/_mapping",
          "{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"%s\"}}}"
              .formatted(after));
    }
    point(after);
    assertEachIsFound(kind, 0, 1, 7);
    rest.succeed(
        "PUT", "/changing/_doc/7?refresh=true", "{\"body\":\"" + text(7) + "\",\"tag\":\"t1\"}");
    assertThat(models().keySet().toString()).isEqualTo("[" + after + ", " + before + "]");
    assertEachIsFound(kind, 0, 1, 7, 8);
    Rest.Answer kept = rest.call("POST", "/_semlux/models/" + before + "/_undeploy", "");
    assertThat(kept.status()).as(kept.toString()).isEqualTo(409);

    Rest.Answer done = reencode(",\"batch_size\":7");

    assertThat(done.at("updated")).as(done.toString()).isEqualTo(DOCUMENTS - 1L);
    assertThat(done.at("failed")).isEqualTo(0L);
    assertThat(models()).isEqualTo(Map.of(after, after));
    rest.succeed("POST", "/_semlux/models/" + before + "/_undeploy", "");
    try {
      assertEachIsFound(kind, 0, 1, 7, 8, 59);
      assertThat(reencode("").at("total")).isEqualTo(0L);
    } finally {
      rest.succeed("POST", "/_semlux/models/" + before + "/_deploy?timeout=60s", "");
    }
  }

  /** Stopped behind the first batch, all is found; asked again, it goes on where it stopped. */
  @Test
  void goesOnWhereItStopped() throws InterruptedException {
    point("dense-old");
    create("current");
    point("dense-new");
    Object task =
        rest.succeed(
                "POST",
                "/_semlux/_reencode?wait_for_completion=false",
                "{\"index\":\"changing\",\"batch_size\":10,\"requests_per_second\":0.1}")
            .at("task");
    String path = "/_semlux/_reencode/changing/" + task;
    Instant end = Instant.now().plus(PATIENCE);
    for (long updated = 0; updated == 0; Thread.sleep(50)) {
      assertThat(Instant.now()).isBefore(end);
      Object now = rest.succeed("GET", path, "").at("task.status.updated");
      updated = now == null ? 0 : (Long) now;
    }
    rest.succeed("POST", path + "/_cancel", "");
    rest.succeed("GET", path + "?wait_for_completion=true", "");
    assertThat(models()).hasSize(2);
    assertEachIsFound("dense", 0, 13, 31, 59);
    Rest.Answer again = reencode("");
    assertThat((Long) again.at("updated")).isBetween(1L, DOCUMENTS - 10L);
    assertThat(models()).isEqualTo(Map.of("dense-new", "dense-new"));
    assertEachIsFound("dense", 0, 13, 31, 59);
  }

  /** What a filter hides is by the former model still, so the mapping must name it. */
  @Test
  void aRunOverAPartOfAnIndexKeepsTheFormerModel() {
    point("dense-old");
    create("current");
    rest.succeed(
        "POST",
        "/_aliases",
        """
        {"actions":[{"add":{"index":"changing","alias":"some",
          "filter":{"term":{"tag":"t1"}}}}]}""");
    point("dense-new");

    Rest.Answer part = rest.succeed("POST", "/_semlux/_reencode", "{\"index\":\"some\"}");

    assertThat((Long) part.at("updated")).as(part.toString()).isBetween(1L, DOCUMENTS - 1L);
    assertThat(models().keySet().toString()).isEqualTo("[dense-new, dense-old]");
    assertEachIsFound("dense", 0, 1, 7, 8, 59);
    reencode("");
    assertThat(models()).isEqualTo(Map.of("dense-new", "dense-new"));
    assertEachIsFound("dense", 0, 1, 7, 8, 59);
  }

  /** A model whose vectors do not fit fails what is written, by name, and no search. */
  @Test
  void modelsOfAnotherShapeAreNamed() {
    point("dense-old");
    create("current");
    for (Rest.Answer refused :
        List.of(
            rest.call("PUT", "/_semlux/aliases/current", "{\"model_id\":\"sparse-old\"}"),
            rest.call("DELETE", "/_semlux/aliases/current", ""))) {
      assertThat(refused.status()).as(refused.toString()).isEqualTo(409);
      assertThat(refused.toString()).contains("fields of the indices [changing]", "force=true");
    }
    point("sparse-old");
    Rest.Answer answer = rest.call("PUT", "/changing/_doc/1", "{\"body\":\"new\"}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.toString()).contains("holds dense vectors of 32 dimensions");
    assertEachIsFound("dense", 0, 1);
    Rest.Answer run = reencode("");
    assertThat(run.at("failed")).as(run.toString()).isEqualTo((long) DOCUMENTS);
    assertThat(models()).isEqualTo(Map.of("dense-old", "dense-old"));
  }

  @Test
  void anIndexWithoutTheFieldNeedsAPipeline() {
    rest.call("DELETE", "/changing", "");
    rest.succeed("PUT", "/changing", "");
    Rest.Answer answer = rest.call("POST", "/_semlux/_reencode", "{\"index\":\"changing\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.toString()).contains("has no field of type [semlux_text]");
  }
}

package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An index is encoded anew while its node restarts: the same request again does what is left. */
@OnRealNode
class ReencodeIT {
  private static final int DOCUMENTS = 2_000;

  @AfterEach
  void clean(RealNode node) {
    node.rest().succeed("DELETE", "/old", "");
    node.rest().succeed("DELETE", "/_ingest/pipeline/semantic", "");
    node.rest().succeed("DELETE", "/_semlux/models/tiny?force=true", "");
  }

  @Test
  void goesOnAfterARestartAndEncodesNothingTwice(RealNode node) {
    node.deploy(RealNode.MODEL, "tiny");
    node.rest()
        .succeed(
            "PUT",
            "/_ingest/pipeline/semantic",
            """
            {"processors":[{"semlux":{"model_id":"tiny",
              "input_output":[{"input_field":"text","output_field":"vector"}]}}]}""");
    node.rest()
        .succeed(
            "PUT",
            "/old",
            """
            {"mappings":{"properties":{"vector":{"type":"dense_vector","dims":32}}}}""");
    index(node);
    cancelWhileItWaits(node);
    String task = (String) reencode(node, false, ",\"requests_per_second\":50").at("task");
    awaitUpdated(node, task, 100);

    node.restart(Map.of());

    node.rest().succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    node.rest().succeed("POST", "/old/_refresh", "");
    long done = encoded(node);
    assertThat(done).isBetween(100L, DOCUMENTS - 1L);
    Rest.Answer answer = reencode(node, true, "");
    assertThat(answer.at("total")).isEqualTo(DOCUMENTS - done);
    assertThat(answer.at("updated")).isEqualTo(DOCUMENTS - done);
    node.rest().succeed("POST", "/old/_refresh", "");
    assertThat(encoded(node)).isEqualTo(DOCUMENTS);
    assertThat(versions(node)).as("each was written once more").containsOnly(2L);
  }

  /** At a rate that would let the second batch wait for half an hour. */
  private static void cancelWhileItWaits(RealNode node) {
    String task = (String) reencode(node, false, ",\"requests_per_second\":0.01").at("task");
    awaitUpdated(node, task, 20);
    node.rest().succeed("POST", "/_tasks/" + task + "/_cancel", "");
    Rest.Answer end =
        node.rest().succeed("GET", "/_tasks/" + task + "?wait_for_completion=true&timeout=30s", "");
    assertThat(end.at("completed")).isEqualTo(true);
    assertThat(end.at("error.type")).isEqualTo("task_cancelled_exception");
  }

  private static void index(RealNode node) {
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("text", "the text of document number " + i));
    }
    Rest.Answer answer = node.rest().succeed("POST", "/old/_bulk?refresh=true", Rest.lines(lines));
    assertThat(answer.at("errors")).isEqualTo(false);
  }

  private static Rest.Answer reencode(RealNode node, boolean wait, String more) {
    return node.rest()
        .succeed(
            "POST",
            "/_semlux/_reencode?wait_for_completion=" + wait,
            "{\"index\":\"old\",\"pipeline\":\"semantic\",\"batch_size\":20" + more + "}");
  }

  private static void awaitUpdated(RealNode node, String task, long documents) {
    Instant deadline = Instant.now().plus(Duration.ofMinutes(1));
    long updated = 0;
    while (updated < documents) {
      assertThat(Instant.now()).as("%d documents updated", updated).isBefore(deadline);
      Rest.Answer progress = node.rest().succeed("GET", "/_tasks/" + task, "");
      assertThat(progress.at("completed")).as(progress.toString()).isEqualTo(false);
      updated = (Long) progress.at("task.status.updated");
    }
  }

  private static long encoded(RealNode node) {
    String query = "{\"query\":{\"exists\":{\"field\":\"vector\"}}}";
    return (Long) node.rest().succeed("POST", "/old/_count", query).at("count");
  }

  private static List<Object> versions(RealNode node) {
    Rest.Answer found =
        node.rest()
            .succeed("POST", "/old/_search", "{\"size\":2000,\"version\":true,\"_source\":false}");
    List<Object> versions = new ArrayList<>();
    for (Object hit : (List<?>) found.at("hits.hits")) {
      versions.add(((Map<?, ?>) hit).get("_version"));
    }
    return versions;
  }
}

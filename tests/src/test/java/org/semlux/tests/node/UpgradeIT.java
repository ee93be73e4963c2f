package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Two nodes of an older build, replaced one after the other, the elected master last; see {@code
 * tests/upgrade.sh}.
 */
@StartsNodes
@EnabledIfSystemProperty(named = "semlux.old.zip", matches = ".+")
class UpgradeIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";
  private static final String ALIAS = "{\"model_id\":\"tiny\"}";
  private static final String FIELD =
      """
      {"settings":{"number_of_replicas":1},"mappings":{"properties":{
        "body":{"type":"semlux_text","model_id":"tiny"}}}}""";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String old = System.getProperty("semlux.old.zip");
  private final List<ClusterNode> nodes = ClusterNode.of("upgraded", "one", "two");
  private boolean hasAliases;
  private boolean hasFields;
  private int documents;

  @AfterEach
  void stop() {
    nodes.forEach(ClusterNode::close);
  }

  @Test
  void nodesAreReplacedOneAfterTheOther() throws Exception {
    nodes.forEach(node -> node.with("cluster.initial_master_nodes", "one").start(old));
    Rest first = nodes.get(0).rest();
    first.succeed("GET", "/_cluster/health?wait_for_nodes=2&timeout=60s", "");
    Object vectors = prepare(first);
    serveEverywhere(vectors);

    int master = master();
    replace(1 - master);
    assertThat(master()).as("the old one is still the master").isEqualTo(master);
    tellOfBothNodes();
    serveEverywhere(vectors);
    if (hasFields) { // the first text of an index, which the old master maps the vectors of
      Rest upgraded = nodes.get(1 - master).rest();
      upgraded.succeed("PUT", "/late", FIELD);
      upgraded.succeed("PUT", "/late/_doc/1?refresh=true", "{\"body\":\"rain\"}");
      Rest.Answer meant =
          upgraded.succeed(
              "POST",
              "/late/_search",
              "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"rain\"}}}");
      assertThat(meant.at("hits.total.value")).as("%s", meant).isEqualTo(1L);
    }
    replace(master);
    serveEverywhere(vectors);

    Rest after = nodes.get(master).rest();
    assertThat(after.succeed("GET", "/_semlux/models/tiny", "").at("models.0.aliases"))
        .isEqualTo(hasAliases ? List.of("live") : List.of());
    after.succeed("PUT", "/_semlux/aliases/live", ALIAS);
    ModelUpload.of(RealNode.CROSS_MODEL).send(after, "cross");
    after.succeed("POST", "/_semlux/models/cross/_deploy?timeout=60s", "");
    assertThat(after.succeed("GET", "/docs/_count", "").at("count")).isEqualTo(6L);
    if (hasFields) {
      assertThat(after.succeed("GET", "/texts/_count", "").at("count")).isEqualTo(6L);
    }
  }

  /** A model, a pipeline and indices, made by the older build as far as it can. */
  private Object prepare(Rest rest) {
    ModelUpload.of(RealNode.MODEL).send(rest, "tiny");
    rest.succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    hasAliases = rest.call("PUT", "/_semlux/aliases/live", ALIAS).status() == 200;
    rest.succeed(
        "PUT",
        "/_ingest/pipeline/encode",
        """
        {"processors":[{"semlux":{"model_id":"tiny","input_output":[
          {"input_field":"text","output_field":"vector"}]}}]}""");
    rest.succeed(
        "PUT",
        "/docs",
        """
        {"settings":{"number_of_replicas":1},"mappings":{"properties":{
          "vector":{"type":"dense_vector","dims":32}}}}""");
    hasFields = rest.call("PUT", "/texts", FIELD).status() == 200;
    System.out.println("aliases " + hasAliases + ", semlux_text " + hasFields);
    return rest.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings");
  }

  private void replace(int number) throws InterruptedException {
    ClusterNode node = nodes.get(number);
    node.close();
    node.start();
    Instant end = Instant.now().plus(PATIENCE);
    Rest rest = node.rest();
    while (!"green".equals(rest.call("GET", "/_cluster/health", "").at("status"))
        || !"deployed".equals(rest.call("GET", "/_semlux/models/tiny", "").at("models.0.state"))) {
      assertThat(Instant.now())
          .as("%s", rest.call("GET", "/_semlux/models/tiny", ""))
          .isBefore(end);
      Thread.sleep(200);
    }
  }

  /** Each node, whatever its build, knows where the model stands on either, by any of its names. */
  private void tellOfBothNodes() {
    for (ClusterNode node : nodes) {
      for (String name : hasAliases ? List.of("tiny", "live") : List.of("tiny")) {
        Rest.Answer model = node.rest().succeed("GET", "/_semlux/models/" + name, "");
        assertThat(model.at("models.0.id")).as("%s", model).isEqualTo("tiny");
        assertThat(model.at("models.0.state")).as("%s", model).isEqualTo("deployed");
        assertThat((Map<?, ?>) model.at("models.0.nodes")).as("%s", model).hasSize(2);
      }
    }
  }

  /** Through each node: an encoding, a document of either kind, and all documents so far. */
  private void serveEverywhere(Object vectors) {
    for (ClusterNode node : nodes) {
      Rest rest = node.rest();
      assertThat(rest.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings"))
          .isEqualTo(vectors);
      String id = String.valueOf(documents++);
      rest.succeed(
          "PUT", "/docs/_doc/" + id + "?pipeline=encode&refresh=true", "{\"text\":\"rain\"}");
      Rest.Answer found =
          rest.succeed(
              "POST",
              "/docs/_search",
              """
              {"knn":{"field":"vector","k":10,"query_vector_builder":
                {"semlux":{"model_id":"tiny","model_text":"rain"}}}}""");
      assertThat(found.at("hits.total.value")).as("%s", found).isEqualTo((long) documents);
      if (hasFields) {
        rest.succeed("PUT", "/texts/_doc/" + id + "?refresh=true", "{\"body\":\"rain\"}");
        Rest.Answer meant =
            rest.succeed(
                "POST",
                "/texts/_search",
                "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"rain\"}}}");
        assertThat(meant.at("hits.total.value")).as("%s", meant).isEqualTo((long) documents);
      }
    }
  }

  private int master() {
    Object name = nodes.get(0).rest().succeed("GET", "/_cat/master?format=json", "").at("0.node");
    return nodes.get(0).name().equals(name) ? 0 : 1;
  }
}

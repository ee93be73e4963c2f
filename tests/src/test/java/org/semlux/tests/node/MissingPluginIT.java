package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cluster with a node that lacks the plugin: no model is put that it could not read. */
@StartsNodes
class MissingPluginIT {
  private static final String TEXT_FIELD =
      """
      {"settings":{"number_of_replicas":1},"mappings":{"properties":{
        "body":{"type":"semlux_text","model_id":"tiny"}}}}""";
  private static final String MEANT =
      "{\"query\":{\"semlux\":{\"field\":\"body\",\"query\":\"%s\"}}}";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<ClusterNode> nodes = ClusterNode.of("bare", "one", "two");

  /** Elasticsearch tries whoever joins with a state that may be a minute old, with models in it. */
  private final ClusterNode one =
      nodes
          .get(0)
          .with("cluster.initial_master_nodes", "one")
          .with("cluster.join_validation.cache_timeout", "1s");

  /** Never elected: it could not put a model into the cluster's state. */
  private final ClusterNode two =
      nodes.get(1).with("cluster.initial_master_nodes", "one").with("node.roles", "data,ingest");

  @AfterEach
  void stop() {
    nodes.forEach(ClusterNode::close);
  }

  @Test
  void aNodeWithoutItKeepsNoShardOfAFieldAndThePluginCanBeRemoved() throws InterruptedException {
    one.start();
    Rest with = one.rest();
    ModelUpload tiny = ModelUpload.of(RealNode.MODEL);
    tiny.send(with, "tiny");
    with.succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    with.succeed("PUT", "/texts", TEXT_FIELD);
    with.succeed("PUT", "/texts/_doc/1?refresh=true", "{\"body\":\"The river rises.\"}");
    with.succeed("PUT", "/others/_doc/1?refresh=true", "{\"text\":\"anything\"}");

    // While there is a model, it cannot join; both logs tell the plugin's name.
    CompletableFuture<Void> joining = CompletableFuture.runAsync(() -> two.start("none"));
    await(two::log, "nknown project custom name [semlux]");
    await(one::log, "nknown project custom name [semlux]");
    two.kill();
    assertThatThrownBy(joining::join).hasMessageContaining("the node did not start");
    with.succeed("DELETE", "/_semlux/models/tiny?force=true", "");

    // Nothing of ours is in the cluster's state any more: such a node can join.
    two.start("none");
    assertThat(nodes(with)).isEqualTo(2L);
    Rest.Answer put = with.call("PUT", "/_semlux/models/tiny", tiny.manifest());
    assertThat(put.status()).isEqualTo(400);
    assertThat((String) put.at("error.reason"))
        .startsWith("the plugin semlux is not installed on the nodes [two]");
    assertThat(nodes(with)).isEqualTo(2L);
    assertThat(one.log()).contains("the plugin semlux is not installed on the nodes [two]");

    // It takes copies of other indices; the field's index is served by the node that knows it.
    with.succeed("GET", "/_cluster/health/others?wait_for_status=green&timeout=60s", "");
    String shard = "{\"index\":\"texts\",\"shard\":0,\"primary\":false}";
    await(
        () -> with.call("POST", "/_cluster/allocation/explain", shard).body().toString(),
        "The mapper type [semlux_");
    assertThat(with.succeed("GET", "/_cluster/health/texts", "").at("status")).isEqualTo("yellow");
    assertThat(two.rest().succeed("GET", "/texts/_doc/1", "").at("_source.body"))
        .isEqualTo("The river rises.");
    assertThat(two.rest().succeed("GET", "/texts/_search?q=_id:1", "").at("hits.total.value"))
        .isEqualTo(1L);
    assertThat(two.rest().call("POST", "/texts/_search", MEANT.formatted("rain")).body().toString())
        .contains("unknown query [semlux]");
    two.close();

    // Removed with such an index left, the node says which one it cannot open.
    one.close();
    assertThatThrownBy(() -> one.start("none")).hasMessageContaining("[texts");
    one.start();
    one.rest().succeed("DELETE", "/texts", "");
    one.close();
    one.start("none");
    assertThat(one.rest().succeed("GET", "/others/_doc/1", "").at("_source.text"))
        .isEqualTo("anything");
    assertThat(one.rest().call("GET", "/_semlux/models", "").status()).isEqualTo(400);
  }

  private static void await(Supplier<String> text, String part) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    for (String now = text.get(); !now.contains(part); now = text.get()) {
      assertThat(Instant.now()).as("%s in %s", part, now).isBefore(end);
      Thread.sleep(100);
    }
  }

  private static Object nodes(Rest rest) {
    return rest.succeed("GET", "/_cluster/health", "").at("number_of_nodes");
  }
}

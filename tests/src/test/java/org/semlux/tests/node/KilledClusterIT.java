package org.semlux.tests.node;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Any of three nodes killed at any point of uploads, deployments, alias switches and bulk ingest:
 * nothing that was acknowledged is lost, and what the other nodes are asked fails hardly ever. By
 * hand: {@code -Dsemlux.kills=50} says how often, {@code -Dsemlux.seed=N} at which points.
 */
@StartsNodes
@Isolated("three nodes fill a small machine")
class KilledClusterIT {
  private static final int KILLS = Integer.getInteger("semlux.kills", 4);
  private static final long SEED = Long.getLong("semlux.seed", 15);

  /** From a node's first answer on. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final List<ClusterNode> nodes = ClusterNode.of("killed", "one", "two", "three");

  @AfterEach
  void stop() {
    nodes.parallelStream().forEach(ClusterNode::close);
  }

  @Test
  void nothingAcknowledgedIsLost() throws Exception {
    ClusterNode.start(nodes);
    nodes.get(0).rest().succeed("GET", "/_cluster/health?wait_for_nodes=3&timeout=60s", "");
    Random random = new Random(SEED);
    ClusterTraffic traffic = new ClusterTraffic(nodes);
    try (traffic) {
      // Where a node dies before its copy of a shard holds anything, Elasticsearch goes on waiting
      // for that copy after the node is back: index.unassigned.node_left.delayed_timeout long.
      awaitGreen(nodes.get(0).rest(), Instant.now());
      for (int kill = 0; kill < KILLS; kill++) {
        ClusterTraffic.Phase[] phases = ClusterTraffic.Phase.values();
        ClusterTraffic.Phase phase = phases[kill % phases.length];
        killOnce(traffic, random.nextInt(nodes.size()), phase, random.nextInt(200));
        traffic.verify(random.nextInt(nodes.size()));
        System.out.println("killed " + (kill + 1) + " times: " + traffic);
      }
    }
    traffic.verify(0);
    traffic.verifyAnswers(KILLS);
  }

  private void killOnce(ClusterTraffic traffic, int number, ClusterTraffic.Phase phase, int millis)
      throws InterruptedException {
    ClusterNode node = nodes.get(number);
    traffic.await(phase, millis);
    Object master = master(node.rest());
    traffic.without(number);
    node.kill();
    Thread.sleep(millis);
    node.start();
    Instant back = Instant.now();
    traffic.withAll(); // it serves from its first answer on
    awaitGreen(node.rest(), back);
    System.out.printf(
        Locale.ROOT,
        "%s, %d ms after its beginning: node %s killed (master %s), green after %d ms%n",
        phase,
        millis,
        node.name(),
        master,
        Duration.between(back, Instant.now()).toMillis());
  }

  private static Object master(Rest rest) {
    return rest.succeed("GET", "/_cat/master?format=json", "").at("0.node");
  }

  /** Shards and models, on every node. */
  private static void awaitGreen(Rest rest, Instant since) throws InterruptedException {
    String seen = "";
    while (Instant.now().isBefore(since.plus(PATIENCE))) {
      Rest.Answer health = rest.call("GET", "/_cluster/health", "");
      Rest.Answer models = rest.call("GET", "/_semlux/models", "");
      seen = health.body() + " " + models.body();
      if (health.status() == 200
          && models.status() == 200
          && "green".equals(health.at("status"))
          && Long.valueOf(3).equals(health.at("number_of_nodes"))
          && ready(models)) {
        return;
      }
      Thread.sleep(200);
    }
    Object why = rest.call("GET", "/_cluster/allocation/explain", "").body(); // 400: all are there
    throw new AssertionError("not green after " + PATIENCE + ": " + seen + " " + why);
  }

  /** Those that are in use; others may be in the midst of their upload. */
  private static boolean ready(Rest.Answer models) {
    for (Object each : (List<?>) models.at("models")) {
      Map<?, ?> model = (Map<?, ?>) each;
      boolean used = !((List<?>) model.get("aliases")).isEmpty() || "cross".equals(model.get("id"));
      boolean loaded =
          "deployed".equals(model.get("state")) && ((Map<?, ?>) model.get("nodes")).size() == 3;
      if (used && !loaded) {
        return false;
      }
    }
    return true;
  }
}

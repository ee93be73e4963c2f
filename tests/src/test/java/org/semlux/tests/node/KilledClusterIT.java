package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Any of three nodes killed at any point of uploads, deployments, alias switches and bulk ingest:
 * nothing that was acknowledged is lost, and what the other nodes are asked fails hardly ever. By
 * hand: {@code -Dsemlux.kills=50} says how often, {@code -Dsemlux.seed=N} at which points.
 */
@EnabledIfSystemProperty(named = "semlux.kills", matches = "\\d+")
class KilledClusterIT {
  private static final int KILLS = Integer.getInteger("semlux.kills", 5);
  private static final long SEED = Long.getLong("semlux.seed", 15);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void nothingAcknowledgedIsLost() throws Exception {
    Random random = new Random(SEED);
    try (RealCluster cluster = new RealCluster()) {
      ClusterTraffic traffic = new ClusterTraffic(cluster);
      try (traffic) {
        for (int kill = 0; kill < KILLS; kill++) {
          Thread.sleep(random.nextInt(2_000));
          int node = random.nextInt(RealCluster.NODES.size());
          traffic.without(node);
          cluster.kill(node);
          Thread.sleep(random.nextInt(1_000));
          cluster.start(node);
          Instant back = Instant.now();
          traffic.without(-1); // it serves from its first answer on
          awaitGreen(cluster.rest(node), back);
          traffic.verify(cluster.rest(random.nextInt(RealCluster.NODES.size())));
          System.out.printf(
              "kill %d of node %s: green after %d ms; %d documents, %d of %d requests failed%n",
              kill + 1,
              RealCluster.NODES.get(node),
              Duration.between(back, Instant.now()).toMillis(),
              traffic.documents.size(),
              traffic.failures.size(),
              traffic.requests.get());
        }
      }
      traffic.verify(cluster.rest(0));
      assertThat(traffic.failures)
          .as("of %d requests to nodes that live", traffic.requests.get())
          .hasSizeLessThan(Math.max(1, traffic.requests.get() / 100))
          .allMatch(failure -> failure.startsWith("503 ") || failure.startsWith("429 "));
    }
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
          && stable(models)) {
        return;
      }
      Thread.sleep(200);
    }
    throw new AssertionError("not green after " + PATIENCE + ": " + seen);
  }

  /** Those in the midst of their upload are nobody's yet. */
  private static boolean stable(Rest.Answer models) {
    for (Object each : (List<?>) models.at("models")) {
      Map<?, ?> model = (Map<?, ?>) each;
      List<?> aliases = (List<?>) model.get("aliases");
      boolean counts = !aliases.isEmpty() || "cross".equals(model.get("id"));
      if (counts
          && (!"deployed".equals(model.get("state"))
              || ((Map<?, ?>) model.get("nodes")).size() < 3)) {
        return false;
      }
    }
    return true;
  }
}

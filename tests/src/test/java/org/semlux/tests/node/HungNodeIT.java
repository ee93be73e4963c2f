package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** One of two nodes with a model hangs, and the cluster has not removed it yet. */
@StartsNodes
@Isolated("three nodes fill a small machine")
class HungNodeIT {
  private static final String QUERY = "{\"texts\":[\"rain\"],\"input_type\":\"query\"}";
  private static final String DEPLOY = "/_semlux/models/tiny/_deploy?timeout=-1";

  /** What the bare node waits for an answer at least. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** A search's longest wait, the timeout, and as much as a busy machine takes. */
  private static final Duration PATIENCE = Duration.ofSeconds(22);

  private final List<ClusterNode> nodes = ClusterNode.of("hung", "one", "two", "bare");
  private final ClusterNode bare =
      nodes
          .get(2)
          .with("semlux.node.enabled", "false")
          .with("cluster.initial_master_nodes", "bare");

  @BeforeEach
  void start() throws IOException {
    nodes.subList(0, 2).forEach(node -> node.with("node.roles", "data,ingest"));
    ClusterNode.start(nodes);
    bare.rest().succeed("GET", "/_cluster/health?wait_for_nodes=3&timeout=60s", "");
    ModelUpload.of(RealNode.MODEL).send(bare.rest(), "tiny");
    bare.rest().succeed("POST", "/_semlux/models/tiny/_deploy", "");
    encode();
  }

  @AfterEach
  void stop() {
    nodes.parallelStream().forEach(ClusterNode::close);
  }

  @Test
  void nobodyWaitsForItLongerThanHeWants() throws Exception {
    ClusterNode hung = unasked();
    hung.signal("STOP");
    try {
      assertThat(encode()).isBetween(TIMEOUT, PATIENCE);
      assertThat(encode()).as("it is not asked again").isLessThan(TIMEOUT);
      assertADeploymentEndsWithItsConnection();
    } finally {
      hung.signal("CONT");
    }
  }

  /**
   * That of the two which the bare node asks next: it has not learnt its pace yet, and knows that
   * of the other for half a minute.
   */
  private ClusterNode unasked() {
    Map<?, ?> stats = (Map<?, ?>) bare.rest().succeed("GET", "/_semlux/stats", "").at("nodes");
    Set<Object> asked = new HashSet<>();
    for (Object node : stats.values()) {
      Number requests = (Number) JsonPath.at(node, "models.tiny.requests");
      if (requests == null || requests.longValue() > 0) { // the bare one has no models
        asked.add(JsonPath.at(node, "name"));
      }
    }
    assertThat(asked).hasSize(2);
    return nodes.stream().filter(node -> !asked.contains(node.name())).findFirst().orElseThrow();
  }

  private Duration encode() {
    Instant begin = Instant.now();
    bare.rest().succeed("POST", "/_semlux/models/tiny/_encode", QUERY);
    return Duration.between(begin, Instant.now());
  }

  private void assertADeploymentEndsWithItsConnection() throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), bare.rest().url().getPort())) {
      String head = "POST " + DEPLOY + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().flush();
      awaitDeployment(true);
    }
    awaitDeployment(false);
  }

  /** Asks those who answer: the hung node would be waited for. */
  private void awaitDeployment(boolean running) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    String tasks = "/_tasks?actions=cluster:admin/semlux/models/deploy&nodes=bare";
    Map<?, ?> seen;
    do {
      assertThat(Instant.now()).as("running: %s", running).isBefore(end);
      Thread.sleep(100);
      seen = (Map<?, ?>) bare.rest().succeed("GET", tasks, "").at("nodes");
    } while (seen.isEmpty() == running);
  }
}

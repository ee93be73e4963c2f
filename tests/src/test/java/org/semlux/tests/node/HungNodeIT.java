package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One of two nodes with a model hangs, and the cluster has not removed it yet. */
class HungNodeIT {
  private static final String QUERY = "{\"texts\":[\"rain\"],\"input_type\":\"query\"}";
  private static final String DEPLOY = "/_semlux/models/tiny/_deploy?timeout=-1";

  /** A search's longest wait, ten seconds for the node, and as much as a busy machine takes. */
  private static final Duration PATIENCE = Duration.ofSeconds(22);

  private final List<ClusterNode> nodes = ClusterNode.of("hung", "one", "two", "bare");
  private final ClusterNode bare = nodes.get(2).with("semlux.node.enabled", "false");

  @BeforeEach
  void start() throws IOException {
    ClusterNode.start(nodes);
    bare.rest().succeed("GET", "/_cluster/health?wait_for_nodes=3&timeout=60s", "");
    ModelUpload.of(RealNode.MODEL).send(bare.rest(), "tiny");
    bare.rest().succeed("POST", "/_semlux/models/tiny/_deploy", "");
    bare.rest().succeed("POST", "/_semlux/models/tiny/_encode", QUERY);
  }

  @AfterEach
  void stop() {
    nodes.parallelStream().forEach(ClusterNode::close);
  }

  @Test
  void nobodyWaitsForItLongerThanHeWants() throws Exception {
    Object master = bare.rest().succeed("GET", "/_cat/master?format=json", "").at("0.node");
    ClusterNode hung = nodes.get(master.equals("one") ? 1 : 0);
    hung.signal("STOP");
    try {
      assertADeploymentEndsWithItsConnection((String) master);
      Duration longest = Duration.ZERO;
      for (int i = 0; i < 4; i++) { // each of the two is asked
        Instant begin = Instant.now();
        bare.rest().succeed("POST", "/_semlux/models/tiny/_encode", QUERY);
        Duration taken = Duration.between(begin, Instant.now());
        longest = taken.compareTo(longest) > 0 ? taken : longest;
      }
      assertThat(longest).isBetween(Duration.ofSeconds(10), PATIENCE);
    } finally {
      hung.signal("CONT");
    }
  }

  private void assertADeploymentEndsWithItsConnection(String master) throws Exception {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), bare.rest().url().getPort())) {
      String head = "POST " + DEPLOY + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().flush();
      awaitDeployment(master, true);
    }
    awaitDeployment(master, false);
  }

  /** Asks those who answer: the hung node would be waited for. */
  private void awaitDeployment(String master, boolean running) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(5);
    String tasks = "/_tasks?actions=cluster:admin/semlux/models/deploy&nodes=bare," + master;
    Map<?, ?> seen;
    do {
      assertThat(Instant.now()).as("running: %s", running).isBefore(end);
      Thread.sleep(100);
      seen = (Map<?, ?>) bare.rest().succeed("GET", tasks, "").at("nodes");
    } while (seen.isEmpty() == running);
  }
}

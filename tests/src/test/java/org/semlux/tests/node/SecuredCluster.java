package org.semlux.tests.node;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two nodes with security on, under the basic licence, of which the second has no models and asks
 * the first; users and roles are those of the resource folder {@code security}.
 */
final class SecuredCluster implements AutoCloseable {
  /** Of every user: its hash stands in the users file. */
  static final String PASSWORD = "semlux-secret";

  private static final String FOLDER = RealNode.ROOT.resolve("tests/target/secured-").toString();
  private static final String CONFIG =
      RealNode.ROOT.resolve("tests/src/test/resources/security").toString();
  private static final Shell SHELL = new Shell(RealNode.ROOT, "ES_JAVA_OPTS", "-Xms512m -Xmx512m");
  private static final List<String> NODES = List.of("one", "two");

  private final List<Integer> ports = List.of(RealNode.freePort(), RealNode.freePort());

  SecuredCluster() {
    close(); // what an interrupted run left
    int transport = RealNode.freePort();
    try {
      start(0, transport);
      start(1, RealNode.freePort(), "discovery.seed_hosts", "127.0.0.1:" + transport);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void start(int node, int transport, String... more) {
    String folder = FOLDER + NODES.get(node);
    SHELL.run("rm", "-rf", folder + "/data");
    List<String> command = new ArrayList<>(List.of(RealNode.SCRIPT, "start", "--folder", folder));
    command.addAll(List.of("--port", ports.get(node).toString(), "--config", CONFIG));
    Map<String, String> settings =
        Map.of(
            "cluster.name",
            "secured",
            "node.name",
            NODES.get(node),
            "discovery.type",
            "multi-node",
            "transport.port",
            String.valueOf(transport),
            "xpack.security.enabled",
            "true",
            "semlux.node.enabled",
            String.valueOf(node == 0),
            more.length == 0 ? "cluster.initial_master_nodes" : more[0],
            more.length == 0 ? NODES.get(0) : more[1]);
    settings.forEach((name, value) -> command.addAll(List.of("--setting", name + "=" + value)));
    SHELL.run(command);
  }

  /** Each node, as a user speaks to it. */
  List<Rest> nodes(String user) {
    return ports.stream()
        .map(port -> new Rest(URI.create("http://127.0.0.1:" + port)).as(user, PASSWORD))
        .toList();
  }

  /** One of the nodes. */
  Rest as(String user) {
    return nodes(user).get(0);
  }

  @Override
  public void close() {
    NODES.forEach(node -> SHELL.run(RealNode.SCRIPT, "stop", "--folder", FOLDER + node));
  }
}

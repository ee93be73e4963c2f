package org.semlux.tests.node;

import java.util.List;

/**
 * Two nodes with security on, under the basic licence, of which the second has no models and asks
 * the first; users and roles are those of the resource folder {@code security}.
 */
final class SecuredCluster implements AutoCloseable {
  /** Of every user: its hash stands in the users file. */
  static final String PASSWORD = "semlux-secret";

  private final List<ClusterNode> nodes = ClusterNode.of("secured", "one", "two");

  SecuredCluster() {
    try {
      for (ClusterNode node : nodes) {
        node.withConfig(RealNode.ROOT.resolve("tests/src/test/resources/security"))
            .with("xpack.security.enabled", "true")
            .with("cluster.initial_master_nodes", nodes.get(0).name())
            .with("semlux.node.enabled", String.valueOf(node == nodes.get(0)));
      }
      ClusterNode.start(nodes);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Each node, as a user speaks to it. */
  List<Rest> nodes(String user) {
    return nodes.stream().map(node -> node.rest().as(user, PASSWORD)).toList();
  }

  /** One of the nodes. */
  Rest as(String user) {
    return nodes.get(0).rest().as(user, PASSWORD);
  }

  /** What the first node, the elected master, has logged. */
  String log() {
    return nodes.get(0).log();
  }

  @Override
  public void close() {
    nodes.forEach(ClusterNode::close);
  }
}

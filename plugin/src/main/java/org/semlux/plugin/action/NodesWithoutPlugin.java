package org.semlux.plugin.action;

import java.util.List;
import java.util.Objects;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterStateListener;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.transport.ActionNotFoundTransportException;

/**
 * Warns in the elected master's log of nodes that join without the plugin. They cannot read the
 * cluster's state once it has a model: none can be put while they are there, and they cannot join
 * after that.
 */
public final class NodesWithoutPlugin implements ClusterStateListener {
  private static final Logger LOGGER = LogManager.getLogger(NodesWithoutPlugin.class);

  /** Where nobody waits. */
  public static final TimeValue TIMEOUT = TimeValue.timeValueSeconds(30);

  private final Client client;

  public NodesWithoutPlugin(Client client) {
    this.client = client;
  }

  /** Names of the nodes that did not know the question, in their order. */
  private static List<String> names(NodeModelsAction.Response answer, DiscoveryNodes nodes) {
    return answer.failures().stream()
        .filter(e -> isUnknown(e, NodeModelsAction.TYPE.name() + "[n]"))
        .map(e -> nodes.get(e.nodeId()))
        .filter(Objects::nonNull)
        .map(DiscoveryNode::getName)
        .sorted()
        .toList();
  }

  /** Whether a node failed since it does not know an action. */
  static boolean isUnknown(Exception e, String action) {
    return ExceptionsHelper.unwrap(e, ActionNotFoundTransportException.class)
            instanceof ActionNotFoundTransportException unknown
        && action.equals(unknown.action());
  }

  static ElasticsearchStatusException refusal(List<String> lacking) {
    return new ElasticsearchStatusException(
        "the plugin semlux is not installed on the nodes {}: every node of a cluster with models"
            + " needs it",
        RestStatus.BAD_REQUEST,
        lacking);
  }

  /** They could not read the cluster's state once it has a model, and would be thrown out. */
  public static void requireNone(
      Client client, DiscoveryNodes nodes, TimeValue timeout, ActionListener<Void> listener) {
    NodeModelsAction.ask(
        client,
        timeout,
        listener.map(
            answer -> {
              List<String> lacking = names(answer, nodes);
              if (!lacking.isEmpty()) {
                throw refusal(lacking);
              }
              return null;
            }));
  }

  @Override
  public void clusterChanged(ClusterChangedEvent event) {
    if (event.localNodeMaster() && event.nodesAdded()) {
      DiscoveryNodes nodes = event.state().nodes();
      NodeModelsAction.ask(
          client,
          TIMEOUT,
          ActionListener.wrap(
              answer -> warn(names(answer, nodes)),
              e -> LOGGER.debug("nodes cannot be asked for the plugin", e)));
    }
  }

  private static void warn(List<String> lacking) {
    if (!lacking.isEmpty()) {
      LOGGER.warn(
          "the plugin semlux is not installed on the nodes {}: models are refused until it is",
          lacking);
    }
  }
}

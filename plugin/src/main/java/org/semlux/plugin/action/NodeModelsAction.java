package org.semlux.plugin.action;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.FailedNodeException;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.nodes.BaseNodeResponse;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.ClusterName;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.ReceiveTimeoutTransportException;
import org.elasticsearch.transport.TransportService;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.NodeModel;
import org.semlux.plugin.model.NodeModels;

/**
 * Asks every node where the deployed models stand on it. For other actions only, whatever their
 * caller may do: no user can have the privilege.
 */
public final class NodeModelsAction {
  public static final ActionType<Response> TYPE = new ActionType<>("internal:semlux/models/nodes");

  private NodeModelsAction() {}

  /**
   * Asks as the server itself and answers in the caller's own thread context.
   *
   * @param timeout as that of {@link AllNodesRequest}
   */
  public static void ask(Client client, TimeValue timeout, ActionListener<Response> listener) {
    AllNodesRequest request = new AllNodesRequest(timeout);
    ThreadContext context = client.threadPool().getThreadContext();
    var preserved = ContextPreservingActionListener.wrapPreservingContext(listener, context);
    ThreadContext.StoredContext caller = context.newEmptySystemContext();
    try {
      client.execute(TYPE, request, preserved);
    } finally {
      caller.restore();
    }
  }

  public static final class NodeResponse extends BaseNodeResponse {
    private final boolean enabled;
    private final Map<String, NodeModel> models;

    NodeResponse(DiscoveryNode node, boolean enabled, Map<String, NodeModel> models) {
      super(node);
      this.enabled = enabled;
      this.models = models;
    }

    NodeResponse(StreamInput in, DiscoveryNode node) throws IOException {
      super(in, node);
      enabled = in.readBoolean();
      models = in.readOrderedMap(StreamInput::readString, NodeModel::new);
    }

    /** Whether the node runs models at all. */
    public boolean enabled() {
      return enabled;
    }

    /** What the node has loaded, by the models' ids. */
    public Map<String, NodeModel> loaded() {
      Map<String, NodeModel> loaded = new TreeMap<>(models);
      loaded.values().removeIf(status -> status.state() != ModelState.DEPLOYED);
      return loaded;
    }

    /** Where this upload of a model stands; empty while the node has not taken notice of it. */
    public Optional<NodeModel> status(ModelDefinition model) {
      return Optional.ofNullable(models.get(model.id()))
          .filter(status -> status.generation() == model.generation());
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeBoolean(enabled);
      out.writeMap(models, StreamOutput::writeWriteable);
    }
  }

  /** Where a model stands on a node. */
  record Standing(DiscoveryNode node, NodeModel status) {
    boolean is(ModelState state) {
      return status.state() == state;
    }

    /** For messages. */
    static String all(List<Standing> standings) {
      return standings.stream().map(Standing::toString).collect(Collectors.joining(", "));
    }

    /** {@code node [a] (failed: why)}. */
    @Override
    public String toString() {
      return "node ["
          + node.getName()
          + "] ("
          + status.state()
          + (status.reason().isEmpty() ? ")" : ": " + status.reason() + ")");
    }
  }

  public static final class Response extends AllNodesResponse<NodeResponse> {
    Response(ClusterName name, List<NodeResponse> nodes, List<FailedNodeException> failures) {
      super(name, nodes, failures);
    }

    /**
     * Where a deployed model stands on each node that runs models, in the order of their names. One
     * that gave no answer may be such a node, unless it has left.
     *
     * @param present the cluster's nodes now
     */
    List<Standing> standings(ModelDefinition model, DiscoveryNodes present) {
      List<Standing> standings = new ArrayList<>();
      for (NodeResponse node : getNodes()) {
        if (node.enabled()) {
          NodeModel status = node.status(model).orElse(NodeModel.deploying(model, ""));
          standings.add(new Standing(node.getNode(), status));
        }
      }
      for (FailedNodeException failure : failures()) {
        DiscoveryNode node = present.get(failure.nodeId());
        if (node != null) {
          standings.add(new Standing(node, NodeModel.noAnswer(model, reason(failure))));
        }
      }
      standings.sort(Comparator.comparing(standing -> standing.node.getName()));
      return standings;
    }

    private static String reason(FailedNodeException failure) {
      Throwable cause = ExceptionsHelper.unwrapCause(failure.getCause());
      if (cause instanceof ReceiveTimeoutTransportException) {
        return "it did not answer in time";
      }
      return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
  }

  public static final class Transport extends AllNodesTransport<NodeResponse, Response> {
    private final NodeModels models;

    @Inject
    public Transport(
        ClusterService clusterService,
        TransportService transportService,
        ActionFilters actionFilters,
        ThreadPool threadPool,
        NodeModels models) {
      super(
          TYPE,
          clusterService,
          transportService,
          actionFilters,
          threadPool,
          NodeResponse::new,
          Response::new);
      this.models = models;
    }

    @Override
    NodeResponse answer(DiscoveryNode localNode) {
      return new NodeResponse(localNode, models.enabled(), models.statuses());
    }
  }
}

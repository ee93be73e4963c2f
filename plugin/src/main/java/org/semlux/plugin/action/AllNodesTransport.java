package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.FailedNodeException;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.nodes.BaseNodeResponse;
import org.elasticsearch.action.support.nodes.TransportNodesAction;
import org.elasticsearch.cluster.ClusterName;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;

/**
 * Asks every node for what it alone knows, on the pool of those who look after a cluster.
 *
 * @param <N> what a node answers
 * @param <R> all of their answers
 */
abstract class AllNodesTransport<N extends BaseNodeResponse, R extends AllNodesResponse<N>>
    extends TransportNodesAction<AllNodesRequest, R, AllNodesRequest.ToNode, N, Void> {
  /** Reads a node's answer. */
  interface Reader<N> {
    N read(StreamInput in, DiscoveryNode node) throws IOException;
  }

  /** Puts the answers together. */
  interface Collector<N, R> {
    R of(ClusterName name, List<N> nodes, List<FailedNodeException> failures);
  }

  private final Reader<N> reader;
  private final Collector<N, R> collector;

  AllNodesTransport(
      ActionType<R> type,
      ClusterService clusterService,
      TransportService transportService,
      ActionFilters actionFilters,
      ThreadPool threadPool,
      Reader<N> reader,
      Collector<N, R> collector) {
    super(
        type.name(),
        clusterService,
        transportService,
        actionFilters,
        AllNodesRequest.ToNode::new,
        threadPool.executor(ThreadPool.Names.MANAGEMENT));
    this.reader = reader;
    this.collector = collector;
  }

  /** This node's answer. */
  abstract N answer(DiscoveryNode localNode);

  @Override
  protected R newResponse(
      AllNodesRequest request, List<N> nodes, List<FailedNodeException> failures) {
    return collector.of(clusterService.getClusterName(), nodes, failures);
  }

  @Override
  protected AllNodesRequest.ToNode newNodeRequest(AllNodesRequest request) {
    return new AllNodesRequest.ToNode();
  }

  @Override
  protected N newNodeResponse(StreamInput in, DiscoveryNode node) throws IOException {
    return reader.read(in, node);
  }

  @Override
  protected N nodeOperation(AllNodesRequest.ToNode request, Task task) {
    return answer(clusterService.localNode());
  }
}

package org.semlux.plugin.action;

import java.io.IOException;
import java.util.List;
import org.elasticsearch.action.FailedNodeException;
import org.elasticsearch.action.support.TransportAction;
import org.elasticsearch.action.support.nodes.BaseNodeResponse;
import org.elasticsearch.action.support.nodes.BaseNodesResponse;
import org.elasticsearch.cluster.ClusterName;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;

/** What all nodes answered; it never leaves the node that asked. */
abstract class AllNodesResponse<N extends BaseNodeResponse> extends BaseNodesResponse<N> {
  AllNodesResponse(ClusterName name, List<N> nodes, List<FailedNodeException> failures) {
    super(name, nodes, failures);
  }

  @Override
  protected List<N> readNodesFrom(StreamInput in) throws IOException {
    return TransportAction.localOnly();
  }

  @Override
  protected void writeNodesTo(StreamOutput out, List<N> nodes) throws IOException {
    TransportAction.localOnly();
  }
}

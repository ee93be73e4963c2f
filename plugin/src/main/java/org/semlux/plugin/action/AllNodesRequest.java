package org.semlux.plugin.action;

import java.io.IOException;
import org.elasticsearch.action.support.nodes.BaseNodesRequest;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.transport.AbstractTransportRequest;

/** Asks every node of the cluster the same. */
public final class AllNodesRequest extends BaseNodesRequest {
  public AllNodesRequest() {
    super(Strings.EMPTY_ARRAY);
  }

  /** What one node gets: the question is the action's name. */
  public static final class ToNode extends AbstractTransportRequest {
    public ToNode() {}

    public ToNode(StreamInput in) throws IOException {
      super(in);
    }
  }
}

package org.semlux.plugin.action;

import java.io.IOException;
import org.elasticsearch.action.support.nodes.BaseNodesRequest;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.transport.AbstractTransportRequest;

/** Asks every node of the cluster the same. */
public final class AllNodesRequest extends BaseNodesRequest {
  private static final TimeValue SHORTEST = TimeValue.timeValueSeconds(1);

  public AllNodesRequest() {
    super(Strings.EMPTY_ARRAY);
  }

  /**
   * @param timeout how long a node may take, at least a second; one that takes longer counts as
   *     failed, since it may hang for as long as the cluster keeps it. Negative for no end
   */
  public AllNodesRequest(TimeValue timeout) {
    this();
    if (timeout.millis() >= 0) {
      setTimeout(timeout.compareTo(SHORTEST) < 0 ? SHORTEST : timeout);
    }
  }

  /** What one node gets: the question is the action's name. */
  public static final class ToNode extends AbstractTransportRequest {
    public ToNode() {}

    public ToNode(StreamInput in) throws IOException {
      super(in);
    }
  }
}

package org.semlux.plugin.model;

import java.util.function.UnaryOperator;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.AckedBatchedClusterStateUpdateTask;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateAckListener;
import org.elasticsearch.cluster.SimpleBatchedAckListenerTaskExecutor;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.cluster.service.MasterServiceTaskQueue;
import org.elasticsearch.common.Priority;
import org.elasticsearch.core.Tuple;

/** Changes to {@link SemluxMetadata}, made one after the other on the elected master. */
public final class ModelUpdates {
  private final MasterServiceTaskQueue<Change> queue;

  public ModelUpdates(ClusterService clusterService) {
    queue = clusterService.createTaskQueue("semlux-models", Priority.NORMAL, new Executor());
  }

  /**
   * Makes a change.
   *
   * @param what for the logs, such as {@code deploy model [minilm]}
   * @param change from the present metadata to that wanted; what it throws fails the listener; may
   *     return its argument
   * @param listener gets its answer when every node has applied the change, or the request's time
   *     for that is over
   */
  public void submit(
      String what,
      AcknowledgedRequest<?> request,
      UnaryOperator<SemluxMetadata> change,
      ActionListener<AcknowledgedResponse> listener) {
    queue.submitTask(what, new Change(request, change, listener), request.masterNodeTimeout());
  }

  private static final class Change extends AckedBatchedClusterStateUpdateTask {
    private final UnaryOperator<SemluxMetadata> change;

    Change(
        AcknowledgedRequest<?> request,
        UnaryOperator<SemluxMetadata> change,
        ActionListener<AcknowledgedResponse> listener) {
      super(request.ackTimeout(), listener);
      this.change = change;
    }
  }

  private static final class Executor extends SimpleBatchedAckListenerTaskExecutor<Change> {
    @Override
    public Tuple<ClusterState, ClusterStateAckListener> executeTask(
        Change task, ClusterState state) {
      SemluxMetadata before = SemluxMetadata.of(state);
      SemluxMetadata after = task.change.apply(before);
      return Tuple.tuple(after.equals(before) ? state : after.putInto(state), task);
    }
  }
}

package org.semlux.plugin.model;

import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
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

/**
 * Changes to {@link SemluxMetadata}, made one after the other on the elected master. Each leaves a
 * line in its log that says what was changed and who asked for it.
 */
public final class ModelUpdates {
  private static final Logger LOGGER = LogManager.getLogger(ModelUpdates.class);

  private final ClusterService clusterService;
  private final MasterServiceTaskQueue<Change> queue;

  public ModelUpdates(ClusterService clusterService) {
    this.clusterService = clusterService;
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
    queue(what, request, state -> {}, change, listener);
  }

  /**
   * The same for a change that not every cluster's state allows.
   *
   * @param check throws where a state does not. Asked of the present one at once, and then of that
   *     which is about to be changed: what it keeps spares the thread that makes states reading
   */
  public void submit(
      String what,
      AcknowledgedRequest<?> request,
      Consumer<ClusterState> check,
      UnaryOperator<SemluxMetadata> change,
      ActionListener<AcknowledgedResponse> listener) {
    check.accept(clusterService.state());
    queue(what, request, check, change, listener);
  }

  private void queue(
      String what,
      AcknowledgedRequest<?> request,
      Consumer<ClusterState> check,
      UnaryOperator<SemluxMetadata> change,
      ActionListener<AcknowledgedResponse> listener) {
    String line = what + Asker.of(clusterService.threadPool().getThreadContext());
    queue.submitTask(
        what, new Change(line, request, check, change, listener), request.masterNodeTimeout());
  }

  private static final class Change extends AckedBatchedClusterStateUpdateTask {
    private final String line;
    private final Consumer<ClusterState> check;
    private final UnaryOperator<SemluxMetadata> change;

    Change(
        String line,
        AcknowledgedRequest<?> request,
        Consumer<ClusterState> check,
        UnaryOperator<SemluxMetadata> change,
        ActionListener<AcknowledgedResponse> listener) {
      super(request.ackTimeout(), listener);
      this.line = line;
      this.check = check;
      this.change = change;
    }
  }

  private static final class Executor extends SimpleBatchedAckListenerTaskExecutor<Change> {
    @Override
    public Tuple<ClusterState, ClusterStateAckListener> executeTask(
        Change task, ClusterState state) {
      task.check.accept(state);
      SemluxMetadata before = SemluxMetadata.of(state);
      SemluxMetadata after = task.change.apply(before);
      if (after.equals(before)) {
        return Tuple.tuple(state, task);
      }
      LOGGER.info("{}", task.line);
      return Tuple.tuple(after.putInto(state), task);
    }
  }
}

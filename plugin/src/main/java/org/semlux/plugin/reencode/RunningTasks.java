package org.semlux.plugin.reencode;

import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.cluster.node.tasks.cancel.CancelTasksRequest;
import org.elasticsearch.action.admin.cluster.node.tasks.cancel.TransportCancelTasksAction;
import org.elasticsearch.action.admin.cluster.node.tasks.get.GetTaskRequest;
import org.elasticsearch.action.admin.cluster.node.tasks.get.GetTaskResponse;
import org.elasticsearch.action.admin.cluster.node.tasks.get.TransportGetTaskAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.OriginSettingClient;
import org.elasticsearch.tasks.TaskInfo;

/**
 * The tasks of runs, running or ended, for those who may use the index. Elasticsearch's own tasks
 * API shows all tasks of the cluster and so needs a privilege on the cluster; this asks it in the
 * name of the node and tells nothing but a run over the index that the caller was let through for.
 */
final class RunningTasks {
  private final Client asNode;

  RunningTasks(Client client) {
    asNode = new OriginSettingClient(client, TransportGetTaskAction.TASKS_ORIGIN);
  }

  /**
   * @param listener fails with 404 where there is no such run over that index
   */
  void get(ReencodeTaskRequest request, ActionListener<GetTaskResponse> listener) {
    GetTaskRequest get = new GetTaskRequest().setTaskId(request.task());
    find(
        request,
        get,
        listener.delegateFailureAndWrap(
            (l, found) -> {
              if (!request.waits() || found.getTask().isCompleted()) {
                l.onResponse(found);
              } else {
                get.setWaitForCompletion(true).setTimeout(request.timeout());
                find(request, get, l);
              }
            }));
  }

  /**
   * Tells a run to end; one that has ended stays as it is.
   *
   * @param listener gets the task as it was before; fails as that of {@link #get}
   */
  void cancel(ReencodeTaskRequest request, ActionListener<GetTaskResponse> listener) {
    get(
        request,
        listener.delegateFailureAndWrap(
            (l, found) -> {
              if (found.getTask().isCompleted()) {
                l.onResponse(found);
                return;
              }
              CancelTasksRequest cancel = new CancelTasksRequest();
              cancel.setTargetTaskId(request.task());
              asNode.execute(
                  TransportCancelTasksAction.TYPE,
                  cancel,
                  l.delegateFailureAndWrap((told, unused) -> told.onResponse(found)));
            }));
  }

  private void find(
      ReencodeTaskRequest request, GetTaskRequest get, ActionListener<GetTaskResponse> listener) {
    asNode.execute(
        TransportGetTaskAction.TYPE,
        get,
        ActionListener.wrap(
            found -> {
              if (isOver(request.index(), found.getTask().getTask())) {
                listener.onResponse(found);
              } else {
                listener.onFailure(absent(request));
              }
            },
            failure ->
                listener.onFailure(
                    failure instanceof ResourceNotFoundException ? absent(request) : failure)));
  }

  private static boolean isOver(String index, TaskInfo task) {
    return task.action().equals(ReencodeAction.TYPE.name())
        && task.description().startsWith(ReencodeRequest.description(index));
  }

  /** The same for a task that is not there and for one that is not the caller's business. */
  private static ResourceNotFoundException absent(ReencodeTaskRequest request) {
    return new ResourceNotFoundException(
        "there is no task [{}] that re-encodes [{}]", request.task(), request.index());
  }
}

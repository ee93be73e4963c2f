package org.semlux.plugin.reencode;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.admin.cluster.node.tasks.cancel.CancelTasksRequest;
import org.elasticsearch.action.admin.cluster.node.tasks.cancel.TransportCancelTasksAction;
import org.elasticsearch.action.admin.cluster.node.tasks.get.GetTaskResponse;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;

/** Ends a run, for those who may write its index. */
public final class CancelReencodeAction {
  public static final ActionType<GetTaskResponse> TYPE =
      new ActionType<>("indices:data/write/semlux/reencode/cancel");

  private CancelReencodeAction() {}

  /** Answers with the task as it was when it was told to end; one that has ended stays as it is. */
  public static final class Transport
      extends HandledTransportAction<ReencodeTaskRequest, GetTaskResponse> {
    private final RunningTasks tasks;

    @Inject
    public Transport(
        TransportService transportService, ActionFilters actionFilters, Client client) {
      super(
          TYPE.name(),
          transportService,
          actionFilters,
          ReencodeTaskRequest::new,
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.tasks = new RunningTasks(client);
    }

    @Override
    protected void doExecute(
        Task task, ReencodeTaskRequest request, ActionListener<GetTaskResponse> listener) {
      tasks.get(
          request,
          listener.delegateFailureAndWrap(
              (l, found) -> {
                if (found.getTask().isCompleted()) {
                  l.onResponse(found);
                  return;
                }
                CancelTasksRequest cancel = new CancelTasksRequest();
                cancel.setTargetTaskId(request.task());
                tasks
                    .asNode()
                    .execute(
                        TransportCancelTasksAction.TYPE,
                        cancel,
                        l.delegateFailureAndWrap((told, unused) -> told.onResponse(found)));
              }));
    }
  }
}

package org.semlux.plugin.reencode;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.admin.cluster.node.tasks.get.GetTaskResponse;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.TransportService;

/** How far a run is, or what came of it, for those who may read its index. */
public final class GetReencodeAction {
  public static final ActionType<GetTaskResponse> TYPE =
      new ActionType<>("indices:data/read/semlux/reencode/get");

  private GetReencodeAction() {}

  /** Answers as the tasks API does. */
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
      tasks.get(request, listener);
    }
  }
}

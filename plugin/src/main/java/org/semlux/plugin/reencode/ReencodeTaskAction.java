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

/** What may be asked of a run, by those who have the privilege on its index. */
public final class ReencodeTaskAction {
  /** How far a run is, or what came of it, as the tasks API tells it; for those who may read. */
  public static final ActionType<GetTaskResponse> GET =
      new ActionType<>("indices:data/read/semlux/reencode/get");

  /**
   * Ends a run, for those who may write. Answers with the task as it was when it was told to end;
   * one that has ended stays as it is.
   */
  public static final ActionType<GetTaskResponse> CANCEL =
      new ActionType<>("indices:data/write/semlux/reencode/cancel");

  private ReencodeTaskAction() {}

  /** What asks of a running task. */
  private interface Question {
    void ask(
        RunningTasks tasks, ReencodeTaskRequest request, ActionListener<GetTaskResponse> listener);
  }

  private abstract static class Transport
      extends HandledTransportAction<ReencodeTaskRequest, GetTaskResponse> {
    private final RunningTasks tasks;
    private final Question question;

    Transport(
        ActionType<GetTaskResponse> type,
        Question question,
        TransportService transportService,
        ActionFilters actionFilters,
        Client client) {
      super(
          type.name(),
          transportService,
          actionFilters,
          ReencodeTaskRequest::new,
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.question = question;
      this.tasks = new RunningTasks(client);
    }

    @Override
    protected final void doExecute(
        Task task, ReencodeTaskRequest request, ActionListener<GetTaskResponse> listener) {
      question.ask(tasks, request, listener);
    }
  }

  public static final class Get extends Transport {
    @Inject
    public Get(TransportService transportService, ActionFilters actionFilters, Client client) {
      super(GET, RunningTasks::get, transportService, actionFilters, client);
    }
  }

  public static final class Cancel extends Transport {
    @Inject
    public Cancel(TransportService transportService, ActionFilters actionFilters, Client client) {
      super(CANCEL, RunningTasks::cancel, transportService, actionFilters, client);
    }
  }
}

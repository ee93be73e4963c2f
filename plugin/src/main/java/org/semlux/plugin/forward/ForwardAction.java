package org.semlux.plugin.forward;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.ChannelActionListener;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.TransportService;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.EncoderFailures;
import org.semlux.plugin.model.ClusterModels;

/**
 * Has another node's model do the work: one request, kept whole, to one node; to the next where
 * that one leaves, has not loaded the model after all, or has no room. All are asked once more what
 * they have before nobody answers. The node that is asked does it itself or refuses, so nothing is
 * forwarded twice. For other actions only: no user can have the privilege, and what a caller may do
 * with a model was asked on the caller's node.
 */
public final class ForwardAction {
  public static final ActionType<Response> TYPE = new ActionType<>("internal:semlux/forward");

  static final String ON_NODE = TYPE.name() + "[n]";

  private ForwardAction() {}

  static final class Request extends UntypedActionRequest {
    private final String modelId;
    private final long generation;
    private final Work work;

    Request(String modelId, long generation, Work work) {
      this.modelId = modelId;
      this.generation = generation;
      this.work = work;
    }

    Request(StreamInput in) throws IOException {
      super(in);
      modelId = in.readString();
      generation = in.readVLong();
      work = Work.read(in);
    }

    String modelId() {
      return modelId;
    }

    long generation() {
      return generation;
    }

    Work work() {
      return work;
    }

    long bytes() {
      return work.bytes();
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      super.writeTo(out);
      out.writeString(modelId);
      out.writeVLong(generation);
      work.writeTo(out);
    }

    @Override
    public ActionRequestValidationException validate() {
      return null;
    }

    @Override
    public Task createTask(
        long id, String type, String action, TaskId parent, Map<String, String> headers) {
      return new CancellableTask(id, type, action, getDescription(), parent, headers);
    }

    @Override
    public String getDescription() {
      return "model [" + modelId + "], " + work;
    }
  }

  static final class Response extends ActionResponse {
    private final List<?> answers;

    Response(List<?> answers) {
      this.answers = answers;
    }

    Response(StreamInput in) throws IOException {
      this(in.readCollectionAsList(Answers::read));
    }

    List<?> answers() {
      return answers;
    }

    @Override
    public void writeTo(StreamOutput out) throws IOException {
      out.writeCollection(answers, Answers::write);
    }
  }

  public static final class Transport extends HandledTransportAction<Request, Response> {
    private final TransportService transportService;
    private final ThreadPool threadPool;
    private final Peers peers;
    private final ClusterModels models;

    @Inject
    public Transport(
        TransportService transportService,
        ActionFilters actionFilters,
        ThreadPool threadPool,
        Peers peers,
        ClusterModels models) {
      super(
          TYPE.name(),
          transportService,
          actionFilters,
          Request::new,
          EsExecutors.DIRECT_EXECUTOR_SERVICE);
      this.transportService = transportService;
      this.threadPool = threadPool;
      this.peers = peers;
      this.models = models;
      transportService.registerRequestHandler(
          ON_NODE,
          threadPool.generic(),
          Request::new,
          (request, channel, task) ->
              answer(
                  (CancellableTask) task,
                  request,
                  AnsweredOnce.of(new ChannelActionListener<>(channel))));
    }

    @Override
    protected void doExecute(Task task, Request request, ActionListener<Response> listener) {
      Releasable room = peers.limits().room(request);
      new Tries(
              transportService, peers, task, request, ActionListener.releaseBefore(room, listener))
          .next();
    }

    private void answer(CancellableTask task, Request request, ActionListener<Response> listener) {
      Executor threads =
          request.work.priority().isEmpty() // it is done where it is asked for
              ? threadPool.executor(Chunker.POOL)
              : EsExecutors.DIRECT_EXECUTOR_SERVICE;
      threads.execute(ActionRunnable.wrap(listener, l -> ask(task, request, l)));
    }

    private void ask(CancellableTask task, Request request, ActionListener<Response> listener) {
      CompletableFuture<? extends List<?>> future =
          models.forOthers(request.modelId, request.generation).ask(request.work::ask);
      AnsweredOnce.when(
          future,
          failure -> EncoderFailures.withStatus(request.modelId, failure),
          listener.<List<?>>map(
              answers -> {
                models.stayForOthers(request.modelId, request.generation);
                return new Response(answers);
              }));
      task.addListener(() -> future.cancel(false));
    }
  }
}

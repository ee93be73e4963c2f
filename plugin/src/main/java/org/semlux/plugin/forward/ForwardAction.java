package org.semlux.plugin.forward;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionListenerResponseHandler;
import org.elasticsearch.action.ActionRequestValidationException;
import org.elasticsearch.action.ActionResponse;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.action.ActionType;
import org.elasticsearch.action.UntypedActionRequest;
import org.elasticsearch.action.support.ActionFilters;
import org.elasticsearch.action.support.ChannelActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.action.support.HandledTransportAction;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.injection.guice.Inject;
import org.elasticsearch.node.NodeClosedException;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.ActionNotFoundTransportException;
import org.elasticsearch.transport.ConnectTransportException;
import org.elasticsearch.transport.ReceiveTimeoutTransportException;
import org.elasticsearch.transport.TransportRequestOptions;
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

  private static final Logger LOGGER = LogManager.getLogger(ForwardAction.class);
  private static final String ON_NODE = TYPE.name() + "[n]";

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
    private final ClusterService clusterService;
    private final ThreadPool threadPool;
    private final Peers peers;
    private final ClusterModels models;

    @Inject
    public Transport(
        TransportService transportService,
        ClusterService clusterService,
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
      this.clusterService = clusterService;
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
      new Tries(task, request, ActionListener.releaseBefore(room, listener)).next();
    }

    /** One node after the other. */
    private final class Tries {
      private final Task task;
      private final Request request;
      private final ActionListener<Response> listener;
      private final Set<String> tried = new HashSet<>(); // one try at a time
      private Exception last;
      private boolean looked;

      Tries(Task task, Request request, ActionListener<Response> listener) {
        this.task = task;
        this.request = request;
        this.listener = listener;
      }

      void next() {
        DiscoveryNode node = peers.pick(request, tried).orElse(null);
        if (node == null) {
          giveUp();
          return;
        }
        tried.add(node.getId());
        PeerLoads.Call call = peers.begin(node, request);
        ActionListener<Response> answered =
            ActionListener.releaseBefore(
                call,
                ActionListener.wrap(
                    response -> {
                      if (request.work.priority().isPresent()) {
                        call.tellsPace();
                      }
                      listener.onResponse(response);
                    },
                    e -> failed(node, call, e)));
        // What has no time limit ends when the cluster removes a node that hangs.
        TransportRequestOptions options =
            peers
                .limits()
                .patience(request.work)
                .map(TransportRequestOptions::timeout)
                .orElse(TransportRequestOptions.EMPTY);
        transportService.sendChildRequest(
            node,
            ON_NODE,
            request,
            task,
            options,
            new ActionListenerResponseHandler<>(answered, Response::new, threadPool.generic()));
      }

      /** Not before the nodes were asked once: another may have loaded the model meanwhile. */
      private void giveUp() {
        boolean left = last == null || hasLeft(last); // to Elasticsearch one that hangs is 429 too
        if (!left && ExceptionsHelper.status(last) == RestStatus.TOO_MANY_REQUESTS) {
          listener.onFailure(last); // at once, as nothing is gained by more work
        } else if (looked) {
          listener.onFailure(left ? unavailable() : last);
        } else {
          looked = true;
          ActionListener<Void> seen = listener.delegateFailure((l, nothing) -> next());
          // The nodes may be being asked for others, and answer under their rights.
          AnsweredOnce.when(
              peers.look(),
              failure -> unavailable(),
              ContextPreservingActionListener.wrapPreservingContext(
                  seen, threadPool.getThreadContext()));
        }
      }

      private void failed(DiscoveryNode node, PeerLoads.Call call, Exception e) {
        Exception cause = (Exception) ExceptionsHelper.unwrapCause(e);
        if (cause instanceof ReceiveTimeoutTransportException) {
          call.tellsPace();
        }
        if (!hasLeft(cause) && !isElsewhereToo(ExceptionsHelper.status(cause))) {
          listener.onFailure(cause);
          return;
        }
        LOGGER.debug("node [{}] does not do [{}]", node.getName(), request.getDescription(), cause);
        // That a node is full says more than that another has left.
        last = last != null && hasLeft(cause) ? last : cause;
        next();
      }

      private ElasticsearchStatusException unavailable() {
        return new ElasticsearchStatusException(
            "model [{}] is not loaded on node [{}], and the nodes that had it have left or do"
                + " not answer: try again shortly",
            RestStatus.SERVICE_UNAVAILABLE,
            request.modelId,
            clusterService.getNodeName());
      }
    }

    /** Whether a node could not be reached, hangs, or is none that takes such requests. */
    private static boolean hasLeft(Exception e) {
      return e instanceof ConnectTransportException
          || e instanceof ReceiveTimeoutTransportException
          || e instanceof NodeClosedException
          || e instanceof ActionNotFoundTransportException;
    }

    /** Whether another node may answer: this one has no room, or lost its model. */
    private static boolean isElsewhereToo(RestStatus status) {
      return switch (status) {
        case TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE, CONFLICT, NOT_FOUND -> true;
        default -> false;
      };
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

package org.semlux.plugin.forward;

import java.util.HashSet;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionListenerResponseHandler;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.node.NodeClosedException;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.transport.ActionNotFoundTransportException;
import org.elasticsearch.transport.ConnectTransportException;
import org.elasticsearch.transport.ReceiveTimeoutTransportException;
import org.elasticsearch.transport.TransportRequestOptions;
import org.elasticsearch.transport.TransportService;
import org.semlux.ingest.deployed.AnsweredOnce;

/**
 * One request to one node after the other, until one does it or none is left. Not thread-safe:
 * there is one try at a time.
 */
final class Tries {
  private static final Logger LOGGER = LogManager.getLogger(Tries.class);

  private final TransportService transportService;
  private final Peers peers;
  private final Task task;
  private final ForwardAction.Request request;
  private final ActionListener<ForwardAction.Response> listener;
  private final Set<String> tried = new HashSet<>();
  private Exception last;
  private boolean looked;

  Tries(
      TransportService transportService,
      Peers peers,
      Task task,
      ForwardAction.Request request,
      ActionListener<ForwardAction.Response> listener) {
    this.transportService = transportService;
    this.peers = peers;
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
    ActionListener<ForwardAction.Response> answered =
        ActionListener.releaseBefore(
            call,
            ActionListener.wrap(
                response -> {
                  if (request.work().priority().isPresent()) {
                    call.tellsPace();
                  }
                  listener.onResponse(response);
                },
                e -> failed(node, call, e)));
    // What has no time limit ends when the cluster removes a node that hangs.
    TransportRequestOptions options =
        peers
            .limits()
            .patience(request.work())
            .map(TransportRequestOptions::timeout)
            .orElse(TransportRequestOptions.EMPTY);
    transportService.sendChildRequest(
        node,
        ForwardAction.ON_NODE,
        request,
        task,
        options,
        new ActionListenerResponseHandler<>(
            answered, ForwardAction.Response::new, transportService.getThreadPool().generic()));
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
              seen, transportService.getThreadPool().getThreadContext()));
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
        request.modelId(),
        transportService.getLocalNode().getName());
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
}

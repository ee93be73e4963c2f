package org.semlux.plugin.forward;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.FailedNodeException;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNode;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.component.AbstractLifecycleComponent;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.node.Node;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.tasks.TaskManager;
import org.semlux.encoders.api.Priority;
import org.semlux.ingest.deployed.AnsweredOnce;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.model.Elsewhere;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.NodeModel;

/**
 * The other nodes and the models that they have loaded. They are asked when a cluster state brings
 * a model that this node lacks, and again while somebody asks for one: after some seconds, or
 * before that is answered where nobody is known to have it. Of those that have a model the one gets
 * a request that is likely to answer first ({@link PeerLoads}). Thread-safe; nothing waits.
 */
public final class Peers extends AbstractLifecycleComponent implements Elsewhere {
  private static final Logger LOGGER = LogManager.getLogger(Peers.class);

  /**
   * How long an answer holds: a node that has lost its model meanwhile says so and is passed by.
   */
  private static final long FRESH_MILLIS = 5_000;

  /** For a node to tell what it has: who asks for a model waits up to twice as long for it. */
  private static final TimeValue TIMEOUT = TimeValue.timeValueSeconds(2);

  /** What is out of use is closed on every node by then. */
  private static final long FORMER_MILLIS = 60_000;

  private record Found(RemoteModel model, List<String> nodes) {}

  private record Former(List<String> nodes, long sinceMillis) {}

  private final ClusterService clusterService;
  private final Client client;
  private final TaskManager tasks;
  private final ForwardLimits limits;
  private final PeerLoads loads = new PeerLoads(System::nanoTime);
  private volatile Map<String, Found> found = Map.of();
  private volatile Map<RemoteModel, Former> former = Map.of(); // had by nodes until lately
  private final Looks looks;

  /**
   * @param maxBytes of texts, and of vectors that go along, that may be under way to other nodes
   * @param maxWait how long a node may let texts wait before it begins with them
   */
  public Peers(
      ClusterService clusterService,
      Client client,
      TaskManager tasks,
      long maxBytes,
      Function<Priority, Duration> maxWait) {
    this.clusterService = clusterService;
    this.client = client;
    this.tasks = tasks;
    this.limits =
        new ForwardLimits(Node.NODE_NAME_SETTING.get(client.settings()), maxBytes, maxWait);
    this.looks = new Looks(client.threadPool(), this::askNodes);
  }

  ForwardLimits limits() {
    return limits;
  }

  @Override
  public Optional<DeployedModel> model(ModelDefinition model) {
    Found known = found.get(model.id());
    DiscoveryNodes nodes = clusterService.state().nodes();
    boolean useful =
        known != null
            && known.model.generation() == model.generation()
            && known.nodes.stream().anyMatch(nodes::nodeExists);
    if (useful && looks.ageMillis() > FRESH_MILLIS) {
      var unused = look();
    }
    return useful ? Optional.of(known.model) : Optional.empty();
  }

  @Override
  public CompletableFuture<Void> look() {
    return looks.look();
  }

  /**
   * @param end run whatever is thrown: texts wait for it
   */
  private void askNodes(Runnable end) {
    AnsweredOnce.run(
        AnsweredOnce.of(
            ActionListener.wrap(
                this::learn, e -> LOGGER.debug("nodes do not tell what they have loaded", e)),
            end),
        learnt -> NodeModelsAction.ask(client, TIMEOUT, learnt));
  }

  private void learn(NodeModelsAction.Response answer) {
    String here = clusterService.localNode().getId();
    Map<String, Found> now = new HashMap<>();
    for (NodeModelsAction.NodeResponse node : answer.getNodes()) {
      if (node.getNode().getId().equals(here)) {
        continue;
      }
      node.loaded()
          .forEach(
              (id, status) ->
                  now.computeIfAbsent(
                          id, unseen -> new Found(remote(id, status), new ArrayList<>()))
                      .nodes
                      .add(node.getNode().getId()));
    }
    // A node that gave no answer may be busy: it stays where nobody else has the model.
    Set<String> silent =
        answer.failures().stream().map(FailedNodeException::nodeId).collect(Collectors.toSet());
    found.forEach(
        (id, known) -> {
          List<String> kept = known.nodes.stream().filter(silent::contains).toList();
          if (!kept.isEmpty()) {
            now.putIfAbsent(id, new Found(known.model, kept));
          }
        });
    // Of two uploads of one id, seen while one takes the other's place, either may be kept: nodes
    // with another one say so.
    keepFormer(now);
    found = Map.copyOf(now);
  }

  /** Who has begun to ask a model goes on when it is taken out of use: nodes still answer. */
  private void keepFormer(Map<String, Found> now) {
    long millis = client.threadPool().relativeTimeInMillis();
    Map<RemoteModel, Former> kept = new HashMap<>(former);
    kept.values().removeIf(past -> millis - past.sinceMillis > FORMER_MILLIS);
    found.values().forEach(known -> kept.put(known.model, new Former(known.nodes, millis)));
    now.values().forEach(known -> kept.remove(known.model));
    former = Map.copyOf(kept);
  }

  /** The one that is known already where it is the same, since answers are remembered by it. */
  private RemoteModel remote(String id, NodeModel status) {
    Found before = found.get(id);
    return before != null && before.model.generation() == status.generation()
        ? before.model
        : new RemoteModel(this, id, status.generation(), status.shape().orElseThrow());
  }

  /**
   * Which node to ask.
   *
   * @param tried those that were asked already
   * @return empty when there is none left
   */
  Optional<DiscoveryNode> pick(ForwardAction.Request request, Set<String> tried) {
    DiscoveryNodes nodes = clusterService.state().nodes();
    List<String> left =
        nodesWith(request.modelId(), request.generation()).stream()
            .filter(node -> nodes.nodeExists(node) && !tried.contains(node))
            .toList();
    return left.isEmpty() ? Optional.empty() : Optional.of(nodes.get(loads.nearest(left)));
  }

  private List<String> nodesWith(String id, long generation) {
    Found known = found.get(id);
    if (known != null && known.model.generation() == generation) {
      return known.nodes;
    }
    return former.entrySet().stream()
        .filter(past -> past.getKey().id().equals(id) && past.getKey().generation() == generation)
        .findAny()
        .map(past -> past.getValue().nodes)
        .orElse(List.of());
  }

  /** Counts a request to a node until it is answered. */
  PeerLoads.Call begin(DiscoveryNode node, ForwardAction.Request request) {
    return loads.begin(node.getId(), request.bytes() + ForwardLimits.REQUEST_BYTES);
  }

  /**
   * Sends a request, as the server itself: what its caller may do was asked before. The task ends
   * with the future, on the other node too.
   */
  CompletableFuture<List<?>> ask(ForwardAction.Request request) {
    CompletableFuture<List<?>> answer = new CompletableFuture<>();
    ThreadContext context = client.threadPool().getThreadContext();
    Task task;
    ThreadContext.StoredContext caller = context.newEmptySystemContext();
    try {
      task =
          ((NodeClient) client)
              .executeLocally(
                  ForwardAction.TYPE,
                  request,
                  ActionListener.wrap(
                      response -> answer.complete(response.answers()),
                      answer::completeExceptionally));
    } finally {
      caller.restore();
    }
    var unused =
        answer.whenComplete(
            (answers, failure) -> {
              if (answer.isCancelled()) {
                cancel((CancellableTask) task);
              }
            });
    return answer;
  }

  private void cancel(CancellableTask task) {
    ThreadContext.StoredContext caller =
        client.threadPool().getThreadContext().newEmptySystemContext();
    try {
      tasks.cancelTaskAndDescendants(task, "given up", false, ActionListener.noop());
    } finally {
      caller.restore();
    }
  }

  @Override
  protected void doStart() {}

  @Override
  protected void doStop() {
    looks.stop();
  }

  @Override
  protected void doClose() {}
}

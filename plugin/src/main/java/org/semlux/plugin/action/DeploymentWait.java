package org.semlux.plugin.action;

import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.coordination.Coordinator;
import org.elasticsearch.cluster.coordination.LagDetector;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.plugin.action.NodeModelsAction.Standing;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.SemluxMetadata;

/**
 * Asks the nodes about a model, with growing pauses, until each has loaded it or failed, or nobody
 * waits any more. Nodes that join meanwhile are waited for as well, those that leave are not.
 */
final class DeploymentWait {
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LAST_PAUSE_MILLIS = 500;

  private final Client client;
  private final ClusterService clusterService;
  private final ThreadPool threadPool;
  private final ModelDefinition model;
  private final TimeValue timeout;
  private final long endMillis;

  /** From when on no node tells of the deployment before. */
  private final long allKnowMillis;

  private final CancellableTask task;
  private final ActionListener<Void> listener;

  /** Whether this node has applied the deployment: with a short timeout it is asked before that. */
  private boolean seen;

  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /**
   * @param applied whether every node knows of the deployment: what one that does not says of a
   *     failure is about the one before. Elasticsearch does not tell whether it is a node that is
   *     late or one that has left; late ones are removed from the cluster
   * @param startMillis since when the timeout runs, in the thread pool's relative time
   * @param timeout negative for no end, as wherever Elasticsearch waits
   * @param task nobody waits any more when it is cancelled
   */
  DeploymentWait(
      Client client,
      ClusterService clusterService,
      ModelDefinition model,
      boolean applied,
      long startMillis,
      TimeValue timeout,
      CancellableTask task,
      ActionListener<Void> listener) {
    this.client = client;
    this.clusterService = clusterService;
    this.threadPool = client.threadPool();
    this.model = model;
    this.timeout = timeout;
    this.endMillis = startMillis + Math.max(0, timeout.millis());
    this.allKnowMillis =
        threadPool.relativeTimeInMillis() + (applied ? 0 : lag(clusterService.getSettings()));
    this.task = task;
    this.listener = listener;
  }

  /** How long a node may be late with a state before it is removed from the cluster. */
  private static long lag(Settings settings) {
    return Coordinator.PUBLISH_TIMEOUT_SETTING.get(settings).millis()
        + LagDetector.CLUSTER_FOLLOWER_LAG_TIMEOUT_SETTING.get(settings).millis();
  }

  void ask() {
    task.ensureNotCancelled();
    NodeModelsAction.ask(
        client,
        endless() ? TimeValue.MINUS_ONE : TimeValue.timeValueMillis(left()),
        listener.delegateFailureAndWrap((l, answer) -> judge(answer)));
  }

  private boolean endless() {
    return timeout.millis() < 0;
  }

  private long left() {
    return Math.max(0, endMillis - threadPool.relativeTimeInMillis());
  }

  private void judge(NodeModelsAction.Response answer) {
    boolean wanted =
        SemluxMetadata.of(clusterService.state())
            .find(model.id())
            .filter(present -> present.deployed() && present.sameUpload(model))
            .isPresent();
    boolean all = threadPool.relativeTimeInMillis() >= allKnowMillis;
    if (!wanted && (seen || all)) { // one that was undone in the same change is never seen
      throw failure(RestStatus.CONFLICT, "was undeployed or replaced while it was being deployed");
    }
    seen = wanted;
    List<Standing> nodes = answer.standings(model, clusterService.state().nodes());
    if (nodes.isEmpty()) {
      throw failure(
          RestStatus.BAD_REQUEST,
          "has no node to run on: semlux.node.enabled is false on every node of the cluster");
    }
    List<Standing> lacking = nodes.stream().filter(node -> !node.is(ModelState.DEPLOYED)).toList();
    if (lacking.isEmpty()) {
      listener.onResponse(null);
    } else if (!all || !lacking.stream().allMatch(node -> node.is(ModelState.FAILED))) {
      // What gives no answer is on its way into or out of the cluster.
      askAgain(lacking, nodes.size());
    } else {
      String others =
          lacking.size() == nodes.size()
              ? ""
              : "; the other nodes answer for these: PUT /_semlux/aliases/<alias>?force=true points"
                  + " an alias to it all the same";
      throw failure(
          RestStatus.BAD_REQUEST, "could not be loaded on " + Standing.all(lacking) + others);
    }
  }

  private void askAgain(List<Standing> lacking, int nodes) {
    if (!endless() && left() == 0) {
      throw failure(
          RestStatus.REQUEST_TIMEOUT,
          lacking.size()
              + " of "
              + nodes
              + " nodes did not load it within "
              + timeout
              + ": "
              + Standing.all(lacking)
              + "; loading goes on in the background, see GET /_semlux/models/"
              + model.id());
    }
    TimeValue pause = TimeValue.timeValueMillis(pauseMillis);
    pauseMillis = Math.min(2 * pauseMillis, LAST_PAUSE_MILLIS);
    threadPool.schedule(
        ActionRunnable.wrap(listener, l -> ask()),
        pause,
        threadPool.executor(ThreadPool.Names.MANAGEMENT));
  }

  private ElasticsearchStatusException failure(RestStatus status, String what) {
    return new ElasticsearchStatusException("model [{}] {}", status, model.id(), what);
  }
}

package org.semlux.plugin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterStateListener;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.component.AbstractLifecycleComponent;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.load.MemoryNeed;
import org.semlux.ingest.deployed.DeployedModel;

/**
 * The models of this node. Follows the cluster's metadata: fetches, verifies and loads what is
 * deployed, closes what no longer is, deletes the copies of what the cluster has forgotten. One
 * pass at a time sees to all of that, on the generic pool, and every change that matters asks for
 * another pass; so a node that restarts or joins does what one does that was always there. Loads
 * run beside it, several at once.
 *
 * <p>What the node ended with while it loaded is loaded alone: so one knows what ends it, and no
 * other model is taken for that; after minutes others no longer wait. {@link LoadFailures} says
 * what becomes of a load that failed.
 */
public final class NodeModels extends AbstractLifecycleComponent implements ClusterStateListener {
  private static final Logger LOGGER = LogManager.getLogger(NodeModels.class);

  /** Loads a verified folder. */
  @FunctionalInterface
  public interface Loader {
    Encoder load(Path folder, ModelOptions options) throws IOException;

    /** What a verified folder's model will take. */
    default MemoryNeed need(Path folder, ModelOptions options) throws IOException {
      return MemoryNeed.NONE;
    }
  }

  private final ClusterService clusterService;
  private final ThreadPool threadPool;
  private final Executor executor;
  private final boolean enabled;
  private final ModelCopies copies;
  private final LoadFailures failures;
  private final Loader loader;
  private final ModelMemory memory;
  private final Elsewhere elsewhere;

  private final RunningLoads loads;
  private final Map<String, LocalModel> locals = new ConcurrentHashMap<>();
  private final RetiringModels retiring;
  private final AtomicInteger changes = new AtomicInteger();
  private volatile ClusterView view = ClusterView.NONE;

  /**
   * @param enabled whether this node takes part
   * @param root where the copies lie; created when there is one to keep
   * @param elsewhere told to look for models that are not loaded here
   */
  public NodeModels(
      ClusterService clusterService,
      ThreadPool threadPool,
      ModelStore store,
      boolean enabled,
      Path root,
      Loader loader,
      ModelMemory memory,
      Elsewhere elsewhere) {
    this.elsewhere = elsewhere;
    this.clusterService = clusterService;
    this.threadPool = threadPool;
    this.executor = threadPool.generic();
    this.enabled = enabled;
    this.copies = new ModelCopies(root, store);
    this.failures = new LoadFailures(copies);
    this.loads = new RunningLoads(threadPool);
    this.loader = loader;
    this.memory = memory;
    memory.whenRoom(this::tryWhatLackedRoom);
    this.retiring = new RetiringModels(threadPool);
  }

  public boolean enabled() {
    return enabled;
  }

  /** What this node knows of the cluster's models. */
  ClusterView view() {
    return view;
  }

  /** The encoder of a model, if this upload of it is loaded. */
  Optional<Encoder> encoder(ModelDefinition model) {
    return local(model).flatMap(LocalModel::encoder);
  }

  /** The same as it can be asked. */
  Optional<DeployedModel> loaded(ModelDefinition model) {
    return local(model).flatMap(LocalModel::loaded);
  }

  /** An upload as other nodes may ask it: one that closes too, which they keep open for a while. */
  Optional<DeployedModel> forOthers(String id, long generation) {
    return Optional.ofNullable(locals.get(id))
        .filter(local -> local.model().generation() == generation)
        .filter(local -> local.encoder().isPresent()) // else one that closes still has it
        .or(() -> retiring.find(id, generation))
        .flatMap(local -> local.loadedForOthers(threadPool.rawRelativeTimeInMillis()));
  }

  private Optional<LocalModel> local(ModelDefinition model) {
    return Optional.ofNullable(locals.get(model.id()))
        .filter(local -> local.model().sameUpload(model));
  }

  /** Where a model stands here. */
  NodeModel status(ModelDefinition model) {
    LocalModel local = locals.get(model.id());
    return local != null && local.isOf(model)
        ? local.status()
        : NodeModel.deploying(model, loads.waitsFor(model));
  }

  /** Whether a model that has failed is loaded again without anybody's doing. */
  boolean isTriedAgain(ModelDefinition model) {
    LocalModel local = locals.get(model.id());
    return local != null && local.isOf(model) && local.isTriedAgain();
  }

  /** Where each deployed model stands on this node; empty where the node takes no part. */
  public Map<String, NodeModel> statuses() {
    Map<String, NodeModel> statuses = new TreeMap<>();
    if (enabled) {
      view.models().values().stream()
          .filter(ModelDefinition::deployed)
          .forEach(model -> statuses.put(model.id(), status(model)));
    }
    return statuses;
  }

  /** Bytes outside of the heap that each loaded model holds, by its id. */
  public Map<String, Long> reserved() {
    Map<String, Long> reserved = new TreeMap<>();
    locals.forEach((id, local) -> local.room().ifPresent(room -> reserved.put(id, room.bytes())));
    return reserved;
  }

  /** What this node's models may hold together. */
  public ModelMemory memory() {
    return memory;
  }

  /** The encoders that are loaded, by their models' ids; any may be closed at any time. */
  public Map<String, Encoder> loaded() {
    Map<String, Encoder> loaded = new TreeMap<>();
    locals.forEach((id, local) -> local.encoder().ifPresent(encoder -> loaded.put(id, encoder)));
    return loaded;
  }

  @Override
  public void clusterChanged(ClusterChangedEvent event) {
    ClusterView.of(event.state()).filter(next -> !next.equals(view)).ifPresent(this::follow);
  }

  private void follow(ClusterView next) {
    boolean storeIsBack = next.storeReadable() && !view.storeReadable();
    view = next;
    // A failure is forgotten with its deployment, so that the next one is a new try; and with the
    // store's return, which may have been what it lacked.
    locals
        .values()
        .removeIf(
            local -> local.encoder().isEmpty() && (storeIsBack || !next.wants(local.model())));
    failures.forgetRests(model -> !model.equals(next.models().get(model.id())));
    if (next.models().values().stream().anyMatch(m -> m.deployed() && encoder(m).isEmpty())) {
      var unused = elsewhere.look();
    }
    wake();
  }

  /**
   * Asks for a pass: this one if none runs, else one more when that ends. Nothing of a node that
   * stops: its loads, given up, would each ask for a pass that begins them again.
   */
  private void wake() {
    if (enabled && !lifecycle.stoppedOrClosed() && changes.getAndIncrement() == 0) {
      try {
        executor.execute(this::catchUp);
      } catch (RejectedExecutionException e) {
        LOGGER.debug("the node is closing", e);
      }
    }
  }

  private void catchUp() {
    int seen;
    do {
      seen = changes.get();
      ClusterView now = view; // one for all steps: what goes gives its memory to what comes
      try {
        retireUnless(now::wants);
        loads.cancelUnless(now::wants);
        copies.deleteAllBut(now.models().values(), loads.models());
      } catch (IOException | RuntimeException e) {
        LOGGER.warn("copies of deleted models are left in the data folder", e);
      }
      Map<Boolean, List<ModelDefinition>> due =
          now.models().values().stream()
              .filter(model -> model.deployed() && isDue(model))
              .collect(Collectors.partitioningBy(model -> copies.mark(model).isThere()));
      due.get(false).forEach(model -> start(model, false));
      due.get(true).forEach(model -> start(model, true)); // last, as they hold up all others
    } while (!changes.compareAndSet(seen, 0));
  }

  private void start(ModelDefinition model, boolean alone) {
    if (!lifecycle.stoppedOrClosed()) {
      loads.start(model, alone, () -> bring(model), this::wake);
    }
  }

  /** Takes models out of use; each closes when what it was asked before has been answered. */
  private void retireUnless(Predicate<ModelDefinition> kept) {
    for (LocalModel local : List.copyOf(locals.values())) {
      if (!kept.test(local.model()) && locals.remove(local.model().id(), local)) {
        retiring.add(local);
        LOGGER.info("closed model [{}]", local.model().id());
      }
    }
  }

  private boolean isDue(ModelDefinition model) {
    LocalModel local = locals.get(model.id());
    if (local == null || !local.isOf(model)) {
      return true;
    }
    // One that waits asks for no pass: the state that makes its parts readable does.
    return local.isWaiting() ? canBeHad(model) : local.isDue(threadPool.rawRelativeTimeInMillis());
  }

  /** Whether there is a copy, or one can be fetched now. */
  private boolean canBeHad(ModelDefinition model) {
    return view.storeReadable() || copies.has(model);
  }

  /** Fetches and loads a model and keeps what came of it. */
  private void bring(ModelDefinition model) {
    if (!isDue(model)) {
      return; // another load of it ended after the pass had looked
    }
    if (!canBeHad(model)) {
      keep(LocalModel.waiting(model, "waits for the index that holds its parts"));
      return;
    }
    try {
      if (!failures.hasRested(model, threadPool.rawRelativeTimeInMillis())) {
        copies.mark(model).check(model);
      }
      Path folder = copies.verified(model, () -> isWanted(model));
      LoadAttempt attempt = new LoadAttempt(model, loader, memory, copies.mark(model));
      keep(attempt.load(folder, () -> mark(model)));
      failures.forgetRests(model::equals);
    } catch (ModelMemory.NoRoomException e) {
      copies.keepSound(model);
      judge(model, e);
    } catch (Throwable e) {
      // DJL throws Errors where its libraries are not as it likes them; one let go ends the node.
      judge(model, e);
    }
  }

  /** Puts a mark, not behind the back of {@link #doStop}, which takes them away. */
  private synchronized void mark(ModelDefinition model) {
    if (!isWanted(model)) {
      throw new CancellationException("model [" + model.id() + "] is no longer wanted");
    }
    copies.mark(model).put(model);
  }

  /** Forgets failures for want of room, as that is there now. */
  private void tryWhatLackedRoom() {
    if (locals.values().removeIf(LocalModel::lacksRoom)) {
      wake();
    }
  }

  private void judge(ModelDefinition model, Throwable e) {
    if (e instanceof CancellationException || !isWanted(model) || loads.isCancelled(model)) {
      LOGGER.debug("gave up model [{}]", model.id(), e);
      return;
    }
    long now = threadPool.rawRelativeTimeInMillis();
    LocalModel before = locals.get(model.id());
    LocalModel failed = failures.judge(model, Optional.ofNullable(before), e, now);
    LOGGER.warn("model [{}] is not loaded: {}", model.id(), failed.status().reason(), e);
    keep(failed);
    failed
        .pause(now)
        .ifPresent(pause -> threadPool.scheduleUnlessShuttingDown(pause, executor, this::wake));
  }

  private boolean isWanted(ModelDefinition model) {
    return lifecycle.started() && view.wants(model);
  }

  /** Takes what came of a model, unless it was undeployed or the node closed meanwhile. */
  private synchronized void keep(LocalModel local) {
    if (!isWanted(local.model())) {
      local.close();
      return;
    }
    LocalModel before = locals.put(local.model().id(), local);
    if (before != null) {
      retiring.add(before);
    }
  }

  @Override
  protected void doStart() {
    clusterService.addListener(this);
  }

  /** A node that ends in order while it loads did not end because of that. */
  @Override
  protected synchronized void doStop() {
    clusterService.removeListener(this);
    loads.cancelUnless(model -> false);
    loads.models().forEach(model -> copies.mark(model).remove());
  }

  @Override
  protected synchronized void doClose() {
    locals.values().forEach(LocalModel::close);
    locals.clear();
    retiring.closeAll();
  }
}

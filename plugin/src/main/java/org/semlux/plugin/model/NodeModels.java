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
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterStateListener;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.component.AbstractLifecycleComponent;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.load.MemoryNeed;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.ingest.deployed.DeployedModel;

/**
 * The models of this node. Follows the cluster's metadata: fetches, verifies and loads what is
 * deployed, closes what no longer is, deletes the copies of what the cluster has forgotten. One
 * pass at a time sees to all of that, on the generic pool, and every change that matters asks for
 * another pass; so a node that restarts or joins does what one does that was always there. Loads
 * run beside it, several at once.
 *
 * <p>A store or a disk that fails is tried again with growing pauses, at last once a minute, since
 * its cause may go; a model that cannot be loaded, or that the node ended with twice, stays failed
 * until it is deployed again.
 */
public final class NodeModels extends AbstractLifecycleComponent implements ClusterStateListener {
  private static final Logger LOGGER = LogManager.getLogger(NodeModels.class);
  private static final int PATIENCE = 8; // attempts until a model counts as failed
  private static final String ENDED =
      "the node ended twice while loading it; deploy it again to try once more";
  private static final TimeValue FIRST_PAUSE = TimeValue.timeValueMillis(500);
  private static final TimeValue LAST_PAUSE = TimeValue.timeValueMinutes(1);

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
  private final Loader loader;
  private final ModelMemory memory;
  private final Elsewhere elsewhere;

  private final RunningLoads loads = new RunningLoads();
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
    return local != null && local.isOf(model) ? local.status() : NodeModel.deploying(model, "");
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
      try {
        retireUnless(view::wants);
        loads.cancelUnless(view::wants);
        copies.deleteAllBut(view.models().values(), loads.models());
      } catch (IOException | RuntimeException e) {
        LOGGER.warn("copies of deleted models are left in the data folder", e);
      }
      for (ModelDefinition model : view.models().values()) {
        if (!lifecycle.stoppedOrClosed() && model.deployed() && isDue(model)) {
          loads.start(model, executor, () -> bring(model), this::wake);
        }
      }
    } while (!changes.compareAndSet(seen, 0));
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
    if (!canBeHad(model)) {
      keep(LocalModel.waiting(model, "waits for the index that holds its parts"));
      return;
    }
    try {
      if (copies.mark(model).isDeadly(model)) {
        throw ModelException.of(model.id(), ENDED);
      }
      Path folder = copies.verified(model, () -> isWanted(model));
      keep(load(model, folder));
    } catch (IOException
        | RuntimeException
        | LinkageError
        | AssertionError
        | StackOverflowError
        | OutOfMemoryError e) {
      // DJL throws Errors where its libraries are not as it likes them; one let go ends the node.
      judge(model, e);
    }
  }

  /** Loads and tries a model where there is room for it. */
  private LocalModel load(ModelDefinition model, Path folder) throws IOException {
    MemoryNeed need = loader.need(folder, model.manifest().options());
    ModelMemory.Reservation room = memory.reserve(need.whileLoading(), need.batches());
    try {
      Encoder encoder = loadMarked(model, folder);
      room.shrinkTo(need.loaded());
      return LocalModel.loaded(model, encoder, room);
    } catch (Throwable e) {
      room.close();
      throw e;
    }
  }

  /** Loads and tries a model, with a mark on the disk until it has done so or has failed to. */
  private Encoder loadMarked(ModelDefinition model, Path folder) throws IOException {
    LoadMark mark = copies.mark(model);
    synchronized (this) { // not behind the back of doStop
      if (!isWanted(model)) {
        throw new CancellationException("model [" + model.id() + "] is no longer wanted");
      }
      mark.put(model);
    }
    try {
      Encoder encoder = loader.load(folder, model.manifest().options());
      logPrecision(model, encoder.info());
      return encoder;
    } finally {
      mark.remove();
    }
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
    } else if (mayPass(e)) {
      tryAgain(model, e);
    } else {
      fail(model, e);
    }
  }

  /** Whether the model may be had later: the store or the disk failed, not the model. */
  private static boolean mayPass(Throwable e) {
    return (e instanceof ElasticsearchException && !(e instanceof ResourceNotFoundException))
        || e instanceof RejectedExecutionException
        || e instanceof IOException;
  }

  private static void logPrecision(ModelDefinition model, EncoderInfo info) {
    boolean slow = FastestPrecision.SERVING.slowness(info.precision()).isPresent();
    LOGGER.log(
        slow ? Level.WARN : Level.INFO,
        "loaded model [{}] in {}: {}",
        model.id(),
        info.precision(),
        info.precisionReason());
  }

  private void fail(ModelDefinition model, Throwable cause) {
    LOGGER.warn("model [{}] cannot be loaded", model.id(), cause);
    keep(LocalModel.failed(model, reason(cause)));
  }

  private String reason(Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return ModelException.sentence(copies.withoutPaths(message));
  }

  private void tryAgain(ModelDefinition model, Throwable cause) {
    LocalModel before = locals.get(model.id());
    int attempts = before == null || !before.isOf(model) ? 1 : before.attempts() + 1;
    // 0.5 s, 1 s, 2 s, … 32 s, then a minute each.
    TimeValue pause =
        attempts < PATIENCE
            ? TimeValue.timeValueMillis(FIRST_PAUSE.millis() << (attempts - 1))
            : LAST_PAUSE;
    LOGGER.warn("model [{}] is tried again in {}", model.id(), pause, cause);
    long next = threadPool.rawRelativeTimeInMillis() + pause.millis();
    // Nobody waits for a disk to be emptied.
    boolean failed = cause instanceof IOException || attempts >= PATIENCE;
    String reason = reason(cause) + "; this is tried again by itself";
    keep(
        cause instanceof ModelMemory.NoRoomException
            ? LocalModel.withoutRoom(model, reason, attempts, next)
            : LocalModel.tryingAgain(model, reason, failed, attempts, next));
    threadPool.scheduleUnlessShuttingDown(pause, executor, this::wake);
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
    for (ModelDefinition model : loads.models()) {
      try {
        copies.mark(model).remove();
      } catch (IOException e) {
        LOGGER.warn("model [{}] has to be deployed again", model.id(), e);
      }
    }
  }

  @Override
  protected synchronized void doClose() {
    locals.values().forEach(LocalModel::close);
    locals.clear();
    retiring.closeAll();
  }
}

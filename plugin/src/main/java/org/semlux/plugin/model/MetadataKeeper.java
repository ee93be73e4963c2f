package org.semlux.plugin.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateListener;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;

/**
 * Keeps the cluster's metadata and its copy beside the parts at one, on the elected master: what
 * changes in the metadata is written to the copy. Where the index has come out of a snapshot, with
 * the cluster's global state or without, the models of the copy whose parts are there are put into
 * the metadata, and parts that belong to none are deleted. One pass at a time does so; what fails
 * is tried again, and every step may be done twice.
 */
public final class MetadataKeeper implements ClusterStateListener {
  private static final Logger LOGGER = LogManager.getLogger(MetadataKeeper.class);
  private static final TimeValue PAUSE = TimeValue.timeValueSeconds(10);
  private static final TimeValue PATIENCE = TimeValue.timeValueSeconds(30);

  private final ThreadPool threadPool;
  private final ModelStore store;
  private final ModelUpdates updates;
  private final Consumer<ActionListener<Void>> pluginEverywhere;

  private final AtomicInteger changes = new AtomicInteger();
  private final AtomicBoolean retries = new AtomicBoolean();

  /** What the copy should be; empty while the index cannot be read or another node is master. */
  private volatile Optional<StoredMetadata> wanted = Optional.empty();

  /** What the copy is, as far as it is known. */
  private volatile Optional<StoredMetadata> stored = Optional.empty();

  /** Whether the index may hold parts of no model; by passes alone, one after the other. */
  private volatile boolean unswept;

  /** The metadata as the master had it when a change was made, and when that was. */
  private record Moment(SemluxMetadata metadata, long millis) {}

  /**
   * @param pluginEverywhere fails its listener where a node lacks the plugin: it could not read the
   *     cluster's state once that has a model
   */
  public MetadataKeeper(
      ThreadPool threadPool,
      ModelStore store,
      ModelUpdates updates,
      Consumer<ActionListener<Void>> pluginEverywhere) {
    this.threadPool = threadPool;
    this.store = store;
    this.updates = updates;
    this.pluginEverywhere = pluginEverywhere;
  }

  @Override
  public void clusterChanged(ClusterChangedEvent event) {
    ClusterState state = event.state();
    Optional<StoredMetadata> now =
        event.localNodeMaster() && ModelsIndex.isReadable(state)
            ? ModelsIndex.uuid(state)
                .map(uuid -> new StoredMetadata(uuid, SemluxMetadata.of(state)))
            : Optional.empty();
    if (!now.equals(wanted)) {
      wanted = now;
      wake();
    }
  }

  /** Asks for a pass: this one if none runs, else one more when that ends. */
  private void wake() {
    if (changes.getAndIncrement() == 0) {
      start();
    }
  }

  private void start() {
    try {
      threadPool.generic().execute(this::pass);
    } catch (RejectedExecutionException e) {
      LOGGER.debug("the node is closing", e);
    }
  }

  private void pass() {
    int seen = changes.get();
    ActionListener<Void> end =
        ActionListener.runAfter(
            ActionListener.wrap(done -> {}, this::tryAgain),
            () -> {
              if (!changes.compareAndSet(seen, 0)) {
                start();
              }
            });
    Optional<StoredMetadata> now = wanted;
    if (now.isEmpty()) {
      stored = Optional.empty(); // another master may write it meanwhile
      end.onResponse(null);
    } else if (stored.map(StoredMetadata::index).equals(now.map(StoredMetadata::index))) {
      writeAndSweep(now.get(), end);
    } else {
      SubscribableListener.<Optional<byte[]>>newForked(store::metadata)
          .<Void>andThen((l, copy) -> takeOver(now.get(), copy, l))
          .addListener(end);
    }
  }

  private void tryAgain(Exception e) {
    if (wanted.isEmpty()) { // the index went away meanwhile, or another master came
      LOGGER.debug("the copy of the models' definitions was given up", e);
      return;
    }
    LOGGER.warn("the copy of the models' definitions is tried again in {}", PAUSE, e);
    if (retries.compareAndSet(false, true)) {
      threadPool.scheduleUnlessShuttingDown(
          PAUSE,
          threadPool.generic(),
          () -> {
            retries.set(false);
            wake();
          });
    }
  }

  /** The index may have been replaced while a pass runs: nothing of the new one is touched. */
  private void requireSame(String index) {
    if (!wanted.map(StoredMetadata::index).equals(Optional.of(index))) {
      throw new IllegalStateException("the index of the models' parts is another one by now");
    }
  }

  private void writeAndSweep(StoredMetadata now, ActionListener<Void> listener) {
    SubscribableListener.<Void>newForked(l -> write(now, l))
        .<Void>andThen(l -> sweep(now.index(), l))
        .addListener(listener);
  }

  private void write(StoredMetadata now, ActionListener<Void> listener) throws Exception {
    if (stored.filter(now::equals).isPresent()) {
      listener.onResponse(null);
      return;
    }
    requireSame(now.index());
    store.putMetadata(
        now.bytes(),
        listener.map(
            done -> {
              stored = Optional.of(now);
              return null;
            }));
  }

  /** Looks at an index for the first time: is the copy in it its own, or that of a snapshot? */
  private void takeOver(StoredMetadata now, Optional<byte[]> copy, ActionListener<Void> listener)
      throws Exception {
    Optional<StoredMetadata> found =
        copy.isPresent() ? Optional.of(StoredMetadata.parse(copy.get())) : Optional.empty();
    boolean isOwn = found.map(StoredMetadata::index).equals(Optional.of(now.index()));
    unswept = !isOwn;
    if (isOwn) {
      stored = found;
      write(now, listener);
    } else if (found.isEmpty() || found.get().metadata().models().isEmpty()) {
      writeAndSweep(now, listener);
    } else {
      restore(now, found.get().metadata(), listener);
    }
  }

  /**
   * Models whose parts are in the index, those of the copy as those that are here, stay or come; so
   * this may be done again after others have changed models.
   */
  private void restore(StoredMetadata now, SemluxMetadata copy, ActionListener<Void> listener) {
    List<ModelDefinition> uploads = new ArrayList<>(copy.models().values());
    uploads.addAll(now.metadata().models().values());
    SubscribableListener.<Void>newForked(pluginEverywhere::accept)
        .<Set<ModelDefinition>>andThen(l -> store.withoutParts(uploads, l))
        .<Moment>andThen(
            (l, lacking) -> {
              requireSame(now.index());
              update(
                  "restore the models " + copy.models().keySet() + " out of a snapshot",
                  metadata -> metadata.restore(copy, lacking),
                  l);
            })
        .<Void>andThen(
            (l, moment) -> writeAndSweep(new StoredMetadata(now.index(), moment.metadata()), l))
        .addListener(listener);
  }

  /** Deletes parts that belong to no model. */
  private void sweep(String index, ActionListener<Void> listener) {
    if (!unswept) {
      listener.onResponse(null);
      return;
    }
    // As the master has it, where no upload is missing that was let in before.
    SubscribableListener.<Moment>newForked(
            l -> update("look for parts of no model", UnaryOperator.identity(), l))
        .<Set<String>>andThen(
            (l, moment) ->
                store.deleteOrphans(
                    moment.metadata(), moment.millis(), () -> requireSame(index), l))
        .addListener(
            listener.map(
                orphans -> {
                  warn(orphans);
                  unswept = false;
                  return null;
                }));
  }

  /** Makes a change and tells what came of it when all nodes have it. */
  private void update(
      String what, UnaryOperator<SemluxMetadata> change, ActionListener<Moment> listener) {
    AtomicReference<Moment> moment = new AtomicReference<>();
    updates.submit(
        what,
        new AcknowledgedRequest.Plain(PATIENCE, PATIENCE),
        metadata -> {
          SemluxMetadata after = change.apply(metadata);
          moment.set(new Moment(after, threadPool.absoluteTimeInMillis()));
          return after;
        },
        listener.<AcknowledgedResponse>map(
            answer -> {
              if (!answer.isAcknowledged()) {
                throw new IllegalStateException("not every node has applied in time: " + what);
              }
              return moment.get();
            }));
  }

  private static void warn(Set<String> orphans) {
    if (!orphans.isEmpty()) {
      LOGGER.warn(
          "parts of the models {}, which the cluster does not know, are deleted: where they came"
              + " out of a snapshot without definitions, restore it with the global state",
          orphans);
    }
  }
}

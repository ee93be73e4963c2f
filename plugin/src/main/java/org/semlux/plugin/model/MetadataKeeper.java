package org.semlux.plugin.model;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.action.support.master.AcknowledgedRequest;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateListener;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;

/**
 * Keeps the cluster's metadata and its copy beside the parts at one, on the elected master: what
 * changes in the metadata is written to the copy. Where the index has come out of a snapshot, with
 * the cluster's global state or without, the models of the copy are put into the metadata, and
 * parts that belong to none are deleted. One pass at a time does so; what fails is tried again.
 */
public final class MetadataKeeper implements ClusterStateListener {
  private static final Logger LOGGER = LogManager.getLogger(MetadataKeeper.class);
  private static final TimeValue PAUSE = TimeValue.timeValueSeconds(10);
  private static final TimeValue PATIENCE = TimeValue.timeValueSeconds(30);

  private final ClusterService clusterService;
  private final ThreadPool threadPool;
  private final ModelStore store;
  private final ModelUpdates updates;

  private final AtomicInteger changes = new AtomicInteger();

  /** What the copy should be; empty while the index cannot be read or another node is master. */
  private volatile Optional<StoredMetadata> wanted = Optional.empty();

  /** What the copy is, as far as it is known. */
  private volatile Optional<StoredMetadata> stored = Optional.empty();

  public MetadataKeeper(
      ClusterService clusterService,
      ThreadPool threadPool,
      ModelStore store,
      ModelUpdates updates) {
    this.clusterService = clusterService;
    this.threadPool = threadPool;
    this.store = store;
    this.updates = updates;
  }

  @Override
  public void clusterChanged(ClusterChangedEvent event) {
    ClusterState state = event.state();
    Optional<StoredMetadata> now =
        event.localNodeMaster() && ModelStore.isReadable(state)
            ? ModelStore.uuid(state).map(uuid -> new StoredMetadata(uuid, SemluxMetadata.of(state)))
            : Optional.empty();
    if (!now.equals(wanted)) {
      wanted = now;
      wake();
    }
  }

  /** Asks for a pass: this one if none runs, else one more when that ends. */
  private void wake() {
    if (changes.getAndIncrement() == 0) {
      threadPool.generic().execute(this::pass);
    }
  }

  private void pass() {
    int seen = changes.get();
    ActionListener<Void> end =
        ActionListener.runAfter(
            ActionListener.wrap(done -> {}, this::tryAgain),
            () -> {
              if (!changes.compareAndSet(seen, 0)) {
                threadPool.generic().execute(this::pass);
              }
            });
    Optional<StoredMetadata> now = wanted;
    if (now.isEmpty()) {
      stored = Optional.empty(); // another master may write it meanwhile
      end.onResponse(null);
    } else if (stored.map(StoredMetadata::index).equals(now.map(StoredMetadata::index))) {
      write(now.get(), end);
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
    threadPool.scheduleUnlessShuttingDown(PAUSE, threadPool.generic(), this::wake);
  }

  private void write(StoredMetadata now, ActionListener<Void> listener) {
    if (stored.filter(now::equals).isPresent()) {
      listener.onResponse(null);
      return;
    }
    ActionListener.run(
        listener,
        l ->
            store.putMetadata(
                now.bytes(),
                l.map(
                    done -> {
                      stored = Optional.of(now);
                      return null;
                    })));
  }

  /** Looks at an index for the first time: is the copy in it its own, or that of a snapshot? */
  private void takeOver(StoredMetadata now, Optional<byte[]> copy, ActionListener<Void> listener)
      throws Exception {
    Optional<StoredMetadata> found =
        copy.isPresent() ? Optional.of(StoredMetadata.parse(copy.get())) : Optional.empty();
    if (found.isPresent() && found.get().index().equals(now.index())) {
      stored = found;
      write(now, listener);
      return;
    }
    SubscribableListener.<AcknowledgedResponse>newForked(
            l ->
                updates.submit(
                    "restore the models "
                        + found.map(copied -> copied.metadata().models().keySet()).orElse(Set.of())
                        + " out of a snapshot",
                    new AcknowledgedRequest.Plain(PATIENCE, PATIENCE),
                    metadata ->
                        found.map(copied -> metadata.restore(copied.metadata())).orElse(metadata),
                    l))
        .<Set<String>>andThen(
            (l, restored) ->
                store.deleteOrphans(
                    SemluxMetadata.of(clusterService.state()),
                    threadPool.absoluteTimeInMillis(),
                    l))
        .<Void>andThen(
            (l, orphans) -> {
              warn(orphans);
              SemluxMetadata metadata = SemluxMetadata.of(clusterService.state());
              write(new StoredMetadata(now.index(), metadata), l);
            })
        .addListener(listener);
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

package org.semlux.plugin.forward;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;

/**
 * When the other nodes are asked: once at a time and with pauses between, for all who want it.
 * Nobody waits behind the node's end. Thread-safe; nothing waits.
 */
final class Looks {
  /** Between two looks at least, however many ask for what no node has. */
  private static final long PAUSE_MILLIS = 100;

  private static final CompletableFuture<Void> NONE = CompletableFuture.completedFuture(null);

  private final ThreadPool threadPool;
  private final Consumer<Runnable> ask;
  private volatile long lookedMillis = Long.MIN_VALUE / 2;
  private CompletableFuture<Void> asked = NONE; // these guarded by this
  private CompletableFuture<Void> next = new CompletableFuture<>();
  private boolean wanted;
  private boolean looking;
  private boolean stopped;

  /**
   * @param ask asks the nodes, and runs what it is given once that has ended
   */
  Looks(ThreadPool threadPool, Consumer<Runnable> ask) {
    this.threadPool = threadPool;
    this.ask = ask;
  }

  /** How long ago the last one ended. */
  long ageMillis() {
    return threadPool.relativeTimeInMillis() - lookedMillis;
  }

  /** Done on the generic pool when a look that begins from now on has ended. */
  CompletableFuture<Void> look() {
    CompletableFuture<Void> mine;
    synchronized (this) {
      if (stopped) {
        return NONE;
      }
      mine = next;
      wanted = true;
      if (looking) {
        return mine;
      }
      looking = true;
    }
    begin();
    return mine;
  }

  private void begin() {
    long pause = PAUSE_MILLIS - ageMillis();
    if (pause > 0) {
      threadPool.scheduleUnlessShuttingDown(
          TimeValue.timeValueMillis(pause), threadPool.generic(), this::askNodes);
    } else {
      askNodes();
    }
  }

  private void askNodes() {
    CompletableFuture<Void> mine;
    synchronized (this) {
      if (stopped) {
        return;
      }
      mine = next;
      asked = mine;
      next = new CompletableFuture<>();
      wanted = false;
    }
    ask.accept(() -> end(mine));
  }

  private void end(CompletableFuture<Void> mine) {
    boolean again;
    synchronized (this) {
      lookedMillis = threadPool.relativeTimeInMillis();
      again = wanted;
      looking = again;
    }
    complete(mine);
    if (again) {
      begin();
    }
  }

  /** Ends those under way and wanted: what a pool that shuts down has yet to run is dropped. */
  void stop() {
    CompletableFuture<Void> begun;
    CompletableFuture<Void> waiting;
    synchronized (this) {
      stopped = true;
      begun = asked;
      waiting = next;
    }
    complete(begun);
    complete(waiting);
  }

  private void complete(CompletableFuture<Void> look) {
    try {
      threadPool.generic().execute(() -> look.complete(null));
    } catch (RejectedExecutionException e) { // the node has closed
      look.complete(null);
    }
  }
}

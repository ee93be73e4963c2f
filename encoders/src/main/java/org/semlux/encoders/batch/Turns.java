package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.semlux.encoders.api.Priority;

/**
 * Who computes next, of all models that share threads. Turns of one priority go in their order.
 * Searches go first, reranking before documents, but none for ever: after some turns in a row the
 * next one is of those that waited. A turn is not interrupted: while searches come, some threads
 * take no other turns, and a search that finds others on all of them goes to a thread beside them.
 * Thread-safe.
 */
final class Turns {
  private record Turn(Priority priority, Runnable task) {}

  /** Turns of searches before one of others, where both wait for the same thread. */
  private static final int SEARCHES = 8;

  /** Turns of reranking before one of documents. */
  private static final int RERANKS = 2;

  /** How long after a search the next one is expected. */
  private static final long SEARCHING_NANOS = 1_000_000_000;

  private final Executor compute;
  private final int threads;
  private final Executor searches;
  private final Map<Priority, Deque<Runnable>> waiting = new EnumMap<>(Priority.class);
  private int searchesInARow; // while others could have gone
  private int reranksInARow; // while documents could have gone
  private int active;
  private int others; // turns that run for no search
  private boolean overtaking;
  private long lastSearch = System.nanoTime() - SEARCHING_NANOS;

  /**
   * @param threads that {@code compute} has
   * @param searches one more thread, for searches while others keep all of {@code compute}
   */
  Turns(Executor compute, int threads, Executor searches) {
    this.compute = compute;
    this.threads = threads;
    this.searches = searches;
    for (Priority priority : Priority.values()) {
      waiting.put(priority, new ArrayDeque<>());
    }
  }

  /**
   * Queues a turn.
   *
   * @throws RejectedExecutionException when the threads are shutting down; it will not run
   */
  void add(Priority priority, Runnable turn) {
    boolean overtakes;
    synchronized (this) {
      waiting.get(priority).add(turn);
      if (priority == Priority.SEARCH) {
        lastSearch = System.nanoTime();
      }
      overtakes = priority == Priority.SEARCH && others == threads && !overtaking;
      if (active == threads && !overtakes) {
        return;
      }
      overtaking |= overtakes;
      active += overtakes ? 0 : 1;
    }
    try {
      if (overtakes) {
        searches.execute(this::overtake);
      } else {
        compute.execute(this::work);
      }
    } catch (RejectedExecutionException e) {
      synchronized (this) {
        overtaking &= !overtakes;
        active -= overtakes ? 0 : 1;
        if (!waiting.get(priority).remove(turn)) {
          return; // another thread has taken it
        }
      }
      throw e;
    }
  }

  /** Searches that wait while others keep all threads. */
  private void overtake() {
    boolean left = false;
    try {
      for (Runnable turn = nextSearch(); turn != null; turn = nextSearch()) {
        turn.run();
      }
      left = true;
    } finally {
      if (!left) {
        endOvertaking();
      }
    }
  }

  private synchronized Runnable nextSearch() {
    Runnable turn = others == threads ? waiting.get(Priority.SEARCH).poll() : null;
    overtaking = turn != null;
    return turn;
  }

  private synchronized void endOvertaking() {
    overtaking = false;
  }

  /** Whether a turn that has begun had better end soon. */
  synchronized boolean somethingMoreUrgentWaits(Priority priority) {
    return waiting.entrySet().stream()
        .anyMatch(entry -> entry.getKey().compareTo(priority) < 0 && !entry.getValue().isEmpty());
  }

  private void work() {
    boolean left = false;
    try {
      for (Turn turn = begin(); turn != null; turn = begin()) {
        try {
          turn.task.run();
        } finally {
          end(turn);
        }
      }
      left = true;
    } finally {
      if (!left) {
        leave();
      }
    }
  }

  /** The next turn; the thread leaves where there is none that it may take. */
  private synchronized Turn begin() {
    Priority next = next();
    if (next == null) {
      active--;
      return null;
    }
    others += next == Priority.SEARCH ? 0 : 1;
    return new Turn(next, waiting.get(next).poll());
  }

  private Priority next() {
    boolean search = !waiting.get(Priority.SEARCH).isEmpty();
    boolean rerank = mayRun(Priority.RERANK);
    boolean ingest = mayRun(Priority.INGEST);
    if (!rerank && !ingest) {
      return search ? Priority.SEARCH : null;
    }
    if (search && searchesInARow < SEARCHES) {
      searchesInARow++;
      return Priority.SEARCH;
    }
    searchesInARow = 0;
    if (ingest && (!rerank || reranksInARow >= RERANKS)) {
      reranksInARow = 0;
      return Priority.INGEST;
    }
    reranksInARow++;
    return Priority.RERANK;
  }

  /** One thread in four, one of two too, is kept free for the next search while searches come. */
  private boolean mayRun(Priority other) {
    int kept = threads == 1 ? 0 : Math.ceilDiv(threads, 4);
    boolean free = others < threads - kept || System.nanoTime() - lastSearch >= SEARCHING_NANOS;
    return free && !waiting.get(other).isEmpty();
  }

  private synchronized void end(Turn turn) {
    others -= turn.priority == Priority.SEARCH ? 0 : 1;
  }

  private synchronized void leave() {
    active--;
  }
}

package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.semlux.encoders.api.Priority;

/**
 * Who computes next, of all models that share threads. Turns of one priority go in their order.
 * Where several wait each gets its share of the threads' time; who asks for less than that goes
 * first. A turn is not interrupted: while searches come, some threads take no other turns, and a
 * search that finds others on all of them goes to a thread beside them. A thread without a turn
 * waits a little before it goes back to its pool, and who has waited the least takes the next: what
 * a model needs is still in its core's caches, where pools would take their threads in turn.
 * Thread-safe.
 */
final class Turns {
  private record Turn(Priority priority, Runnable task, long began, long charged) {}

  /** How long after a search the next one is expected. */
  private static final long SEARCHING_NANOS = 1_000_000_000;

  private final Executor compute;
  private final int threads;
  private final Executor searches;
  private final LongSupplier clock;
  private final long lingerMillis;
  private final Map<Priority, Deque<Runnable>> waiting = new EnumMap<>(Priority.class);
  private final Shares shares = new Shares();
  private final Deque<CountDownLatch> lingering = new ArrayDeque<>(); // the last to begin is first
  private int active;
  private int others; // turns that run for no search
  private boolean overtaking;
  private long lastSearch;

  /**
   * @param threads that {@code compute} has
   * @param searches one more thread, for searches while others keep all of {@code compute}
   * @param clock nanoseconds
   * @param lingerMillis how long a thread waits for another turn
   */
  Turns(Executor compute, int threads, Executor searches, LongSupplier clock, long lingerMillis) {
    this.compute = compute;
    this.threads = threads;
    this.searches = searches;
    this.clock = clock;
    this.lingerMillis = lingerMillis;
    lastSearch = clock.getAsLong() - SEARCHING_NANOS;
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
    boolean starts;
    synchronized (this) {
      waiting.get(priority).add(turn);
      if (priority == Priority.SEARCH) {
        lastSearch = clock.getAsLong();
      }
      CountDownLatch call = lingering.poll();
      if (call != null) {
        call.countDown();
        return;
      }
      starts = active < threads;
      active += starts ? 1 : 0;
    }
    if (!starts) {
      letSearchesOvertake();
      return;
    }
    try {
      compute.execute(this::work);
    } catch (RejectedExecutionException e) {
      synchronized (this) {
        active--;
        if (!waiting.get(priority).remove(turn)) {
          return; // another thread has taken it
        }
      }
      throw e;
    }
  }

  /** Where searches wait and others keep all threads. */
  private void letSearchesOvertake() {
    synchronized (this) {
      if (overtaking || others < threads || waiting.get(Priority.SEARCH).isEmpty()) {
        return;
      }
      overtaking = true;
    }
    try {
      searches.execute(this::overtake);
    } catch (RejectedExecutionException e) {
      endOvertaking(); // the node is closing: they wait for their turn
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
    boolean overtakes = others == threads;
    Runnable turn = overtakes ? waiting.get(Priority.SEARCH).poll() : null;
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
        letSearchesOvertake();
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

  /** The next turn; the thread leaves where there is none that it may take for a while. */
  private Turn begin() {
    CountDownLatch call = new CountDownLatch(1);
    synchronized (this) {
      Turn turn = next();
      if (turn != null) {
        return turn;
      }
      lingering.push(call);
    }
    try {
      boolean unused = call.await(lingerMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // its pool is shutting down
    }
    synchronized (this) {
      lingering.remove(call);
      Turn turn = next();
      active -= turn == null ? 1 : 0;
      return turn;
    }
  }

  private Turn next() {
    List<Priority> candidates = Stream.of(Priority.values()).filter(this::mayRun).toList();
    if (candidates.isEmpty()) {
      return null;
    }
    Priority next = shares.next(candidates);
    others += next == Priority.SEARCH ? 0 : 1;
    return new Turn(next, waiting.get(next).poll(), clock.getAsLong(), shares.usual(next));
  }

  /** One thread in four, one of two too, is kept free for the next search while searches come. */
  private boolean mayRun(Priority priority) {
    if (waiting.get(priority).isEmpty()) {
      return false;
    }
    if (priority == Priority.SEARCH) {
      return true;
    }
    int kept = threads == 1 ? 0 : Math.ceilDiv(threads, 4);
    return others < threads - kept || clock.getAsLong() - lastSearch >= SEARCHING_NANOS;
  }

  private synchronized void end(Turn turn) {
    shares.end(turn.priority, clock.getAsLong() - turn.began, turn.charged);
    others -= turn.priority == Priority.SEARCH ? 0 : 1;
  }

  private synchronized void leave() {
    active--;
  }
}

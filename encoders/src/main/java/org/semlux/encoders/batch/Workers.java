package org.semlux.encoders.batch;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of encoders. Several encoders may share them: each hands over one batch at a time and
 * queues up again, so that no model holds up another for longer than that. A document's turn may
 * take seconds where the document is long: while all threads are on such turns, one more, which
 * waits otherwise, serves searches. Thread-safe.
 *
 * {@snippet lang=java :
 * Workers two = Workers.ofThreads(2); // for any number of encoders
 * EncoderOptions options = EncoderOptions.defaults().withWorkers(two);
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), options)) {
 *   encoder.encode(List.of("a text"));
 * }
 * Workers.endAll(); // at the end of the process: waits for the batches that run
 * }
 */
public final class Workers {
  /** For a batch: seconds at most, even of a large model. */
  private static final int PATIENCE_SECONDS = 10;

  /** Searches come this close to each other where their speed counts. */
  private static final int LINGER_MILLIS = 100;

  private static final Queue<Runnable> ENDS = new ConcurrentLinkedQueue<>();

  private static volatile int sharedThreads = Runtime.getRuntime().availableProcessors();

  private final Executor compute;
  private final int parallelism;
  private final Executor callbacks;
  private final Turns turns;

  /**
   * @param compute runs tokenizers and programs; each task keeps one core busy
   * @param parallelism tasks that run in {@code compute} at once, about its threads
   * @param searches runs those of searches while others keep all of {@code compute}
   * @param callbacks completes futures: what callers do next never holds up a compute thread
   */
  public Workers(Executor compute, int parallelism, Executor searches, Executor callbacks) {
    if (parallelism <= 0) {
      throw new IllegalArgumentException("parallelism must be above 0, is " + parallelism);
    }
    this.compute = compute;
    this.parallelism = parallelism;
    this.callbacks = callbacks;
    this.turns = new Turns(compute, parallelism, searches, System::nanoTime, LINGER_MILLIS);
  }

  /** With no thread that searches have to themselves. */
  public Workers(Executor compute, int parallelism, Executor callbacks) {
    this(compute, parallelism, compute, callbacks);
  }

  /** For tasks that are no encoder's. */
  public Executor compute() {
    return compute;
  }

  public int parallelism() {
    return parallelism;
  }

  Executor callbacks() {
    return callbacks;
  }

  /** What decides which encoder computes next. */
  Turns turns() {
    return turns;
  }

  /** The process's own daemon threads, one a core unless {@link #setShared} said otherwise. */
  public static Workers shared() {
    return Shared.WORKERS;
  }

  /** Says how many threads {@link #shared} has; of no effect once somebody asked for them. */
  public static void setShared(int threads) {
    sharedThreads = threads;
  }

  /** Daemon threads of one's own, which live until {@link #endAll}. */
  public static Workers ofThreads(int threads) {
    List<ExecutorService> computing =
        List.of(
            Executors.newFixedThreadPool(threads, daemons("semlux-encode-")),
            Executors.newSingleThreadExecutor(daemons("semlux-search-")));
    Workers workers =
        new Workers(
            computing.get(0),
            threads,
            computing.get(1),
            Executors.newSingleThreadExecutor(daemons("semlux-callback-")));
    ENDS.add(() -> workers.end(computing));
    return workers;
  }

  /**
   * Ends the threads that {@link #ofThreads} and {@link #shared} made; waits for the batches that
   * run. For the end of a process, be it by a signal: PyTorch takes its tables apart at exit, and a
   * thread that still computes then would crash.
   */
  public static void endAll() {
    ENDS.forEach(Runnable::run);
  }

  private void end(List<ExecutorService> computing) {
    turns.stop();
    computing.forEach(ExecutorService::shutdownNow);
    try {
      for (ExecutorService threads : computing) {
        boolean unused = threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + count.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    };
  }

  private static final class Shared {
    static final Workers WORKERS = ofThreads(sharedThreads);
  }
}

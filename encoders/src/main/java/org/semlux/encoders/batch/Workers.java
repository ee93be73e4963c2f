package org.semlux.encoders.batch;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
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
 * }
 */
public final class Workers {
  /** Searches come this close to each other where their speed counts. */
  private static final int LINGER_MILLIS = 100;

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

  /** Daemon threads of one's own, which live as long as the process. */
  public static Workers ofThreads(int threads) {
    return new Workers(
        Executors.newFixedThreadPool(threads, daemons("semlux-encode-")),
        threads,
        Executors.newSingleThreadExecutor(daemons("semlux-search-")),
        Executors.newSingleThreadExecutor(daemons("semlux-callback-")));
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

package org.semlux.encoders.batch;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of encoders. Several encoders may share them: each hands over one batch at a time and
 * queues up again, so that no model holds up another for longer than that.
 *
 * @param compute runs tokenizers and programs; each task keeps one core busy
 * @param parallelism tasks that one encoder keeps in {@code compute}, about its threads
 * @param callbacks completes futures: what callers do next never holds up a compute thread
 */
public record Workers(Executor compute, int parallelism, Executor callbacks) {
  public Workers {
    if (parallelism <= 0) {
      throw new IllegalArgumentException("parallelism must be above 0, is " + parallelism);
    }
  }

  /** The process's own daemon threads, one a core. */
  public static Workers shared() {
    return Shared.WORKERS;
  }

  /** Daemon threads of one's own, which live as long as the process. */
  public static Workers ofThreads(int threads) {
    ExecutorService compute = Executors.newFixedThreadPool(threads, daemons("semlux-encode-"));
    return new Workers(
        compute, threads, Executors.newSingleThreadExecutor(daemons("semlux-callback-")));
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
    static final Workers WORKERS = ofThreads(Runtime.getRuntime().availableProcessors());
  }
}

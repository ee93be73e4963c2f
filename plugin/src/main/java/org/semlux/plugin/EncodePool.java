package org.semlux.plugin;

import java.util.List;
import java.util.concurrent.Executor;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.EsExecutors.TaskTrackingConfig;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.threadpool.ExecutorBuilder;
import org.elasticsearch.threadpool.FixedExecutorBuilder;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.batch.Workers;

/**
 * The node's threads that encode, and the one that serves searches while those are on documents.
 */
final class EncodePool {
  static final String NAME = "semlux_encode";
  private static final String SEARCHES = "semlux_search";

  private EncodePool() {}

  static List<ExecutorBuilder<?>> builders(Settings settings) {
    return List.of(
        fixed(settings, NAME, SemluxSettings.ENCODE_THREADS.get(settings)),
        fixed(settings, SEARCHES, 1));
  }

  /**
   * The queue needs no bound of its own: a model never has more tasks in it than it has threads.
   */
  private static ExecutorBuilder<?> fixed(Settings settings, String name, int threads) {
    return new FixedExecutorBuilder(
        settings, name, threads, -1, "thread_pool." + name, TaskTrackingConfig.DO_NOT_TRACK);
  }

  /**
   * The pool's threads compute; the generic pool's call back. Both run under nobody's thread
   * context: a batch serves several users, and its task is started by whoever comes first.
   */
  static Workers workers(ThreadPool threadPool) {
    ThreadContext context = threadPool.getThreadContext();
    return new Workers(
        withoutContext(threadPool.executor(NAME), context),
        threadPool.info(NAME).getMax(),
        withoutContext(threadPool.executor(SEARCHES), context),
        withoutContext(threadPool.generic(), context));
  }

  private static Executor withoutContext(Executor executor, ThreadContext context) {
    return task -> {
      ThreadContext.StoredContext caller = context.stashContext();
      try {
        executor.execute(task);
      } finally {
        caller.restore();
      }
    };
  }
}

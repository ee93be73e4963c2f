package org.semlux.plugin;

import java.util.List;
import java.util.concurrent.Executor;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.EsExecutors;
import org.elasticsearch.common.util.concurrent.EsExecutors.TaskTrackingConfig;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.threadpool.ExecutorBuilder;
import org.elasticsearch.threadpool.FixedExecutorBuilder;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.batch.Workers;
import org.semlux.ingest.chunk.Chunker;

/**
 * The node's threads that encode, the one that serves searches while those are on documents, and
 * those that cut long texts, for which they are tokenized.
 */
final class EncodePool {
  static final String NAME = "semlux_encode";
  private static final String SEARCHES = "semlux_search";

  /** No bound is needed: a model never has more tasks in a queue than it has threads. */
  private static final int UNBOUNDED = -1;

  /** Shards' bulks and other nodes' requests, whose bytes are bounded: it is their number here. */
  private static final int TO_BE_CUT = 1_000;

  private EncodePool() {}

  static List<ExecutorBuilder<?>> builders(Settings settings) {
    return List.of(
        fixed(settings, NAME, SemluxSettings.ENCODE_THREADS.get(settings), UNBOUNDED),
        fixed(settings, SEARCHES, 1, UNBOUNDED),
        fixed(settings, Chunker.POOL, EsExecutors.allocatedProcessors(settings), TO_BE_CUT));
  }

  private static ExecutorBuilder<?> fixed(
      Settings settings, String name, int threads, int queueSize) {
    return new FixedExecutorBuilder(
        settings, name, threads, queueSize, "thread_pool." + name, TaskTrackingConfig.DO_NOT_TRACK);
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

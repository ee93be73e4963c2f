package org.semlux.plugin.reencode;

import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.ActionRunnable;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.tasks.TaskCancelledException;
import org.elasticsearch.threadpool.ThreadPool;

/** Waits of a run that end soon after it is cancelled. */
record Pauses(ThreadPool threadPool, ReencodeTask task) {
  private static final TimeValue LOOK_AFTER = TimeValue.timeValueSeconds(1);

  /** Goes on off the thread that calls, under the same user; looks often if it still may. */
  void after(long millis, Runnable step, ActionListener<?> listener) {
    if (task.isCancelled()) {
      listener.onFailure(new TaskCancelledException(task.getReasonCancelled()));
      return;
    }
    long wait = Math.min(millis, LOOK_AFTER.millis());
    Runnable next = millis == wait ? step : () -> after(millis - wait, step, listener);
    threadPool.schedule(
        threadPool
            .getThreadContext()
            .preserveContext(ActionRunnable.wrap(listener, l -> next.run())),
        TimeValue.timeValueMillis(wait),
        threadPool.generic());
  }
}

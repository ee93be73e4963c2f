package org.semlux.training.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** The threads that share each step. They wait without turning, unlike those of an operator. */
final class TrainingThreads implements AutoCloseable {
  private final int count;
  private final ExecutorService executor;

  TrainingThreads(int count) {
    this.count = count;
    executor =
        Executors.newFixedThreadPool(
            count,
            task -> {
              Thread thread = new Thread(task, "semlux-train");
              thread.setDaemon(true);
              return thread;
            });
  }

  int count() {
    return count;
  }

  /** Does so many tasks, at most {@link #count()} at a time, and waits for all of them. */
  <T> List<T> all(int tasks, IntFunction<T> task) {
    List<Callable<T>> calls = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      int number = i;
      calls.add(() -> task.apply(number));
    }
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> done : executor.invokeAll(calls)) {
        results.add(done.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new CompletionException(e.getCause());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}

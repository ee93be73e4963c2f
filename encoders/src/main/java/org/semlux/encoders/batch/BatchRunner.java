package org.semlux.encoders.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.semlux.encoders.batch.Job.Item;
import org.semlux.encoders.text.Tokens;

/**
 * Runs batches and tells callers what came of them, on the callback executor. Errors too are
 * answers, which DJL throws as well: one that got away would end the node. Thread-safe.
 *
 * @param <R> what the model gives a sequence
 */
final class BatchRunner<R> {
  private final String model;
  private final Function<List<Tokens>, List<R>> encode;
  private final Executor callbacks;
  private final QueueStats stats;
  private final RequestLog log;

  BatchRunner(
      String model,
      Function<List<Tokens>, List<R>> encode,
      Executor callbacks,
      QueueStats stats,
      RequestLog log) {
    this.model = model;
    this.encode = encode;
    this.callbacks = callbacks;
    this.stats = stats;
    this.log = log;
  }

  /** Gives the answers of a batch to its jobs and completes those that lack no other. */
  void run(List<Item<R>> batch) {
    List<R> answers;
    try {
      answers = encode.apply(batch.stream().map(item -> item.tokens).toList());
    } catch (Throwable e) {
      batch.forEach(item -> fail(item.job, e));
      return;
    }
    stats.addBatch(batch.size(), batch.stream().mapToLong(item -> item.tokens.length()).sum());
    List<Job<R, ?>> done = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Job<R, ?> job = batch.get(i).job;
      try {
        if (job.accept(batch.get(i), answers.get(i))) {
          done.add(job);
        }
      } catch (Throwable e) {
        fail(job, e);
      }
    }
    done.forEach(job -> stats.latencies.add(job.nanos()));
    if (!done.isEmpty()) {
      callBack(
          () -> {
            done.forEach(Job::complete);
            done.forEach(job -> log.finished(model, job.request, job.nanos()));
          });
    }
  }

  /** Whether nobody waits for it any more: it was cancelled, has failed or has expired; counted. */
  boolean isAbandoned(Job<R, ?> job) {
    if (job.isExpired()) {
      fail(job, Job.expired());
    } else if (!job.isDone()) {
      return false;
    }
    stats.dropped.increment();
    return true;
  }

  void fail(Job<R, ?> job, Throwable reason) {
    callBack(() -> job.fail(reason));
  }

  private void callBack(Runnable completion) {
    try {
      callbacks.execute(completion);
    } catch (RejectedExecutionException e) {
      completion.run(); // shutting down: nobody else will
    }
  }
}

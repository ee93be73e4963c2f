package org.semlux.encoders.batch;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.QueueFullException;
import org.semlux.encoders.batch.Job.Item;
import org.semlux.encoders.text.Tokens;

/**
 * One model's queue. Callers hand over texts and get futures; workers tokenize them, and take the
 * next batch by its tokens, similar lengths together, searches before documents. What was cancelled
 * or has expired is dropped before it runs. Thread-safe: one lock guards all queues and is never
 * held while a text is tokenized or a batch runs.
 *
 * @param <R> what the model gives a sequence
 */
public final class BatchQueue<R> implements AutoCloseable {
  private static final int TOKENIZED_AT_ONCE = 64;

  /** How long a turn tokenizes, and then to the end of a piece: what comes next waits behind it. */
  private static final long TOKENIZING_NANOS = 10_000_000;

  private final String model;
  private final Workers workers;
  private final BatchLimits limits;
  private final Runnable release;
  private final BatchRunner<R> runner;
  private final QueueStats stats = new QueueStats();

  private final Object lock = new Object();
  private final WaitingItems<R> waiting; // by the lock
  private final ModelUse use = new ModelUse(); // by the lock
  private boolean overtaking; // by the lock

  /**
   * @param encode answers for sequences sorted by length, in their order; runs on compute threads
   * @param release frees what {@code encode} uses; runs once, after close, when no batch runs any
   *     more
   */
  public BatchQueue(
      String model,
      Function<List<Tokens>, List<R>> encode,
      Workers workers,
      BatchLimits limits,
      Runnable release) {
    this.model = model;
    this.workers = workers;
    this.limits = limits;
    this.release = release;
    runner = new BatchRunner<>(encode, workers.callbacks(), stats);
    waiting = new WaitingItems<>(limits.tokens());
  }

  /**
   * Accepts all of a request's texts or none.
   *
   * @return completes on the callback executor; fails with {@link QueueFullException} when it does
   *     not fit, {@link TimeoutException} past the deadline, {@link EncoderClosedException}
   */
  public <A> CompletableFuture<List<A>> submit(BatchRequest<R, A> request) {
    if (request.inputs().isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    Job<R, A> job = new Job<>(request);
    List<Item<R>> items = job.items();
    synchronized (lock) {
      if (use.isClosed()) {
        return CompletableFuture.failedFuture(new EncoderClosedException(model));
      }
      if (waiting.bytes() + request.bytes() > limits.queueBytes()) {
        stats.rejected.increment();
        return CompletableFuture.failedFuture(full(request.bytes()));
      }
      items.forEach(waiting::add);
    }
    stats.requests.increment();
    startWorker();
    overtake();
    return job.future;
  }

  private QueueFullException full(long bytes) {
    return new QueueFullException(
        "the queue of model [%s] is full: %d bytes wait, %d more do not fit into %d"
            .formatted(model, waiting.bytes(), bytes, limits.queueBytes()));
  }

  /**
   * Runs something on the calling thread that needs the model: it is not released before this ends.
   *
   * @throws EncoderClosedException when the model was closed before
   */
  public <T> T whileOpen(Supplier<T> task) {
    synchronized (lock) {
      if (use.isClosed()) {
        throw new EncoderClosedException(model);
      }
      use.addGuest();
    }
    try {
      return task.get();
    } finally {
      boolean unused;
      synchronized (lock) {
        unused = use.removeGuest();
      }
      releaseIf(unused);
    }
  }

  private void releaseIf(boolean unused) {
    if (unused) {
      release.run();
    }
  }

  /** One more, where more waits than workers will look for. */
  private void startWorker() {
    synchronized (lock) {
      if (use.workers() >= workers.parallelism() || waiting.texts() <= use.free()) {
        return;
      }
      use.addWorker();
    }
    resume();
  }

  /** Queues up for a turn; a turn is one batch, so that models and requests take turns. */
  private void resume() {
    try {
      workers.compute().execute(this::turn);
    } catch (RejectedExecutionException e) {
      // The pool is shutting down, and this process or node with it.
      boolean unused;
      synchronized (lock) {
        unused = use.removeWorker();
      }
      releaseIf(unused);
      close();
    }
  }

  private void turn() {
    boolean more = false;
    boolean unused = false;
    try {
      tokenizeAhead(Priority.INGEST);
      List<Item<R>> batch = takeBatch(Priority.INGEST);
      if (!batch.isEmpty()) {
        run(batch);
      }
    } finally {
      synchronized (lock) {
        more = waiting.hasWork();
        unused = !more && use.removeWorker();
      }
      if (more) {
        resume();
      }
      releaseIf(unused);
    }
  }

  private void run(List<Item<R>> batch) {
    synchronized (lock) {
      use.beginBatch();
    }
    try {
      startWorker(); // what was tokenized beside it may be work for others
      workers.run(
          batch.get(0).priority(),
          () -> {
            overtake();
            runner.run(batch);
            return null;
          });
    } finally {
      synchronized (lock) {
        use.endBatch();
      }
    }
  }

  /** Serves searches that wait on the thread that is theirs, where documents keep all others. */
  private void overtake() {
    synchronized (lock) {
      if (overtaking || !waiting.hasSearches() || !workers.areAllOnDocuments()) {
        return;
      }
      overtaking = true;
      use.addGuest();
    }
    resumeSearches();
  }

  private void resumeSearches() {
    try {
      workers.searches().execute(this::searchesTurn);
    } catch (RejectedExecutionException e) { // shutting down, which workers find out too
      endSearchesUnless(false);
    }
  }

  private void searchesTurn() {
    try {
      tokenizeAhead(Priority.SEARCH);
      List<Item<R>> batch = takeBatch(Priority.SEARCH);
      if (!batch.isEmpty()) {
        runner.run(batch);
      }
    } finally {
      if (!endSearchesUnless(workers.areAllOnDocuments())) {
        resumeSearches();
      }
    }
  }

  private boolean endSearchesUnless(boolean wanted) {
    boolean unused;
    synchronized (lock) {
      if (wanted && waiting.hasSearches()) {
        return false;
      }
      overtaking = false;
      unused = use.removeGuest();
    }
    releaseIf(unused);
    return true;
  }

  /** Tokenizes a few texts or a part of a long one, unless enough are ready. */
  private void tokenizeAhead(Priority last) {
    long start = System.nanoTime();
    int read = 0;
    while (read < TOKENIZED_AT_ONCE && System.nanoTime() - start <= TOKENIZING_NANOS) {
      Item<R> item;
      synchronized (lock) {
        item = waiting.nextText(last);
      }
      if (item == null) {
        return;
      }
      read += tokenize(item) ? 1 : 0;
    }
  }

  /**
   * Reads a piece of a text; where there are more, it waits again, before others.
   *
   * @return whether that was the last one
   */
  private boolean tokenize(Item<R> item) {
    Optional<List<Item<R>>> sequences = Optional.of(List.of());
    try {
      if (!runner.isAbandoned(item.job)) {
        sequences = workers.run(item.priority(), () -> item.job.tokenize(item));
      }
    } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError e) {
      runner.fail(item.job, e);
    }
    boolean closed;
    synchronized (lock) {
      closed = use.isClosed();
      if (!closed && sequences.isEmpty()) {
        waiting.putBack(item);
      } else {
        waiting.replace(item, closed ? List.of() : sequences.get());
      }
    }
    if (closed) {
      runner.fail(item.job, new EncoderClosedException(model));
    }
    return sequences.isPresent();
  }

  /** The next batch without what nobody waits for; empty where nothing is ready. */
  private List<Item<R>> takeBatch(Priority last) {
    while (true) {
      List<Item<R>> batch;
      synchronized (lock) {
        batch = waiting.takeBatch(last);
      }
      if (batch.isEmpty()) {
        return batch;
      }
      batch.removeIf(item -> runner.isAbandoned(item.job));
      if (!batch.isEmpty()) {
        return batch;
      }
    }
  }

  /** What was done and what waits. */
  public EncoderStats stats() {
    synchronized (lock) {
      return stats.with(waiting.texts(), waiting.bytes());
    }
  }

  /** Fails what waits; the batch that runs is finished first. Returns at once. */
  @Override
  public void close() {
    List<Item<R>> failing;
    boolean unused;
    synchronized (lock) {
      if (use.isClosed()) {
        return;
      }
      unused = use.close();
      failing = waiting.takeAll();
    }
    failing.stream()
        .map(item -> item.job)
        .distinct()
        .forEach(job -> runner.fail(job, new EncoderClosedException(model)));
    releaseIf(unused);
  }
}

package org.semlux.encoders.batch;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
 * next batch by its tokens, similar lengths together, each priority for itself. What would not fit
 * or would wait too long is refused; what was cancelled or has expired is dropped before it runs.
 * Thread-safe: one lock guards what waits, never held while a text is tokenized or a batch runs.
 *
 * {@snippet lang=java :
 * try (BatchQueue<Integer> queue =
 *     new BatchQueue<>(
 *         "lengths", // a model that tells how many tokens a text has
 *         batch -> batch.stream().map(Tokens::length).toList(),
 *         Workers.shared(),
 *         BatchLimits.defaults(),
 *         RequestLog.NONE,
 *         () -> System.out.println("released"))) {
 *   List<Tokens> text = List.of(new Tokens(new int[] {101, 7592, 102}, new int[3], 0));
 *   BatchRequest<Integer, Integer> request =
 *       new BatchRequest<>(
 *           List.of(() -> Optional.of(text)),
 *           10,
 *           Priority.SEARCH,
 *           Optional.empty(),
 *           (input, length) -> length,
 *           Integer::sum);
 *   System.out.println(queue.submit(request).join()); // [3]
 * }
 * }
 *
 * @param <R> what the model gives a sequence
 */
public final class BatchQueue<R> implements AutoCloseable {
  private static final int TOKENIZED_AT_ONCE = 64;

  /** How long a turn tokenizes, and then to the end of a piece: what comes next waits behind it. */
  private static final long TOKENIZING_NANOS = 10_000_000;

  private final String model;
  private final Workers workers;
  private final Runnable release;
  private final BatchRunner<R> runner;
  private final QueueStats stats = new QueueStats();

  private final Object lock = new Object();
  private final Map<Priority, WaitingItems<R>> lanes = new EnumMap<>(Priority.class); // by the lock
  private final Admission admission; // by the lock
  private final ModelUse use = new ModelUse(); // by the lock

  /**
   * @param encode answers for sequences sorted by length, in their order; runs on compute threads
   * @param log is told of finished requests
   * @param release frees what {@code encode} uses; runs once, after close, when no batch runs any
   *     more
   */
  public BatchQueue(
      String model,
      Function<List<Tokens>, List<R>> encode,
      Workers workers,
      BatchLimits limits,
      RequestLog log,
      Runnable release) {
    this.model = model;
    this.workers = workers;
    this.release = release;
    admission = new Admission(model, limits);
    runner = new BatchRunner<>(model, encode, workers.callbacks(), stats, log);
    for (Priority priority : Priority.values()) {
      lanes.put(priority, new WaitingItems<>(limits.tokens()));
    }
  }

  /**
   * Accepts all of a request's texts or none.
   *
   * @return completes on the callback executor; fails with {@link QueueFullException} when it does
   *     not fit or would wait too long, {@link TimeoutException} past the deadline, {@link
   *     EncoderClosedException}
   */
  public <A> CompletableFuture<List<A>> submit(BatchRequest<R, A> request) {
    if (request.inputs().isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    Job<R, A> job = new Job<>(request);
    List<Item<R>> items = job.items();
    Priority priority = request.priority();
    synchronized (lock) {
      if (use.isClosed()) {
        return CompletableFuture.failedFuture(new EncoderClosedException(model));
      }
      if (!lanes.get(priority).hasWork()) {
        admission.pace(priority).begin(System.nanoTime()); // nothing waited until now
      }
      Optional<QueueFullException> refusal =
          admission.refusal(priority, request.bytes(), waitingBytes(), lanes.get(priority).bytes());
      if (refusal.isPresent()) {
        stats.rejected.increment();
        return CompletableFuture.failedFuture(refusal.get());
      }
      items.forEach(lanes.get(priority)::add);
    }
    stats.requests.increment();
    startWorker(priority);
    return job.future;
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
  private void startWorker(Priority priority) {
    synchronized (lock) {
      boolean enough = use.workers(priority) >= workers.parallelism();
      if (enough || lanes.get(priority).texts() <= use.free(priority)) {
        return;
      }
      use.addWorker(priority);
    }
    resume(priority);
  }

  /** Queues up for a turn; a turn is one batch, so that models and requests take turns. */
  private void resume(Priority priority) {
    try {
      workers.turns().add(priority, () -> turn(priority));
    } catch (RejectedExecutionException e) {
      // The pool is shutting down, and this process or node with it.
      boolean unused;
      synchronized (lock) {
        unused = use.removeWorker(priority);
      }
      releaseIf(unused);
      close();
    }
  }

  private void turn(Priority priority) {
    boolean more = false;
    boolean unused = false;
    try {
      tokenizeAhead(priority);
      List<Item<R>> batch = takeBatch(priority);
      if (!batch.isEmpty()) {
        run(priority, batch);
      }
    } finally {
      synchronized (lock) {
        more = lanes.get(priority).hasWork();
        unused = !more && use.removeWorker(priority);
      }
      if (more) {
        resume(priority);
      }
      releaseIf(unused);
    }
  }

  private void run(Priority priority, List<Item<R>> batch) {
    long bytes = batch.stream().mapToLong(item -> item.bytes).sum();
    synchronized (lock) {
      use.beginBatch(priority);
      admission.pace(priority).start(bytes, System.nanoTime());
    }
    try {
      startWorker(priority); // what was tokenized beside it may be work for others
      runner.run(batch);
      keepPace(priority, bytes);
    } finally {
      synchronized (lock) {
        admission.pace(priority).end(bytes, System.nanoTime());
        use.endBatch(priority);
      }
    }
  }

  /** What leaves while more waits tells how fast texts leave. */
  private void keepPace(Priority priority, long bytes) {
    synchronized (lock) {
      Pace pace = admission.pace(priority);
      long now = System.nanoTime();
      if (lanes.get(priority).hasWork()) {
        pace.add(bytes, now);
      } else {
        pace.begin(now);
      }
    }
  }

  /** Tokenizes a few texts or a part of a long one, unless enough are ready. */
  private void tokenizeAhead(Priority priority) {
    WaitingItems<R> lane = lanes.get(priority);
    long start = System.nanoTime();
    int read = 0;
    while (read < TOKENIZED_AT_ONCE && System.nanoTime() - start <= TOKENIZING_NANOS) {
      Item<R> item;
      synchronized (lock) {
        item = lane.nextText();
      }
      if (item == null) {
        return;
      }
      read += tokenize(item, lane) ? 1 : 0;
      if (workers.turns().somethingMoreUrgentWaits(priority)) {
        return;
      }
    }
  }

  /**
   * Reads a piece of a text; where there are more, it waits again, before others.
   *
   * @return whether that was the last one
   */
  private boolean tokenize(Item<R> item, WaitingItems<R> lane) {
    Optional<List<Item<R>>> sequences = Optional.of(List.of());
    try {
      if (!runner.isAbandoned(item.job)) {
        sequences = item.job.tokenize(item);
      }
    } catch (Throwable e) {
      runner.fail(item.job, e);
    }
    boolean closed;
    synchronized (lock) {
      closed = use.isClosed();
      if (!closed && sequences.isEmpty()) {
        lane.putBack(item);
      } else {
        lane.replace(item, closed ? List.of() : sequences.get());
      }
    }
    if (closed) {
      runner.fail(item.job, new EncoderClosedException(model));
    }
    return sequences.isPresent();
  }

  /** The next batch without what nobody waits for; empty where nothing is ready. */
  private List<Item<R>> takeBatch(Priority priority) {
    while (true) {
      List<Item<R>> batch;
      synchronized (lock) {
        batch = lanes.get(priority).takeBatch();
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
      return stats.with(
          lanes.values().stream().mapToLong(WaitingItems::texts).sum(), waitingBytes());
    }
  }

  private long waitingBytes() {
    return lanes.values().stream().mapToLong(WaitingItems::bytes).sum();
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
      failing = lanes.values().stream().flatMap(lane -> lane.takeAll().stream()).toList();
    }
    failing.stream()
        .map(item -> item.job)
        .distinct()
        .forEach(job -> runner.fail(job, new EncoderClosedException(model)));
    releaseIf(unused);
  }
}

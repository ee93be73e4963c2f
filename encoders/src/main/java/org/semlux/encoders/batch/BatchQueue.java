package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
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
  /** Tokenized ahead: enough batches to find similar lengths in. */
  private static final int BATCHES_AHEAD = 16;

  private static final int TOKENIZED_AT_ONCE = 64;

  /** How long a turn tokenizes, and then to the end of a piece: what comes next waits behind it. */
  private static final long TOKENIZING_NANOS = 10_000_000;

  private final String model;
  private final Function<List<Tokens>, List<R>> encode;
  private final Workers workers;
  private final BatchLimits limits;
  private final Runnable release;

  private final Object lock = new Object();
  private final Map<Priority, Deque<Item<R>>> raw = new EnumMap<>(Priority.class);
  private final Map<Priority, ReadyItems<R>> ready = new EnumMap<>(Priority.class);
  private int active;
  private int guests;
  private long queuedBytes;
  private long queuedTexts;
  private boolean closed;

  private final LongAdder requests = new LongAdder();
  private final LongAdder texts = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Latencies latencies = new Latencies();

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
    this.encode = encode;
    this.workers = workers;
    this.limits = limits;
    this.release = release;
    for (Priority priority : Priority.values()) {
      raw.put(priority, new ArrayDeque<>());
      ready.put(priority, new ReadyItems<>());
    }
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
      if (closed) {
        return CompletableFuture.failedFuture(new EncoderClosedException(model));
      }
      if (queuedBytes + request.bytes() > limits.queueBytes()) {
        rejected.increment();
        return CompletableFuture.failedFuture(full(request.bytes()));
      }
      raw.get(request.priority()).addAll(items);
      items.forEach(this::remember);
    }
    requests.increment();
    startWorkers();
    return job.future;
  }

  /**
   * Runs something on the calling thread that needs the model: it is not released before this ends.
   *
   * @throws EncoderClosedException when the model was closed before
   */
  public <T> T whileOpen(Supplier<T> task) {
    synchronized (lock) {
      if (closed) {
        throw new EncoderClosedException(model);
      }
      guests++;
    }
    try {
      return task.get();
    } finally {
      boolean last;
      synchronized (lock) {
        guests--;
        last = closed && active + guests == 0;
      }
      if (last) {
        release.run();
      }
    }
  }

  private QueueFullException full(long bytes) {
    return new QueueFullException(
        "the queue of model [%s] is full: %d bytes wait, %d more do not fit into %d"
            .formatted(model, queuedBytes, bytes, limits.queueBytes()));
  }

  private void startWorkers() {
    synchronized (lock) {
      if (active >= workers.parallelism() || queuedTexts <= active) {
        return;
      }
      active++;
    }
    resume();
  }

  /** Queues up for a turn; a turn is one batch, so that models and requests take turns. */
  private void resume() {
    try {
      workers.compute().execute(this::turn);
    } catch (RejectedExecutionException e) {
      // The pool is shutting down, and this process or node with it.
      synchronized (lock) {
        active--;
      }
      close();
    }
  }

  private void turn() {
    boolean more;
    try {
      tokenizeAhead();
      startWorkers(); // what was just tokenized may be work for others
      List<Item<R>> batch = takeBatch();
      if (!batch.isEmpty()) {
        run(batch);
      }
    } finally {
      boolean last;
      synchronized (lock) {
        more = queuedTexts > 0 && hasWork();
        active -= more ? 0 : 1;
        last = closed && active + guests == 0;
      }
      if (more) {
        resume();
      } else if (last) {
        release.run();
      }
    }
  }

  private boolean hasWork() {
    return ready.values().stream().anyMatch(items -> !items.isEmpty())
        || raw.values().stream().anyMatch(items -> !items.isEmpty());
  }

  /** Tokenizes a few texts or a part of a long one, unless enough are ready. */
  private void tokenizeAhead() {
    long start = System.nanoTime();
    for (int i = 0; i < TOKENIZED_AT_ONCE; i++) {
      Item<R> item = nextRaw();
      if (item == null) {
        return;
      }
      tokenize(item);
      if (System.nanoTime() - start > TOKENIZING_NANOS) {
        return;
      }
    }
  }

  /** The next text to read on; null where there is none or a batch should run first. */
  private Item<R> nextRaw() {
    synchronized (lock) {
      for (Priority priority : Priority.values()) {
        boolean enough = ready.get(priority).tokens() >= (long) BATCHES_AHEAD * limits.tokens();
        if (!enough && !raw.get(priority).isEmpty()) {
          return raw.get(priority).poll();
        }
        if (!ready.get(priority).isEmpty()) {
          return null; // searches do not wait until documents are tokenized
        }
      }
      return null;
    }
  }

  /** Reads a piece of a text; where there are more, it waits again, before others. */
  private void tokenize(Item<R> item) {
    Optional<List<Item<R>>> sequences = Optional.of(List.of());
    try {
      if (!isAbandoned(item.job)) {
        sequences = item.job.tokenize(item);
      }
    } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError e) {
      fail(item.job, e);
    }
    synchronized (lock) {
      if (!closed && sequences.isEmpty()) {
        raw.get(item.job.request.priority()).addFirst(item);
        return;
      }
      forget(item);
      if (!closed) {
        for (Item<R> sequence : sequences.get()) {
          remember(sequence);
          ready.get(sequence.job.request.priority()).add(sequence);
        }
        return;
      }
    }
    fail(item.job, new EncoderClosedException(model));
  }

  private List<Item<R>> takeBatch() {
    while (true) {
      List<Item<R>> batch;
      synchronized (lock) {
        batch = takeNext();
        batch.forEach(this::forget);
      }
      if (batch.isEmpty()) {
        return batch;
      }
      batch.removeIf(item -> isAbandoned(item.job));
      if (!batch.isEmpty()) {
        return batch;
      }
    }
  }

  private List<Item<R>> takeNext() {
    for (Priority priority : Priority.values()) {
      if (!ready.get(priority).isEmpty()) {
        return ready.get(priority).take(limits.tokens());
      }
    }
    return List.of();
  }

  /** Whether nobody waits for it any more: it was cancelled, has failed or has expired; counted. */
  private boolean isAbandoned(Job<R, ?> job) {
    if (job.isExpired()) {
      fail(job, Job.expired());
    } else if (!job.isDone()) {
      return false;
    }
    dropped.increment();
    return true;
  }

  private void remember(Item<R> item) {
    queuedBytes += item.bytes;
    queuedTexts++;
  }

  private void forget(Item<R> item) {
    queuedBytes -= item.bytes;
    queuedTexts--;
  }

  private void run(List<Item<R>> batch) {
    List<R> answers;
    try {
      answers = encode.apply(batch.stream().map(item -> item.tokens).toList());
    } catch (RuntimeException | LinkageError | AssertionError | OutOfMemoryError e) {
      // Errors too, which DJL throws as well: one that got away would end the node.
      batch.forEach(item -> fail(item.job, e));
      return;
    }
    batches.increment();
    texts.add(batch.size());
    tokens.add(batch.stream().mapToLong(item -> item.tokens.length()).sum());
    List<Job<R, ?>> done = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      Job<R, ?> job = batch.get(i).job;
      try {
        if (job.accept(batch.get(i), answers.get(i))) {
          done.add(job);
        }
      } catch (RuntimeException e) {
        fail(job, e);
      }
    }
    done.forEach(job -> latencies.add(job.nanos()));
    if (!done.isEmpty()) {
      callBack(() -> done.forEach(Job::complete));
    }
  }

  private void fail(Job<R, ?> job, Throwable reason) {
    callBack(() -> job.fail(reason));
  }

  private void callBack(Runnable completion) {
    try {
      workers.callbacks().execute(completion);
    } catch (RejectedExecutionException e) {
      completion.run(); // shutting down: nobody else will
    }
  }

  /** What was done and what waits. */
  public EncoderStats stats() {
    long waitingTexts;
    long waitingBytes;
    synchronized (lock) {
      waitingTexts = queuedTexts;
      waitingBytes = queuedBytes;
    }
    return new EncoderStats(
        requests.sum(),
        texts.sum(),
        tokens.sum(),
        batches.sum(),
        rejected.sum(),
        dropped.sum(),
        waitingTexts,
        waitingBytes,
        latencies.millis(50),
        latencies.millis(90),
        latencies.millis(99));
  }

  /** Fails what waits; the batch that runs is finished first. Returns at once. */
  @Override
  public void close() {
    List<Item<R>> waiting = new ArrayList<>();
    boolean idle;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      for (Priority priority : Priority.values()) {
        waiting.addAll(raw.get(priority));
        raw.get(priority).clear();
        while (!ready.get(priority).isEmpty()) {
          waiting.addAll(ready.get(priority).take(Integer.MAX_VALUE));
        }
      }
      waiting.forEach(this::forget);
      idle = active + guests == 0;
    }
    waiting.stream()
        .map(item -> item.job)
        .distinct()
        .forEach(job -> fail(job, new EncoderClosedException(model)));
    if (idle) {
      release.run();
    }
  }
}

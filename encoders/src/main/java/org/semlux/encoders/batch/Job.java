package org.semlux.encoders.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.semlux.encoders.text.Tokens;

/** A request on its way: what has come of its texts. Workers of several batches add answers. */
final class Job<R, A> {
  /** One text of a job that waits; once tokenized, one sequence of it. */
  static final class Item<R> {
    final Job<R, ?> job;
    final int input;
    final long bytes;
    Tokens tokens;
    boolean taken;

    private Item(Job<R, ?> job, int input, long bytes) {
      this.job = job;
      this.input = input;
      this.bytes = bytes;
    }
  }

  final CompletableFuture<List<A>> future = new CompletableFuture<>();
  final BatchRequest<R, A> request;
  private final long submitted = System.nanoTime();
  private final AtomicReferenceArray<A> answers;
  private final AtomicInteger missing;

  Job(BatchRequest<R, A> request) {
    this.request = request;
    answers = new AtomicReferenceArray<>(request.inputs().size());
    missing = new AtomicInteger(request.inputs().size());
  }

  /** The request's texts, before tokenizing. */
  List<Item<R>> items() {
    int size = request.inputs().size();
    List<Item<R>> items = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      items.add(new Item<>(this, i, request.bytes() / size));
    }
    return items;
  }

  /** The sequences of a text, once its last piece is read; the first one takes over its bytes. */
  Optional<List<Item<R>>> tokenize(Item<R> item) {
    return request.inputs().get(item.input).get().map(read -> sequences(item, read));
  }

  private List<Item<R>> sequences(Item<R> item, List<Tokens> read) {
    List<Item<R>> sequences = new ArrayList<>(1);
    for (Tokens tokens : read) {
      Item<R> sequence = new Item<>(this, item.input, sequences.isEmpty() ? item.bytes : 0);
      sequence.tokens = tokens;
      sequences.add(sequence);
    }
    missing.addAndGet(sequences.size() - 1);
    return sequences;
  }

  /** Takes what the model gave a sequence; true when that was the last one. */
  boolean accept(Item<R> item, R result) {
    A answer = request.finish().of(item.input, result);
    answers.accumulateAndGet(
        item.input,
        answer,
        (before, now) -> before == null ? now : request.merge().apply(before, now));
    return missing.decrementAndGet() == 0;
  }

  void complete() {
    List<A> list = new ArrayList<>(answers.length());
    for (int i = 0; i < answers.length(); i++) {
      list.add(answers.get(i));
    }
    future.complete(list);
  }

  void fail(Throwable reason) {
    future.completeExceptionally(reason);
  }

  /** Whether nobody waits for it any more: it was cancelled or has failed. */
  boolean isDone() {
    return future.isDone();
  }

  boolean isExpired() {
    return request.deadline().isPresent() && Instant.now().isAfter(request.deadline().get());
  }

  static TimeoutException expired() {
    return new TimeoutException("the deadline passed before the texts were encoded");
  }

  long nanos() {
    return System.nanoTime() - submitted;
  }
}

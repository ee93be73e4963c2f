package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.semlux.encoders.batch.Job.Item;

/**
 * What waits in a queue at one priority: texts to tokenize, and sequences to run. Not thread-safe.
 *
 * @param <R> what the model gives a sequence
 */
final class WaitingItems<R> {
  /** Tokenized ahead: enough batches to find similar lengths in. */
  private static final int BATCHES_AHEAD = 16;

  private final int batchTokens;
  private final Deque<Item<R>> raw = new ArrayDeque<>();
  private final ReadyItems<R> ready = new ReadyItems<>();
  private long bytes;
  private long texts;

  /**
   * @param batchTokens that a batch holds at most
   */
  WaitingItems(int batchTokens) {
    this.batchTokens = batchTokens;
  }

  /** Of text that waits or is being tokenized. */
  long bytes() {
    return bytes;
  }

  /** That wait or are being tokenized. */
  long texts() {
    return texts;
  }

  /** Whether a worker would find something to do. */
  boolean hasWork() {
    return !ready.isEmpty() || !raw.isEmpty();
  }

  void add(Item<R> text) {
    raw.add(text);
    remember(text);
  }

  /**
   * Takes the next text to read on; it counts until it is {@link #putBack} or {@link #replace}d.
   *
   * @return null where there is none or batches should run first
   */
  Item<R> nextText() {
    boolean enough = ready.tokens() >= (long) BATCHES_AHEAD * batchTokens;
    return enough ? null : raw.poll();
  }

  /** A text that is read in part waits again, before others. */
  void putBack(Item<R> text) {
    raw.addFirst(text);
  }

  /** A text that was read is its sequences from now on, or nothing any more. */
  void replace(Item<R> text, List<Item<R>> sequences) {
    forget(text);
    for (Item<R> sequence : sequences) {
      remember(sequence);
      ready.add(sequence);
    }
  }

  /** Takes the next batch; empty where nothing is ready. */
  List<Item<R>> takeBatch() {
    List<Item<R>> batch = ready.take(batchTokens);
    batch.forEach(this::forget);
    return batch;
  }

  /** Takes all that waits. */
  List<Item<R>> takeAll() {
    List<Item<R>> all = new ArrayList<>(raw);
    raw.clear();
    while (!ready.isEmpty()) {
      all.addAll(ready.take(Integer.MAX_VALUE));
    }
    all.forEach(this::forget);
    return all;
  }

  private void remember(Item<R> item) {
    bytes += item.bytes;
    texts++;
  }

  private void forget(Item<R> item) {
    bytes -= item.bytes;
    texts--;
  }
}

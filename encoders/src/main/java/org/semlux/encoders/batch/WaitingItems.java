package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.batch.Job.Item;

/**
 * What waits in a queue, searches before documents: texts to tokenize, and sequences to run. Not
 * thread-safe.
 *
 * @param <R> what the model gives a sequence
 */
final class WaitingItems<R> {
  /** Tokenized ahead: enough batches to find similar lengths in. */
  private static final int BATCHES_AHEAD = 16;

  private final int batchTokens;
  private final Map<Priority, Deque<Item<R>>> raw = new EnumMap<>(Priority.class);
  private final Map<Priority, ReadyItems<R>> ready = new EnumMap<>(Priority.class);
  private long bytes;
  private long texts;

  /**
   * @param batchTokens that a batch holds at most
   */
  WaitingItems(int batchTokens) {
    this.batchTokens = batchTokens;
    for (Priority priority : Priority.values()) {
      raw.put(priority, new ArrayDeque<>());
      ready.put(priority, new ReadyItems<>());
    }
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
    return ready.values().stream().anyMatch(items -> !items.isEmpty())
        || raw.values().stream().anyMatch(items -> !items.isEmpty());
  }

  /** Whether somebody waits for an answer. */
  boolean hasSearches() {
    return !ready.get(Priority.SEARCH).isEmpty() || !raw.get(Priority.SEARCH).isEmpty();
  }

  void add(Item<R> text) {
    raw.get(text.priority()).add(text);
    remember(text);
  }

  /**
   * Takes the next text to read on; it counts until it is {@link #putBack} or {@link #replace}d.
   *
   * @param last the least urgent that is wanted
   * @return null where there is none or a batch should run first
   */
  Item<R> nextText(Priority last) {
    for (Priority priority : EnumSet.range(Priority.SEARCH, last)) {
      boolean enough = ready.get(priority).tokens() >= (long) BATCHES_AHEAD * batchTokens;
      if (!enough && !raw.get(priority).isEmpty()) {
        return raw.get(priority).poll();
      }
      if (!ready.get(priority).isEmpty()) {
        return null; // searches do not wait until documents are tokenized
      }
    }
    return null;
  }

  /** A text that is read in part waits again, before others. */
  void putBack(Item<R> text) {
    raw.get(text.priority()).addFirst(text);
  }

  /** A text that was read is its sequences from now on, or nothing any more. */
  void replace(Item<R> text, List<Item<R>> sequences) {
    forget(text);
    for (Item<R> sequence : sequences) {
      remember(sequence);
      ready.get(sequence.priority()).add(sequence);
    }
  }

  /**
   * Takes the next batch; empty where nothing is ready.
   *
   * @param last the least urgent that is wanted
   */
  List<Item<R>> takeBatch(Priority last) {
    for (Priority priority : EnumSet.range(Priority.SEARCH, last)) {
      if (!ready.get(priority).isEmpty()) {
        List<Item<R>> batch = ready.get(priority).take(batchTokens);
        batch.forEach(this::forget);
        return batch;
      }
    }
    return List.of();
  }

  /** Takes all that waits. */
  List<Item<R>> takeAll() {
    List<Item<R>> all = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      all.addAll(raw.get(priority));
      raw.get(priority).clear();
      while (!ready.get(priority).isEmpty()) {
        all.addAll(ready.get(priority).take(Integer.MAX_VALUE));
      }
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

package org.semlux.encoders.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.semlux.encoders.batch.Job.Item;

/**
 * Tokenized items that wait, by length. A batch is the oldest one and those nearest to it in
 * length: attention is cheap among equals, and nobody waits for ever. Not thread-safe.
 */
final class ReadyItems<R> {
  private final Deque<Item<R>> byAge = new ArrayDeque<>();
  private final NavigableMap<Integer, Deque<Item<R>>> byLength = new TreeMap<>();
  private long tokens;

  void add(Item<R> item) {
    byAge.add(item);
    byLength.computeIfAbsent(item.tokens.length(), length -> new ArrayDeque<>()).add(item);
    tokens += item.tokens.length();
  }

  /** Tokens of all that wait. */
  long tokens() {
    return tokens;
  }

  boolean isEmpty() {
    return byLength.isEmpty();
  }

  /** Takes a batch of at most {@code budget} tokens, or one item that is longer, shortest first. */
  List<Item<R>> take(int budget) {
    List<Item<R>> batch = new ArrayList<>();
    while (!byAge.isEmpty() && byAge.peek().taken) {
      byAge.poll();
    }
    if (byAge.isEmpty()) {
      return batch;
    }
    int oldest = byAge.peek().tokens.length();
    int room = budget;
    Map.Entry<Integer, Deque<Item<R>>> below = byLength.floorEntry(oldest);
    Map.Entry<Integer, Deque<Item<R>>> above = byLength.higherEntry(oldest);
    while (below != null || above != null) {
      boolean fromBelow =
          above == null || (below != null && oldest - below.getKey() <= above.getKey() - oldest);
      Map.Entry<Integer, Deque<Item<R>>> nearest = fromBelow ? below : above;
      int length = nearest.getKey();
      while (!nearest.getValue().isEmpty() && (length <= room || batch.isEmpty())) {
        Item<R> item = nearest.getValue().poll();
        item.taken = true;
        tokens -= length;
        room -= length;
        batch.add(item);
      }
      if (nearest.getValue().isEmpty()) {
        byLength.remove(length);
      } else {
        break; // the budget is spent
      }
      if (fromBelow) {
        below = byLength.lowerEntry(length);
      } else {
        above = byLength.higherEntry(length);
      }
    }
    batch.sort(Comparator.comparingInt(item -> item.tokens.length()));
    return batch;
  }
}

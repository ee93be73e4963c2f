package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.semlux.training.data.TrainingRow;

/**
 * Batches in which no text stands twice: it would be a negative of the row that it is the positive
 * of. As in the reference a row waits for the next batch that has none of its texts, and an epoch
 * has as many batches as without that: where texts repeat so often that batches do not fill up, its
 * last rows are left to other epochs, which begin with others.
 *
 * @param rows of one file
 */
record NoDuplicates(List<TrainingRow> rows, BatchSampler.Order order, int size)
    implements BatchSampler {
  @Override
  public int count() {
    return Math.ceilDiv(rows.size(), size);
  }

  @Override
  public List<List<Integer>> batches(long epoch) {
    Epoch rest = new Epoch(order.of(epoch));
    List<List<Integer>> batches = new ArrayList<>();
    while (batches.size() < count()) {
      batches.add(rest.batch());
    }
    return batches;
  }

  /** Rows of an epoch that no batch has yet. */
  private final class Epoch {
    private final List<Integer> places;
    private int next;

    /**
     * Those that were passed over, by a text that their batch had. Of those of one text at most one
     * goes into a batch, so that the others need not be looked at: a text may stand on most rows.
     */
    private final Map<String, Queue<Integer>> waiting = new HashMap<>();

    Epoch(List<Integer> places) {
      this.places = places;
    }

    List<Integer> batch() {
      List<Integer> batch = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      Queue<First> firsts = new PriorityQueue<>(Comparator.comparingInt(First::at));
      waiting.forEach((text, queue) -> firsts.add(new First(queue.element(), text)));
      while (batch.size() < size && !firsts.isEmpty()) {
        String text = firsts.remove().text;
        if (!seen.contains(text)) {
          Queue<Integer> queue = waiting.get(text);
          take(queue.remove(), batch, seen);
          if (queue.isEmpty()) {
            waiting.remove(text);
          } else {
            firsts.add(new First(queue.element(), text));
          }
        }
      }
      while (batch.size() < size && next < places.size()) { // these stand behind all that wait
        take(next++, batch, seen);
      }
      return batch;
    }

    private void take(int at, List<Integer> batch, Set<String> seen) {
      int place = places.get(at);
      List<String> texts = rows.get(place - order.first()).texts();
      Optional<String> twice = texts.stream().filter(seen::contains).findFirst();
      if (twice.isPresent()) {
        waiting.computeIfAbsent(twice.get(), text -> new PriorityQueue<>()).add(at);
      } else {
        batch.add(place);
        seen.addAll(texts);
      }
    }
  }

  /**
   * The first of those that wait by a text.
   *
   * @param at where it stands in the epoch's order
   */
  private record First(int at, String text) {}
}

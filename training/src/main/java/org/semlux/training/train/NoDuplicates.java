package org.semlux.training.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
    List<List<Integer>> batches = new ArrayList<>();
    List<Integer> waiting = order.of(epoch);
    while (batches.size() < count()) {
      List<Integer> batch = new ArrayList<>();
      List<Integer> left = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < waiting.size(); i++) {
        if (batch.size() == size) {
          left.addAll(waiting.subList(i, waiting.size()));
          break;
        }
        Set<String> texts = new HashSet<>(rows.get(waiting.get(i) - order.first()).texts());
        if (texts.stream().anyMatch(seen::contains)) {
          left.add(waiting.get(i));
        } else {
          batch.add(waiting.get(i));
          seen.addAll(texts);
        }
      }
      batches.add(batch);
      waiting = left;
    }
    return batches;
  }
}

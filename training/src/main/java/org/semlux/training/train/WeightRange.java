package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.List;

/** Weights that one thread changes, of those of a list. */
record WeightRange(int from, int to) {
  List<NDArray> of(NDList list) {
    return list.subList(from, to);
  }

  /**
   * Cuts a list into ranges of about as many numbers.
   *
   * @param threads one for each, where weights are small enough
   * @param lastAlone whether the last weight is a range of its own
   */
  static List<WeightRange> cut(List<PtNDArray> weights, int threads, boolean lastAlone) {
    long all = weights.stream().mapToLong(array -> array.getShape().size()).sum();
    List<WeightRange> cut = new ArrayList<>();
    int first = 0;
    long numbers = 0;
    for (int i = 0; i < weights.size(); i++) {
      numbers += weights.get(i).getShape().size();
      boolean full = numbers * threads >= all * (cut.size() + 1);
      boolean beforeLast = lastAlone && i == weights.size() - 2;
      if (full || i == weights.size() - 1 || beforeLast) {
        cut.add(new WeightRange(first, i + 1));
        first = i + 1;
      }
    }
    return cut;
  }
}

package org.semlux.training.train;

import static org.semlux.training.train.BatchTensors.named;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;

/**
 * AdamW over the weights that learn: the gradients are clipped by their norm, and each weight
 * follows its own moments. Threads take a range of the weights each.
 */
final class AdamW {
  /** As PyTorch adds to a norm that it divides by. */
  private static final double EPSILON = 1e-6;

  private final Program program;
  private final TrainingThreads threads;
  private final AdamWArguments arguments;
  private final Optional<QueryTable> table;
  private final List<PtNDArray> weights;
  private final List<Boolean> decays;
  private final Moments moments;
  private final List<WeightRange> ranges;

  /**
   * @param scope owns the moments
   * @param table that is looked up, where there is one: the last of the weights, which learns at
   *     its own rate
   * @param weights that learn
   * @param decays which of them weight decay pulls to zero
   */
  AdamW(
      Program program,
      TrainingThreads threads,
      AdamWArguments arguments,
      NativeScope scope,
      Optional<QueryTable> table,
      List<PtNDArray> weights,
      List<Boolean> decays) {
    this.program = program;
    this.threads = threads;
    this.arguments = arguments;
    this.table = table;
    this.weights = weights;
    this.decays = decays;
    moments = new Moments(scope, weights, 0);
    ranges = WeightRange.cut(weights, threads.count(), table.isPresent());
  }

  Moments moments() {
    return moments;
  }

  /**
   * Changes the weights once.
   *
   * @param sums of the gradients of some batches, in the order of the weights
   * @param factor of the learning rates
   * @return the norm of the mean gradient, before it was clipped
   */
  double update(NDList sums, double factor, int batches) {
    double squares = 0;
    for (float[] some : threads.all(ranges.size(), number -> norms(ranges.get(number), sums))) {
      for (float one : some) {
        squares += (double) one * one;
      }
    }
    double norm = Math.sqrt(squares) / batches;
    double largest = arguments.maxGradNorm;
    double clip = largest > 0 ? Math.min(1, largest / (norm + EPSILON)) : 1;
    threads.all(
        ranges.size(),
        number -> change(ranges.get(number), sums, factor, (float) (clip / batches)));
    return norm;
  }

  /** The norm of each gradient. */
  float[] norms(NDList gradients) {
    return norms(new WeightRange(0, gradients.size()), gradients);
  }

  private float[] norms(WeightRange range, NDList sums) {
    try (NativeScope own = new NativeScope()) {
      NDList list = new NDList();
      range.of(sums).forEach(array -> list.add(named("sums[]", array)));
      return program.train("norms", list, own).get(0).toFloatArray();
    }
  }

  private NDList change(WeightRange range, NDList sums, double factor, float clip) {
    float rate = (float) (factor * arguments.rate(isTable(range.from())));
    try (NativeScope own = new NativeScope()) {
      float[] decay = new float[range.to() - range.from()];
      for (int i = 0; i < decay.length; i++) {
        decay[i] =
            decays.get(range.from() + i) || (isTable(range.from() + i) && !table.get().frozen())
                ? (float) (1 - rate * arguments.weightDecay)
                : 1;
      }
      NDList list =
          new NDList(BatchTensors.floats(own, rate, clip), BatchTensors.floats(own, decay));
      range.of(sums).forEach(array -> list.add(named("sums[]", array)));
      weights.subList(range.from(), range.to()).forEach(array -> list.add(named("w[]", array)));
      list.addAll(moments.of(range.from(), range.to()));
      return program.train("adamw", list, own);
    }
  }

  private boolean isTable(int weight) {
    return table.isPresent() && weight == weights.size() - 1;
  }
}

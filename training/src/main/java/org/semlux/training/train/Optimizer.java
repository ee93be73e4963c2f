package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.Torch;

/**
 * AdamW's state beside the weights of a model, and its step. The owner of the state's native
 * memory. For one thread.
 */
final class Optimizer implements AutoCloseable {
  /**
   * What a step said.
   *
   * @param losses the loss's parts, which add up to it
   * @param gradNorm of all gradients, before they were clipped
   */
  record Result(float[] losses, double gradNorm) {
    double loss() {
      double sum = 0;
      for (float part : losses) {
        sum += part;
      }
      return sum;
    }
  }

  /** Weights that one thread changes. */
  record Range(int from, int to) {
    List<NDArray> of(NDList list) {
      return list.subList(from, to);
    }
  }

  /** As PyTorch adds to a norm that it divides by. */
  private static final double EPSILON = 1e-6;

  private final NativeScope scope = new NativeScope();
  private final TrainingThreads threads;
  private final Program program;
  private final TrainingArguments arguments;
  private final DropoutPools pools;
  private final Backpropagation network;
  private final List<PtNDArray> weights;
  private final Moments moments;
  private final List<Boolean> decays;
  private final List<Range> ranges;

  /**
   * @param firstTrained the first weight that is trained
   * @param rowOf the row of the held word vectors that an id stands for
   */
  Optimizer(
      TrainableModel model, int firstTrained, IntUnaryOperator rowOf, TrainingArguments arguments) {
    this.program = model.program();
    this.arguments = arguments;
    threads =
        new TrainingThreads(
            arguments.profileSteps > 0 ? 1 : Runtime.getRuntime().availableProcessors());
    pools = new DropoutPools(scope, model.dropout(), threads.count(), arguments.seed);
    List<PtNDArray> all = model.weights().arrays();
    weights = named("w[]", all.subList(firstTrained, all.size()));
    ranges = ranges();
    network =
        new Backpropagation(
            program,
            threads,
            rowOf,
            pools,
            named("fixed[]", all.subList(0, firstTrained)),
            named("w[]", model.weights().leaves().subList(firstTrained, all.size())),
            ranges);
    moments = new Moments(scope, all, firstTrained);
    decays =
        model.weights().parameters().stream().skip(firstTrained).map(Optimizer::decays).toList();
  }

  /**
   * As in the reference neither norms, which have one dimension, nor what is called a bias decay:
   * MPNet's relative positions are among the latter.
   */
  private static boolean decays(Parameter parameter) {
    return parameter.shape().length > 1
        && parameter.names().stream().noneMatch(name -> name.contains("bias"));
  }

  private static List<PtNDArray> named(String name, List<PtNDArray> arrays) {
    arrays.forEach(array -> array.setName(name));
    return arrays;
  }

  /** About as many numbers for each thread. */
  private List<Range> ranges() {
    long all = weights.stream().mapToLong(array -> array.getShape().size()).sum();
    List<Range> cut = new ArrayList<>();
    int first = 0;
    long numbers = 0;
    for (int i = 0; i < weights.size(); i++) {
      numbers += weights.get(i).getShape().size();
      if (numbers * threads.count() >= all * (cut.size() + 1) || i == weights.size() - 1) {
        cut.add(new Range(first, i + 1));
        first = i + 1;
      }
    }
    return cut;
  }

  int threads() {
    return threads.count();
  }

  /** Times every operator from now on; with one thread alone. */
  void startProfile() {
    threads.all(
        1,
        one -> {
          Torch.startProfile();
          return one;
        });
  }

  void stopProfile(Path trace) {
    threads.all(
        1,
        one -> {
          Torch.stopProfile(trace);
          return one;
        });
  }

  /**
   * Changes the weights once.
   *
   * @param step from 0; with the seed it decides what dropout drops
   * @param batches whose gradients are averaged
   * @param rate of learning
   * @param hyper what the loss takes
   */
  Result step(long step, List<Batch> batches, float rate, float... hyper) {
    pools.prepare(step, batches.stream().mapToInt(batch -> batch.parts().size()).max().orElse(0));
    try (NativeScope gradients = new NativeScope()) {
      NDList sums = new NDList();
      float[] losses = new float[0];
      for (Batch batch : batches) {
        float[] found = network.backward(batch, hyper, sums, gradients);
        losses = losses.length == 0 ? new float[found.length] : losses;
        for (int i = 0; i < found.length; i++) {
          losses[i] += found[i] / batches.size();
        }
      }
      return new Result(losses, update(sums, rate, batches.size()));
    }
  }

  /** The norm of each trained weight's gradient, changing nothing; 0 where a weight has none. */
  float[] gradientNorms(long step, Batch batch, float... hyper) {
    pools.prepare(step, batch.parts().size());
    try (NativeScope gradients = new NativeScope()) {
      NDList sums = new NDList();
      network.backward(batch, hyper, sums, gradients);
      return norms(new Range(0, sums.size()), sums);
    }
  }

  private float[] norms(Range range, NDList sums) {
    try (NativeScope own = new NativeScope()) {
      NDList list = new NDList();
      range.of(sums).forEach(array -> list.add(named("sums[]", array)));
      return program.train("norms", list, own).get(0).toFloatArray();
    }
  }

  /** Returns the gradients' norm, before they are clipped. */
  private double update(NDList sums, float rate, int batches) {
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
        ranges.size(), number -> adamw(ranges.get(number), sums, rate, (float) (clip / batches)));
    return norm;
  }

  private NDList adamw(Range range, NDList sums, float rate, float clip) {
    try (NativeScope own = new NativeScope()) {
      float[] decay = new float[range.to - range.from];
      for (int i = 0; i < decay.length; i++) {
        decay[i] = decays.get(range.from + i) ? (float) (1 - rate * arguments.weightDecay) : 1;
      }
      NDList list =
          new NDList(BatchTensors.floats(own, rate, clip), BatchTensors.floats(own, decay));
      range.of(sums).forEach(array -> list.add(named("sums[]", array)));
      list.addAll(weights.subList(range.from, range.to));
      list.addAll(moments.of(range.from, range.to));
      return program.train("adamw", list, own);
    }
  }

  static <T extends NDArray> T named(String name, T array) {
    array.setName(name.isEmpty() ? null : name);
    return array;
  }

  Moments moments() {
    return moments;
  }

  @Override
  public void close() {
    threads.close();
    scope.close();
  }
}

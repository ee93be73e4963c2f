package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.semlux.encoders.batch.Workers;
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
   * What a step reports.
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
  private final Optional<QueryTable> table;
  private final Optional<LowRankAdapters> adapters;
  private final int firstWhole;
  private final List<PtNDArray> weights;
  private final Moments moments;
  private final List<Boolean> decays;
  private final List<Range> ranges;

  /**
   * All weights learn.
   *
   * @param firstTrained the first weight that is trained
   * @param rowOf the row of the held word vectors that an id stands for
   */
  Optimizer(
      TrainableModel model, int firstTrained, IntUnaryOperator rowOf, TrainingArguments arguments)
      throws IOException {
    this(model, firstTrained, rowOf, arguments, scope -> Optional.empty());
  }

  /** Makes adapters whose memory a scope owns. */
  interface Adapters {
    Optional<LowRankAdapters> make(NativeScope scope) throws IOException;
  }

  /**
   * As its adapters say.
   *
   * @param make those, or none: then all weights learn
   */
  Optimizer(
      TrainableModel model,
      int firstTrained,
      IntUnaryOperator rowOf,
      TrainingArguments arguments,
      Adapters make)
      throws IOException {
    this.program = model.program();
    this.arguments = arguments;
    table = model.table();
    threads = new TrainingThreads(arguments.profileSteps > 0 ? 1 : Workers.shared().parallelism());
    pools = new DropoutPools(scope, model.dropout(), threads.count(), arguments.seed);
    try {
      adapters = make.make(scope);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    List<PtNDArray> all = model.weights().arrays();
    firstWhole = adapters.isPresent() ? model.firstWhole() : firstTrained;
    List<PtNDArray> whole = all.subList(firstWhole, all.size());
    weights = new ArrayList<>(adapters.map(LowRankAdapters::arrays).orElse(List.of()));
    decays = new ArrayList<>(Collections.nCopies(weights.size(), true));
    weights.addAll(whole);
    model.weights().parameters().stream()
        .skip(firstWhole)
        .map(Optimizer::decays)
        .forEach(decays::add);
    ranges = ranges(weights);
    List<PtNDArray> leaves =
        model
            .weights()
            .leaves(i -> i >= firstWhole || (adapters.isPresent() && adapters.get().isBeside(i)));
    network =
        new Backpropagation(
            program,
            threads,
            table,
            rowOf,
            pools,
            named("fixed[]", all.subList(0, firstTrained)),
            named("w[]", leaves.subList(firstTrained, leaves.size())),
            ranges(all.subList(firstTrained, all.size())));
    moments = new Moments(scope, weights, 0);
    adapters.ifPresent(some -> some.keepIn(moments));
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

  /** About as many numbers for each thread; a table by itself, which learns at its own rate. */
  private List<Range> ranges(List<PtNDArray> weights) {
    long all = weights.stream().mapToLong(array -> array.getShape().size()).sum();
    List<Range> cut = new ArrayList<>();
    int first = 0;
    long numbers = 0;
    for (int i = 0; i < weights.size(); i++) {
      numbers += weights.get(i).getShape().size();
      boolean full = numbers * threads.count() >= all * (cut.size() + 1);
      if (full || i == weights.size() - 1 || isTable(i + 1, weights)) {
        cut.add(new Range(first, i + 1));
        first = i + 1;
      }
    }
    return cut;
  }

  private boolean isTable(int weight, List<PtNDArray> weights) {
    return table.isPresent() && weight == weights.size() - 1;
  }

  private boolean isFrozen() {
    return table.isPresent() && table.get().frozen();
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
   * @param factor of the learning rates
   * @param hyper what the loss takes
   */
  Result step(long step, List<Batch> batches, double factor, float... hyper) {
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
      return new Result(losses, update(learning(sums, gradients), factor, batches.size()));
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

  /** Gradients of what learns, out of those of all weights. */
  private NDList learning(NDList sums, NativeScope own) {
    if (adapters.isEmpty()) {
      return sums;
    }
    NDList found = new NDList(adapters.get().gradients(sums, own));
    found.addAll(sums.subList(firstWhole, sums.size()));
    return found;
  }

  /** Returns the gradients' norm, before they are clipped. */
  private double update(NDList sums, double factor, int batches) {
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
        ranges.size(), number -> adamw(ranges.get(number), sums, factor, (float) (clip / batches)));
    adapters.ifPresent(this::merge);
    return norm;
  }

  private void merge(LowRankAdapters all) {
    threads.all(
        all.count(),
        number -> {
          all.merge(number);
          return number;
        });
  }

  /**
   * Goes on where a checkpoint stood.
   *
   * @throws IOException when the file belongs to another model
   */
  void load(Path file) throws IOException {
    moments.load(file);
    adapters.ifPresent(this::merge);
  }

  private NDList adamw(Range range, NDList sums, double factor, float clip) {
    float rate = (float) (factor * arguments.rate(isTable(range.from, weights)));
    try (NativeScope own = new NativeScope()) {
      float[] decay = new float[range.to - range.from];
      for (int i = 0; i < decay.length; i++) {
        decay[i] =
            decays.get(range.from + i) || (isTable(range.from + i, weights) && !isFrozen())
                ? (float) (1 - rate * arguments.weightDecay)
                : 1;
      }
      NDList list =
          new NDList(BatchTensors.floats(own, rate, clip), BatchTensors.floats(own, decay));
      range.of(sums).forEach(array -> list.add(named("sums[]", array)));
      weights.subList(range.from, range.to).forEach(array -> list.add(named("w[]", array)));
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

package org.semlux.training.train;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.Torch;

/**
 * The steps of a run: batches go through the network and back, and AdamW changes what learns by
 * their gradients. The owner of the native memory that lasts beside the weights. For one thread.
 */
final class TrainingSteps implements AutoCloseable {
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

  private final NativeScope scope = new NativeScope();
  private final TrainingThreads threads;
  private final DropoutPools pools;
  private final Backpropagation networks;
  private final Optional<LowRankAdapters> adapters;
  private final Collection<Integer> whole;
  private final AdamW adamW;

  /** All weights learn. */
  TrainingSteps(TrainableModel model, TrainingArguments arguments) throws IOException {
    this(model, arguments, scope -> Optional.empty());
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
  TrainingSteps(TrainableModel model, TrainingArguments arguments, Adapters make)
      throws IOException {
    threads =
        new TrainingThreads(
            arguments.checkpoints.profileSteps > 0 ? 1 : Workers.shared().parallelism());
    pools = new DropoutPools(scope, model.dropout(), threads.count(), arguments.seed);
    try {
      adapters = make.make(scope);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    whole = model.learning(adapters.isPresent());
    List<PtNDArray> all = model.weights().arrays();
    List<PtNDArray> learning =
        new ArrayList<>(adapters.map(LowRankAdapters::arrays).orElse(List.of()));
    List<Boolean> decays = new ArrayList<>(Collections.nCopies(learning.size(), true));
    for (int weight : whole) {
      learning.add(all.get(weight));
      decays.add(decays(model.weights().parameters().get(weight)));
    }
    List<PtNDArray> leaves =
        model
            .weights()
            .leaves(i -> whole.contains(i) || (adapters.isPresent() && adapters.get().isBeside(i)));
    leaves.forEach(leaf -> leaf.setName("w[]"));
    Optional<QueryTable> table = model.table();
    networks =
        new Backpropagation(
            threads,
            table,
            pools,
            model.networks().stream().map(network -> pass(network, leaves, table)).toList());
    adamW = new AdamW(model.program(), threads, arguments.adamW, scope, table, learning, decays);
    adapters.ifPresent(some -> some.keepIn(adamW.moments()));
  }

  private Backpropagation.Pass pass(
      TrainedNetwork network, List<PtNDArray> leaves, Optional<QueryTable> table) {
    List<PtNDArray> own = network.weights().stream().map(leaves::get).toList();
    return new Backpropagation.Pass(
        network, own, WeightRange.cut(own, threads.count(), table.isPresent()));
  }

  /**
   * As in the reference neither norms, which have one dimension, nor what is called a bias decay:
   * MPNet's relative positions are among the latter.
   */
  private static boolean decays(Parameter parameter) {
    return parameter.shape().length > 1
        && parameter.names().stream().noneMatch(name -> name.contains("bias"));
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
  Result run(long step, List<Batch> batches, double factor, float... hyper) {
    pools.prepare(step, batches.stream().mapToInt(batch -> batch.parts().size()).max().orElse(0));
    try (NativeScope gradients = new NativeScope()) {
      List<NDList> sums = networks.none();
      float[] losses = new float[0];
      for (Batch batch : batches) {
        float[] found = networks.backward(batch, hyper, sums, gradients);
        losses = losses.length == 0 ? new float[found.length] : losses;
        for (int i = 0; i < found.length; i++) {
          losses[i] += found[i] / batches.size();
        }
      }
      double norm =
          adamW.update(learning(networks.together(sums), gradients), factor, batches.size());
      adapters.ifPresent(this::merge);
      return new Result(losses, norm);
    }
  }

  /** The norm of each trained weight's gradient, changing nothing; 0 where a weight has none. */
  float[] gradientNorms(long step, Batch batch, float... hyper) {
    pools.prepare(step, batch.parts().size());
    try (NativeScope gradients = new NativeScope()) {
      List<NDList> sums = networks.none();
      networks.backward(batch, hyper, sums, gradients);
      return adamW.norms(learning(networks.together(sums), gradients));
    }
  }

  /** Gradients of what learns, out of those of all weights. */
  private NDList learning(NDList sums, NativeScope own) {
    NDList found = new NDList();
    adapters.ifPresent(some -> found.addAll(some.gradients(sums, own)));
    whole.forEach(weight -> found.add(sums.get(weight)));
    return found;
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
    adamW.moments().load(file);
    adapters.ifPresent(this::merge);
  }

  Moments moments() {
    return adamW.moments();
  }

  @Override
  public void close() {
    threads.close();
    scope.close();
  }
}

package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which examples each step sees. The seed and the step's number alone decide, so that a resumed run
 * sees what the uninterrupted one did.
 */
final class Epochs {
  private final int examples;
  private final int batch;
  private final int accumulated;
  private final long stepsPerEpoch;
  private final long total;
  private final boolean shuffled;
  private final long seed;
  private long epoch = -1;
  private List<Integer> order = List.of();

  Epochs(int examples, TrainingArguments arguments) {
    this.examples = examples;
    batch = arguments.perDeviceTrainBatchSize;
    accumulated = arguments.gradientAccumulationSteps;
    stepsPerEpoch = Math.ceilDiv(Math.ceilDiv(examples, batch), accumulated);
    total =
        arguments.maxSteps > 0
            ? arguments.maxSteps
            : (long) Math.ceil(arguments.numTrainEpochs * stepsPerEpoch);
    shuffled = !arguments.noShuffle;
    seed = arguments.seed;
  }

  long stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Steps of the run. */
  long total() {
    return total;
  }

  /** How often the data have been seen after so many steps. */
  double epoch(long steps) {
    return (double) steps / stepsPerEpoch;
  }

  /** Places of the examples of a step's batches. */
  List<List<Integer>> batches(long step) {
    if (step / stepsPerEpoch != epoch) {
      epoch = step / stepsPerEpoch;
      order = IntStream.range(0, examples).boxed().collect(Collectors.toCollection(ArrayList::new));
      if (shuffled) {
        Collections.shuffle(order, new Random(seed ^ ((epoch + 1) * 0x9E3779B97F4A7C15L)));
      }
    }
    List<List<Integer>> batches = new ArrayList<>();
    int first = Math.toIntExact(step % stepsPerEpoch * accumulated * batch);
    for (int from = first; from < examples && batches.size() < accumulated; from += batch) {
      batches.add(order.subList(from, Math.min(from + batch, examples)));
    }
    return batches;
  }
}

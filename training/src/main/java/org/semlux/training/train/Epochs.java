package org.semlux.training.train;

import java.util.ArrayList;
import java.util.List;

/**
 * Which examples each step sees. The seed and the step's number alone decide, so that a resumed run
 * sees what the uninterrupted one did.
 */
final class Epochs {
  private final BatchSampler sampler;
  private final int accumulated;
  private final long stepsPerEpoch;
  private final long total;
  private long epoch = -1;
  private List<List<Integer>> batches = List.of();

  Epochs(BatchSampler sampler, TrainingArguments arguments) {
    this.sampler = sampler;
    accumulated = arguments.gradientAccumulationSteps;
    stepsPerEpoch = Math.ceilDiv(sampler.count(), accumulated);
    total =
        arguments.maxSteps > 0
            ? arguments.maxSteps
            : (long) Math.ceil(arguments.numTrainEpochs * stepsPerEpoch);
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
      batches = sampler.batches(epoch);
    }
    int first = Math.toIntExact(step % stepsPerEpoch * accumulated);
    return new ArrayList<>(batches.subList(first, Math.min(first + accumulated, batches.size())));
  }
}

package org.semlux.training.cli;

import org.semlux.training.card.Task;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.train.LoraArguments;
import org.semlux.training.train.TrainingArguments;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How {@code semlux adapt} trains on the rows that it made. */
final class AdaptTraining {
  @Option(
      names = "--num-train-epochs",
      paramLabel = "N",
      defaultValue = "2",
      description = "How often the pairs are seen (default: ${DEFAULT-VALUE}).")
  double epochs;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      description = "Pairs whose answers meet in one loss (default: 64, of a cross-encoder 16).")
  Integer batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "5e-5",
      description = "AdamW's, at its highest.")
  double learningRate;

  @Option(
      names = "--scale",
      paramLabel = "X",
      description =
          "What similarities are multiplied by in the loss of a bi-encoder without a teacher"
              + " (default: 12, for dot products 1).")
  Double scale;

  @Option(
      names = "--base-share",
      paramLabel = "R",
      defaultValue = "0.5",
      description =
          "The base's share of the weights in the end, which are the mean of its own and of those"
              + " that were trained: so the model keeps what the corpus does not teach.")
  double baseShare;

  @Mixin LoraArguments lora;

  int batchSize(Task task) {
    return batchSize != null ? batchSize : task == Task.CROSS_ENCODER ? 16 : 64;
  }

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException that names the option
   */
  void check(Task task) {
    TrainingArguments arguments = new TrainingArguments();
    arguments.numTrainEpochs = epochs;
    arguments.perDeviceTrainBatchSize = batchSize(task);
    arguments.learningRate = learningRate;
    arguments.lora = lora;
    arguments.check();
    LossArguments loss = new LossArguments();
    loss.scale = scale;
    loss.check(task.kind());
  }

  /** All that decides what is trained, and what share of it the output has. */
  String settings(Task task) {
    return "%s %d %s %s %s %s %s %s"
        .formatted(
            epochs,
            batchSize(task),
            learningRate,
            scale,
            baseShare,
            lora.loraRank,
            lora.loraAlpha,
            lora.loraTargetModules);
  }
}

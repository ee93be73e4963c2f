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
      description =
          "How often the pairs are seen (default: 2, of a bi-encoder that teaches itself 1).")
  private Double epochs;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      description =
          "Pairs whose answers meet in one loss (default: 64, of a cross-encoder and of a bi-encoder"
              + " that teaches itself 16).")
  private Integer batchSize;

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
          "What similarities are multiplied by in the loss of a bi-encoder that nothing teaches"
              + " (default: 12, for dot products 1).")
  Double scale;

  @Option(
      names = "--base-share",
      paramLabel = "R",
      description =
          "The base's share of the weights in the end, which are the mean of its own and of those"
              + " that were trained: so the model keeps what the corpus does not teach (default:"
              + " 0.5, of a bi-encoder that teaches itself 0.3).")
  private Double baseShare;

  @Option(
      names = "--inference-free",
      description =
          "Queries of a sparse encoder go through no network: they are looked up in a table of term"
              + " weights, which begins with how rare a term is in the documents and is learnt too.")
  boolean inferenceFree;

  @Mixin LoraArguments lora;

  int batchSize(Task task, boolean teachesItself) {
    boolean few = teachesItself || task == Task.CROSS_ENCODER;
    return batchSize != null ? batchSize : few ? 16 : 64;
  }

  double epochs(boolean teachesItself) {
    return epochs != null ? epochs : teachesItself ? 1 : 2;
  }

  double baseShare(boolean teachesItself) {
    return baseShare != null ? baseShare : teachesItself ? 0.3 : 0.5;
  }

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException that names the option
   */
  void check(Task task, boolean teachesItself) {
    TrainingArguments arguments = new TrainingArguments();
    arguments.numTrainEpochs = epochs(teachesItself);
    arguments.perDeviceTrainBatchSize = batchSize(task, teachesItself);
    arguments.learningRate = learningRate;
    arguments.lora = lora;
    arguments.check();
    LossArguments loss = new LossArguments();
    loss.scale = scale;
    loss.check(task.kind());
  }

  /** All that decides what is trained, and what share of it the output has. */
  String settings(Task task, boolean teachesItself) {
    return "%s %d %s %s %s %s %s %s %s"
        .formatted(
            epochs(teachesItself),
            batchSize(task, teachesItself),
            learningRate,
            scale,
            baseShare(teachesItself),
            inferenceFree,
            lora.loraRank,
            lora.loraAlpha,
            lora.loraTargetModules);
  }
}

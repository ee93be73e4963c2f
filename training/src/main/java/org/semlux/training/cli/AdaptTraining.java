package org.semlux.training.cli;

import java.util.OptionalDouble;
import org.semlux.training.adapt.AdaptationModels;
import org.semlux.training.adapt.AdaptationPlan;
import org.semlux.training.card.Task;
import org.semlux.training.train.LoraArguments;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How {@code semlux adapt} trains on the rows that it made. */
final class AdaptTraining {
  @Option(
      names = "--num-train-epochs",
      paramLabel = "N",
      description =
          "How often the pairs are seen (default: 2; 1 where a teacher's scores are learnt, but of a"
              + " cross-encoder).")
  private Double epochs;

  @Option(
      names = "--per-device-train-batch-size",
      paramLabel = "N",
      description =
          "Pairs whose answers meet in one loss (default: 64; 16 of a cross-encoder and where a"
              + " teacher's scores are learnt).")
  private Integer batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "5e-5",
      description = "AdamW's, at its highest.")
  private double learningRate;

  @Option(
      names = "--scale",
      paramLabel = "X",
      description =
          "What similarities are multiplied by in the loss of a bi-encoder that nothing teaches"
              + " (default: 12, for dot products 1).")
  private Double scale;

  @Option(
      names = "--base-share",
      paramLabel = "R",
      description =
          "The base's share of the weights in the end, which are the mean of its own and of those"
              + " that were trained: so the model keeps what the corpus does not teach (default:"
              + " 0.5; 0.3 where a teacher's scores are learnt, but of a cross-encoder).")
  private Double baseShare;

  @Option(
      names = "--inference-free",
      description =
          "Queries of a sparse encoder go through no network: they are looked up in a table of term"
              + " weights, which begins with how rare a term is in the documents and is learnt too.")
  private boolean inferenceFree;

  @Mixin private LoraArguments lora;

  /** With what is taken where nobody says otherwise. */
  AdaptationPlan.Training values(AdaptationModels models) {
    boolean taught = models.learnsDistributions();
    boolean few = taught || models.task() == Task.CROSS_ENCODER;
    return new AdaptationPlan.Training(
        epochs != null ? epochs : taught ? 1 : 2,
        batchSize != null ? batchSize : few ? 16 : 64,
        learningRate,
        scale == null ? OptionalDouble.empty() : OptionalDouble.of(scale),
        baseShare != null ? baseShare : taught ? 0.3 : 0.5,
        inferenceFree,
        lora);
  }
}

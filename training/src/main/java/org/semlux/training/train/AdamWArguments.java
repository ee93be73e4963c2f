package org.semlux.training.train;

import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * How weights follow their gradients: AdamW's settings, and how its learning rate changes, in the
 * words of Hugging Face's TrainingArguments.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.adamW.learningRate = 2e-5;
 * arguments.adamW.warmupRatio = .1;
 * }
 */
public final class AdamWArguments {
  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "AdamW's, at its highest (default: ${DEFAULT-VALUE}).")
  public double learningRate = 5e-5;

  @Option(
      names = "--query-table-learning-rate",
      paramLabel = "R",
      description =
          "That of query weights that are looked up (default: 1e-3, as a table needs more than a"
              + " network).")
  public Double queryTableLearningRate;

  @Option(
      names = "--lr-scheduler-type",
      paramLabel = "NAME",
      description =
          "How the learning rate changes: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  public Schedule lrSchedulerType = Schedule.LINEAR;

  @Option(
      names = "--warmup-steps",
      paramLabel = "N",
      description =
          "Steps over which the learning rate rises, unless --lr-scheduler-type is constant.")
  public long warmupSteps;

  @Option(
      names = "--warmup-ratio",
      paramLabel = "R",
      description = "The same as a share of all steps, where --warmup-steps is not given.")
  public double warmupRatio;

  @Option(
      names = "--weight-decay",
      paramLabel = "R",
      description = "AdamW's, of all but biases and norms (default: ${DEFAULT-VALUE}).")
  public double weightDecay;

  @Option(names = "--adam-beta1", paramLabel = "R", description = "(default: ${DEFAULT-VALUE}).")
  public double adamBeta1 = 0.9;

  @Option(names = "--adam-beta2", paramLabel = "R", description = "(default: ${DEFAULT-VALUE}).")
  public double adamBeta2 = 0.999;

  @Option(names = "--adam-epsilon", paramLabel = "R", description = "(default: ${DEFAULT-VALUE}).")
  public double adamEpsilon = 1e-8;

  @Option(
      names = "--max-grad-norm",
      paramLabel = "R",
      description = "Gradients are scaled down to this norm; 0: never (default: ${DEFAULT-VALUE}).")
  public double maxGradNorm = 1;

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    TrainingArguments.require(
        learningRate >= 0 && learningRate < 10, "--learning-rate", learningRate);
    TrainingArguments.require(
        queryTableLearningRate == null
            || (queryTableLearningRate >= 0 && queryTableLearningRate < 10),
        "--query-table-learning-rate",
        queryTableLearningRate);
    TrainingArguments.require(warmupSteps >= 0, "--warmup-steps", warmupSteps);
    TrainingArguments.require(warmupRatio >= 0 && warmupRatio <= 1, "--warmup-ratio", warmupRatio);
    TrainingArguments.require(weightDecay >= 0 && weightDecay < 1, "--weight-decay", weightDecay);
    TrainingArguments.require(adamBeta1 >= 0 && adamBeta1 < 1, "--adam-beta1", adamBeta1);
    TrainingArguments.require(adamBeta2 >= 0 && adamBeta2 < 1, "--adam-beta2", adamBeta2);
    TrainingArguments.require(
        adamEpsilon > 0 && Double.isFinite(adamEpsilon), "--adam-epsilon", adamEpsilon);
    TrainingArguments.require(
        maxGradNorm >= 0 && Double.isFinite(maxGradNorm), "--max-grad-norm", maxGradNorm);
  }

  /** What is given and changes nothing, in a sentence: runs of earlier builds have it too. */
  public Optional<String> useless() {
    if (lrSchedulerType == Schedule.CONSTANT && (warmupSteps > 0 || warmupRatio > 0)) {
      return Optional.of(
          "--warmup-steps and --warmup-ratio change nothing where --lr-scheduler-type is"
              + " constant: leave them out, or take constant_with_warmup");
    }
    return Optional.empty();
  }

  void addTo(Map<String, Object> map) {
    map.put("learning_rate", learningRate);
    map.put("lr_scheduler_type", lrSchedulerType.toString());
    map.put("warmup_steps", warmupSteps);
    map.put("warmup_ratio", warmupRatio);
    map.put("weight_decay", weightDecay);
    map.put("adam_beta1", adamBeta1);
    map.put("adam_beta2", adamBeta2);
    map.put("adam_epsilon", adamEpsilon);
    map.put("max_grad_norm", maxGradNorm);
  }

  /** Of learning, at its highest: of a table that is looked up, or of all else. */
  double rate(boolean table) {
    double ofTable = queryTableLearningRate == null ? 1e-3 : queryTableLearningRate;
    return table ? ofTable : learningRate;
  }

  /** What of the learning rate a step takes, of so many in all. */
  double factor(long step, long total) {
    long warmup = warmupSteps > 0 ? warmupSteps : (long) Math.ceil(total * warmupRatio);
    return lrSchedulerType.factor(step, warmup, total);
  }
}

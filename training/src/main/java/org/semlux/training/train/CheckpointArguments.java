package org.semlux.training.train;

import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * What a run writes on its way, and when: its log, evaluations, checkpoints. None of it decides
 * what a step does.
 *
 * {@snippet lang=java :
 * TrainingArguments arguments = new TrainingArguments();
 * arguments.checkpoints.saveSteps = 100;
 * arguments.checkpoints.saveTotalLimit = 2;
 * }
 */
public final class CheckpointArguments {
  /** The names in {@link #addTo}. */
  static final Set<String> NAMES =
      Set.of(
          "logging_steps",
          "eval_steps",
          "save_steps",
          "save_total_limit",
          "early_stopping_patience");

  @Option(
      names = "--logging-steps",
      paramLabel = "N",
      description = "Steps between two lines of the log (default: ${DEFAULT-VALUE}).")
  public int loggingSteps = 10;

  @Option(
      names = "--eval-steps",
      paramLabel = "N",
      description = "Steps between two evaluations on the dev data (default: an epoch).")
  public long evalSteps;

  @Option(
      names = "--save-steps",
      paramLabel = "N",
      description = "Steps between two checkpoints (default: as evaluations).")
  public long saveSteps;

  @Option(
      names = "--save-total-limit",
      paramLabel = "N",
      description =
          "Checkpoints that are kept, beside the best and the newest (default: ${DEFAULT-VALUE}).")
  public int saveTotalLimit;

  @Option(
      names = "--early-stopping-patience",
      paramLabel = "N",
      description = "Stop after so many evaluations without a better one.")
  public int earlyStoppingPatience;

  @Option(
      names = "--profile-steps",
      paramLabel = "N",
      description =
          "Time the operators of N steps, after the first ten where there are so many, on one"
              + " thread, and print where a step's time goes.")
  public int profileSteps;

  /**
   * Refuses what makes no sense.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    TrainingArguments.require(loggingSteps > 0, "--logging-steps", loggingSteps);
    TrainingArguments.require(profileSteps >= 0, "--profile-steps", profileSteps);
    TrainingArguments.require(evalSteps >= 0, "--eval-steps", evalSteps);
    TrainingArguments.require(saveSteps >= 0, "--save-steps", saveSteps);
    TrainingArguments.require(saveTotalLimit >= 0, "--save-total-limit", saveTotalLimit);
    TrainingArguments.require(
        earlyStoppingPatience >= 0, "--early-stopping-patience", earlyStoppingPatience);
  }

  void addTo(Map<String, Object> map) {
    map.put("logging_steps", loggingSteps);
    map.put("eval_steps", evalSteps);
    map.put("save_steps", saveSteps);
    map.put("save_total_limit", saveTotalLimit);
    map.put("early_stopping_patience", earlyStoppingPatience);
  }
}

package org.semlux.training.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.semlux.encoders.folder.JsonFile;

/**
 * Where a run stands, beside its weights.
 *
 * @param step done so far
 * @param fingerprint of the data and of all settings that decide what comes next
 * @param bestStep the step with the best evaluation so far; 0 where there was none
 * @param bestMetric NaN where there was none
 * @param worse evaluations since the best
 * @param start when the run was first started
 * @param trainingSeconds on the clock
 * @param evaluationSeconds on the clock
 * @param cpuSeconds of all threads
 */
record TrainerState(
    long step,
    String fingerprint,
    long bestStep,
    double bestMetric,
    int worse,
    Instant start,
    double trainingSeconds,
    double evaluationSeconds,
    double cpuSeconds) {
  static final String FILE = "trainer_state.json";

  static TrainerState initial(String fingerprint) {
    return new TrainerState(0, fingerprint, 0, Double.NaN, 0, Instant.now(), 0, 0, 0);
  }

  void write(Path folder) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("global_step", step);
    json.addProperty("fingerprint", fingerprint);
    json.addProperty("best_global_step", bestStep);
    if (!Double.isNaN(bestMetric)) {
      json.addProperty("best_metric", bestMetric);
    }
    json.addProperty("evaluations_since_best", worse);
    json.addProperty("start", start.toString());
    json.addProperty("training_seconds", trainingSeconds);
    json.addProperty("evaluation_seconds", evaluationSeconds);
    json.addProperty("cpu_seconds", cpuSeconds);
    JsonFile.write(folder.resolve(FILE), json, 2);
  }

  static TrainerState read(Path folder) throws IOException {
    JsonFile json = JsonFile.read(folder.resolve(FILE));
    return new TrainerState(
        json.requireInt("global_step"),
        json.requireString("fingerprint"),
        json.requireInt("best_global_step"),
        json.getDouble("best_metric", Double.NaN),
        json.requireInt("evaluations_since_best"),
        Instant.parse(json.requireString("start")),
        json.getDouble("training_seconds", 0),
        json.getDouble("evaluation_seconds", 0),
        json.getDouble("cpu_seconds", 0));
  }

  TrainerState withStep(long now) {
    return new TrainerState(
        now,
        fingerprint,
        bestStep,
        bestMetric,
        worse,
        start,
        trainingSeconds,
        evaluationSeconds,
        cpuSeconds);
  }

  /** After an evaluation at this step. */
  TrainerState judged(double metric) {
    boolean better = Double.isNaN(bestMetric) || metric > bestMetric;
    return new TrainerState(
        step,
        fingerprint,
        better ? step : bestStep,
        better ? metric : bestMetric,
        better ? 0 : worse + 1,
        start,
        trainingSeconds,
        evaluationSeconds,
        cpuSeconds);
  }

  /** After some more seconds. */
  TrainerState after(double training, double evaluation, double cpu) {
    return new TrainerState(
        step,
        fingerprint,
        bestStep,
        bestMetric,
        worse,
        start,
        trainingSeconds + training,
        evaluationSeconds + evaluation,
        cpuSeconds + cpu);
  }
}

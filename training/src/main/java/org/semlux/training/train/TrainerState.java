package org.semlux.training.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.training.card.TrainingRun;

/**
 * Where a run stands, beside its weights.
 *
 * @param step done so far
 * @param fingerprint of the data and of all settings that decide what comes next: {@code
 *     name=value}, one a line
 * @param bestStep the step with the best evaluation so far; 0 where there was none
 * @param bestMetric NaN where there was none
 * @param worse evaluations since the best
 * @param duration until now
 * @param unlogged what the next entry of the log also covers
 */
record TrainerState(
    long step,
    String fingerprint,
    long bestStep,
    double bestMetric,
    int worse,
    TrainingRun.Duration duration,
    Unlogged unlogged) {
  /**
   * Steps since the last entry of the log.
   *
   * @param losses sums of the loss's parts
   */
  record Unlogged(int steps, List<Double> losses) {
    static final Unlogged NONE = new Unlogged(0, List.of());

    Unlogged {
      losses = List.copyOf(losses);
    }
  }

  static final String FILE = "trainer_state.json";

  /** Of what a fingerprint holds; the first had no such number. */
  private static final int VERSION = 2;

  static TrainerState initial(String fingerprint) {
    var duration = new TrainingRun.Duration(Instant.now(), 0, 0, 0);
    return new TrainerState(0, fingerprint, 0, Double.NaN, 0, duration, Unlogged.NONE);
  }

  void write(Path folder) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("version", VERSION);
    json.addProperty("global_step", step);
    json.addProperty("fingerprint", fingerprint);
    json.addProperty("best_global_step", bestStep);
    if (!Double.isNaN(bestMetric)) {
      json.addProperty("best_metric", bestMetric);
    }
    json.addProperty("evaluations_since_best", worse);
    json.addProperty("start", duration.start().toString());
    json.addProperty("training_seconds", duration.trainingSeconds());
    json.addProperty("evaluation_seconds", duration.evaluationSeconds());
    json.addProperty("cpu_seconds", duration.cpuSeconds());
    json.addProperty("unlogged_steps", unlogged.steps);
    JsonArray losses = new JsonArray();
    unlogged.losses.forEach(losses::add);
    json.add("unlogged_losses", losses);
    JsonFile.write(folder.resolve(FILE), json, 2);
  }

  /**
   * Reads where a run stands.
   *
   * @throws IOException when it cannot be read, or another version has noted something else there
   */
  static TrainerState read(Path folder) throws IOException {
    JsonFile json = JsonFile.read(folder.resolve(FILE));
    if (json.getInt("version", 1) != VERSION) {
      throw new IOException(
          folder
              + " was written by another version of semlux, which noted otherwise what decides a"
              + " run: give another --output");
    }
    return new TrainerState(
        json.requireInt("global_step"),
        json.requireString("fingerprint"),
        json.requireInt("best_global_step"),
        json.getDouble("best_metric", Double.NaN),
        json.requireInt("evaluations_since_best"),
        new TrainingRun.Duration(
            Instant.parse(json.requireString("start")),
            json.getDouble("training_seconds", 0),
            json.getDouble("evaluation_seconds", 0),
            json.getDouble("cpu_seconds", 0)),
        unlogged(json));
  }

  private static Unlogged unlogged(JsonFile json) throws IOException {
    List<Double> losses = new ArrayList<>();
    if (json.object().get("unlogged_losses") instanceof JsonArray stored) {
      stored.forEach(loss -> losses.add(loss.getAsDouble()));
    }
    return new Unlogged(json.getInt("unlogged_steps", 0), losses);
  }

  /**
   * Refuses to go on with something else.
   *
   * @param folder that this stands in
   * @param now the fingerprint of what is asked for
   * @throws IOException that names what differs
   */
  void requireSame(Path folder, String now) throws IOException {
    Map<String, String> before = settings(fingerprint);
    Map<String, String> wanted = settings(now);
    SpladeArguments.takeEarlier(folder, before, wanted);
    Set<String> names = new LinkedHashSet<>(wanted.keySet());
    names.addAll(before.keySet());
    names.removeIf(name -> Objects.equals(before.get(name), wanted.get(name)));
    if (!names.isEmpty()) {
      throw new IOException(
          "%s was written with other data or settings (%s): give the same ones or another --output"
              .formatted(folder, String.join(", ", names)));
    }
  }

  /** What products were made in so far. */
  Precision precision() {
    boolean bf16 = Boolean.parseBoolean(settings(fingerprint).get(TrainingArguments.BF16));
    return bf16 ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /** Values by their names. */
  private static Map<String, String> settings(String fingerprint) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String line : fingerprint.split("\n")) {
      String name = line.replaceFirst("=.*", "");
      settings.put(name, line.substring(name.length()).replaceFirst("^=", ""));
    }
    return settings;
  }

  TrainerState withUnlogged(Unlogged now) {
    return new TrainerState(step, fingerprint, bestStep, bestMetric, worse, duration, now);
  }

  TrainerState withStep(long now) {
    return new TrainerState(now, fingerprint, bestStep, bestMetric, worse, duration, unlogged);
  }

  TrainerState withDuration(TrainingRun.Duration now) {
    return new TrainerState(step, fingerprint, bestStep, bestMetric, worse, now, unlogged);
  }

  /** After an evaluation at this step. */
  TrainerState judged(double metric) {
    return Double.isNaN(bestMetric) || metric > bestMetric
        ? new TrainerState(step, fingerprint, step, metric, 0, duration, unlogged)
        : new TrainerState(step, fingerprint, bestStep, bestMetric, worse + 1, duration, unlogged);
  }
}

package org.semlux.training.card;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.semlux.encoders.folder.JsonFile;

/**
 * The file {@value #FILE}: what a model came from, so that it can be traced and made again: hashes
 * of base and data, the whole configuration, seed, versions, time, machine and final metrics.
 *
 * {@snippet lang=java :
 * Path file = Path.of("minilm-stsb").resolve(Provenance.FILE);
 * JsonObject provenance = JsonFile.read(file).object();
 * provenance.getAsJsonObject("base").get("sha256").getAsString(); // what it began with
 * }
 */
public final class Provenance {
  /** The name of the file in a model folder. */
  public static final String FILE = "provenance.json";

  private Provenance() {}

  /** Writes the file into a model folder. */
  public static void write(Path folder, TrainingRun run) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("task", run.task().toString());
    json.add("base", base(run.base()));
    json.add("datasets", datasets(run));
    json.add("loss", loss(run.loss()));
    json.add("hyperparameters", object(run.hyperparameters().all()));
    json.addProperty("seed", run.seed());
    json.addProperty("best_step", run.history().bestStep());
    json.add("metrics", metrics(run));
    json.add("versions", versions(run.versions()));
    json.add("hardware", hardware(run.hardware()));
    json.add("time", time(run.duration()));
    JsonFile.write(folder.resolve(FILE), json, 2);
  }

  private static JsonObject base(BaseModel base) {
    JsonObject json = new JsonObject();
    json.addProperty("name", base.name());
    json.addProperty("sha256", base.sha256());
    return json;
  }

  private static JsonArray datasets(TrainingRun run) {
    JsonArray all = new JsonArray();
    run.training().forEach(dataset -> all.add(dataset("training", dataset)));
    run.evaluation().forEach(dataset -> all.add(dataset("evaluation", dataset)));
    return all;
  }

  private static JsonObject dataset(String use, DatasetSummary dataset) {
    JsonObject json = new JsonObject();
    json.addProperty("name", dataset.name());
    json.addProperty("use", use);
    json.addProperty("file", dataset.file());
    json.addProperty("sha256", dataset.sha256());
    json.addProperty("rows", dataset.rows());
    json.addProperty("score_divisor", dataset.scoreDivisor());
    return json;
  }

  private static JsonObject loss(TrainingRun.Loss loss) {
    JsonObject json = new JsonObject();
    json.addProperty("name", loss.name());
    json.add("parameters", object(loss.parameters()));
    return json;
  }

  private static JsonObject metrics(TrainingRun run) {
    JsonObject json = new JsonObject();
    run.results()
        .forEach(
            result ->
                object(result.after())
                    .entrySet()
                    .forEach(entry -> json.add(entry.getKey(), entry.getValue())));
    return json;
  }

  private static JsonObject versions(Versions versions) {
    JsonObject json = new JsonObject();
    json.addProperty("semlux", versions.semlux());
    json.addProperty("semlux_id", versions.semluxId());
    json.addProperty("java", versions.java());
    json.addProperty("pytorch", versions.pytorch());
    json.addProperty("djl", versions.djl());
    json.addProperty("tokenizers", versions.tokenizers());
    return json;
  }

  private static JsonObject hardware(Hardware hardware) {
    JsonObject json = new JsonObject();
    json.addProperty("cpu_model", hardware.cpuModel());
    json.addProperty("cores", hardware.cores());
    json.addProperty("memory_bytes", hardware.memoryBytes());
    return json;
  }

  private static JsonObject time(TrainingRun.Duration duration) {
    JsonObject json = new JsonObject();
    json.addProperty("start", duration.start().toString());
    json.addProperty("training_seconds", duration.trainingSeconds());
    json.addProperty("evaluation_seconds", duration.evaluationSeconds());
    json.addProperty("cpu_seconds", duration.cpuSeconds());
    return json;
  }

  private static JsonObject object(Map<String, ?> values) {
    JsonObject json = new JsonObject();
    values.forEach((name, value) -> json.add(name, Json.of(value)));
    return json;
  }
}

package org.semlux.training.card;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.training.data.OutputFile;
import org.semlux.training.data.StrictJson;

/**
 * The file {@value #FILE}: a JSON object for each logged step and for each evaluation, in the order
 * in which they happened. Every line is handed to the operating system as it is written, so that a
 * killed process loses none but the one it is writing. Not thread-safe.
 *
 * {@snippet lang=java :
 * try (TrainingLog log = TrainingLog.create(Path.of("run"))) {
 *   log.append(new LogEntry(10, .1, .52, Map.of(), 1.3, 2e-5, 480));
 * }
 * TrainingLog.read(Path.of("run").resolve(TrainingLog.FILE)).steps().get(0).loss(); // .52
 * }
 */
public final class TrainingLog implements AutoCloseable {
  /** The name of the file in a run's folder. */
  public static final String FILE = "training_log.jsonl";

  /** What a line holds beside the parts of the loss. */
  static final Set<String> KEYS =
      Set.of(
          "step",
          "epoch",
          "loss",
          "grad_norm",
          "learning_rate",
          "pairs_per_second",
          "evaluator",
          "metrics");

  /** What a log says. */
  public record Entries(List<LogEntry> steps, List<EvaluationEntry> evaluations) {
    public Entries {
      steps = List.copyOf(steps);
      evaluations = List.copyOf(evaluations);
    }
  }

  private final Writer writer;

  private TrainingLog(Path file) throws IOException {
    writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** An empty log in a folder, which is made where it is missing; an older log is replaced. */
  public static TrainingLog create(Path folder) throws IOException {
    replace(folder.resolve(FILE), "");
    return new TrainingLog(folder.resolve(FILE));
  }

  /**
   * The log of a run that goes on after {@code step}: lines of later steps are dropped first. The
   * file is replaced in one move, so that a process killed here leaves the old or the new one. A
   * missing log begins empty.
   *
   * @throws IOException when the file cannot be read or a line, other than a last one that was cut
   *     off, is no log line
   */
  public static TrainingLog resume(Path folder, long step) throws IOException {
    Path file = folder.resolve(FILE);
    if (Files.notExists(file)) {
      return create(folder);
    }
    StringBuilder kept = new StringBuilder();
    for (Line line : lines(file)) {
      if (line.step() <= step) {
        kept.append(line.text()).append('\n');
      }
    }
    replace(file, kept.toString());
    return new TrainingLog(file);
  }

  /**
   * All that a log says. A last line without its end was cut off when its process was killed, and
   * is left out.
   *
   * @throws IOException when the file cannot be read; a line that is no log line is named
   */
  public static Entries read(Path file) throws IOException {
    List<LogEntry> steps = new ArrayList<>();
    List<EvaluationEntry> evaluations = new ArrayList<>();
    for (Line line : lines(file)) {
      if (line.json().has("evaluator")) {
        evaluations.add(line.evaluation());
      } else {
        steps.add(line.logEntry());
      }
    }
    return new Entries(steps, evaluations);
  }

  /** Appends what a step came to. */
  public void append(LogEntry entry) throws IOException {
    JsonObject json = new JsonObject();
    json.addProperty("step", entry.step());
    json.add("epoch", Json.of(entry.epoch()));
    json.add("loss", Json.of(entry.loss()));
    entry.parts().forEach((name, value) -> json.add(name, Json.of(value)));
    json.add("grad_norm", Json.of(entry.gradNorm()));
    json.add("learning_rate", Json.of(entry.learningRate()));
    json.add("pairs_per_second", Json.of(entry.pairsPerSecond()));
    append(json);
  }

  /** Appends what an evaluation found. */
  public void append(EvaluationEntry entry) throws IOException {
    JsonObject metrics = new JsonObject();
    entry.metrics().forEach((name, value) -> metrics.add(name, Json.of(value)));
    JsonObject json = new JsonObject();
    json.addProperty("step", entry.step());
    json.add("epoch", Json.of(entry.epoch()));
    json.addProperty("evaluator", entry.evaluator());
    json.add("metrics", metrics);
    append(json);
  }

  private void append(JsonObject json) throws IOException {
    writer.write(json + "\n");
    writer.flush();
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static void replace(Path file, String text) throws IOException {
    try (OutputFile output = new OutputFile(file)) {
      output.writer().write(text);
      output.commit();
    }
  }

  private static List<Line> lines(Path file) throws IOException {
    String text = Files.readString(file, UTF_8);
    List<Line> lines = new ArrayList<>();
    for (int start = 0, end; (end = text.indexOf('\n', start)) >= 0; start = end + 1) {
      lines.add(Line.parse(file + ":" + (lines.size() + 1), text.substring(start, end)));
    }
    return lines;
  }

  /** A line and what it holds. */
  private record Line(String where, String text, JsonObject json) {
    static Line parse(String where, String text) throws IOException {
      try {
        JsonElement json = StrictJson.parse(text);
        if (json.isJsonObject() && json.getAsJsonObject().has("step")) {
          return new Line(where, text, json.getAsJsonObject());
        }
      } catch (JsonParseException e) {
        throw new IOException(where + ": not a line of a training log: " + e.getMessage(), e);
      }
      throw new IOException(where + ": not a line of a training log: it names no step");
    }

    long step() throws IOException {
      double step = number("step");
      if (step == (long) step) {
        return (long) step;
      }
      throw new IOException(where + ": the step [" + json.get("step") + "] is no whole number");
    }

    LogEntry logEntry() throws IOException {
      Map<String, Double> parts = new LinkedHashMap<>();
      for (String key : json.keySet()) {
        if (!KEYS.contains(key)) {
          parts.put(key, number(key));
        }
      }
      return new LogEntry(
          step(),
          number("epoch"),
          number("loss"),
          parts,
          number("grad_norm"),
          number("learning_rate"),
          number("pairs_per_second"));
    }

    EvaluationEntry evaluation() throws IOException {
      Map<String, Double> metrics = new LinkedHashMap<>();
      if (!(json.get("metrics") instanceof JsonObject found)) {
        throw new IOException(where + ": an evaluation without metrics");
      }
      for (String key : found.keySet()) {
        metrics.put(key, number(where, key, found.get(key)));
      }
      String evaluator = json.get("evaluator").getAsString();
      return new EvaluationEntry(step(), number("epoch"), evaluator, metrics);
    }

    private double number(String key) throws IOException {
      return number(where, key, json.get(key));
    }

    private static double number(String where, String key, JsonElement value) throws IOException {
      if (value == null || value.isJsonNull()) {
        return Double.NaN;
      }
      if (value instanceof JsonPrimitive number && number.isNumber()) {
        return number.getAsDouble();
      }
      throw new IOException(where + ": [" + key + "] is no number but " + value);
    }
  }
}

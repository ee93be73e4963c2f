package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs of {@code semlux train} over the pairs that its goldens share, and what they leave. */
final class TrainRun {
  /** 44 rows: short and long texts, several scripts, scores of which some are equal. */
  static final Path PAIRS = goldens().resolve("pairs.csv");

  private TrainRun() {}

  /** The folder of {@code generate_training.py}. */
  static Path goldens() {
    return Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/train");
  }

  /** The task that trains a golden, by its name. */
  static String task(String model) {
    return switch (model.substring(0, model.indexOf('-'))) {
      case "cross" -> "cross-encoder";
      case "multi" -> "multi-vector-encoder";
      case "sparse" -> "sparse-encoder";
      default -> "bi-encoder";
    };
  }

  /**
   * Trains on {@link #PAIRS} in float32 without dropout, in the file's order, logging each step.
   */
  static CommandLineRun plain(String model, Path output, String options, Object... more) {
    String all = "--fp32 --dropout 0 --no-shuffle --logging-steps 1 " + options;
    return on(CommandLineRun.golden(model), task(model), output, all, more);
  }

  /**
   * Trains on {@link #PAIRS}, or on what {@code --train} names.
   *
   * @param options in one line
   * @param more of them, which may hold spaces
   */
  static CommandLineRun on(Path base, String task, Path output, String options, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--task", task, "--base", base));
    arguments.addAll(List.of("--output", output));
    arguments.addAll(Arrays.stream(options.split(" ")).filter(one -> !one.isEmpty()).toList());
    arguments.addAll(Arrays.asList(more));
    if (!arguments.contains("--train")) {
      arguments.addAll(List.of("--train", PAIRS));
    }
    return CommandLineRun.of(arguments.toArray());
  }

  /** Trains an LSTM over word vectors. */
  static CommandLineRun onVectors(Path vectors, Path output, String options) {
    List<Object> arguments = new ArrayList<>(List.of("train", "--word-vectors", vectors));
    arguments.addAll(List.of("--train", PAIRS, "--output", output));
    arguments.addAll(Arrays.asList(options.split(" ")));
    return CommandLineRun.of(arguments.toArray());
  }

  /** As {@link #plain}, and must succeed. */
  static List<JsonObject> succeed(String model, Path output, String options, Object... more)
      throws IOException {
    CommandLineRun run = plain(model, output, options, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return steps(output);
  }

  /** The steps of a run's log. */
  static List<JsonObject> steps(Path output) throws IOException {
    return Files.readAllLines(output.resolve("training_log.jsonl")).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .filter(entry -> entry.has("loss"))
        .toList();
  }

  /** The log's bytes, but for what a clock says. */
  static List<String> timeless(Path output) throws IOException {
    return Files.readAllLines(output.resolve("training_log.jsonl")).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .map(
            entry -> {
              entry.remove("pairs_per_second");
              return entry.toString();
            })
        .toList();
  }

  static double[] series(List<JsonObject> steps, String key) {
    return steps.stream().mapToDouble(entry -> entry.get(key).getAsDouble()).toArray();
  }

  static List<JsonElement> answers(String command, Path model, List<String> lines, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(command, "--model", model, "--input", "-", "--precision", "float32"));
    arguments.addAll(Arrays.asList(more));
    CommandLineRun run =
        CommandLineRun.withInput(String.join("\n", lines) + "\n", arguments.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out().lines().map(JsonParser::parseString).toList();
  }
}

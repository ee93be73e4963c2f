package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.ChangedFolder;
import org.semlux.training.train.Checkpoints;

/**
 * Losses, gradient norms and learning rates of each step, and the answers afterwards, are those of
 * the reference library's own trainer: for what {@code tests/reference/generate_training.py} made,
 * and for the cases beside the checkout.
 */
class TrainGoldensTest {
  private static final String DROPOUT = "dropout-";

  @TempDir Path folder;

  static Stream<String> cases() throws IOException {
    return names(TrainRun.goldens()).stream().filter(name -> !name.startsWith(DROPOUT));
  }

  static Stream<String> dropped() throws IOException {
    return names(TrainRun.goldens()).stream().filter(name -> name.startsWith(DROPOUT));
  }

  static List<String> losses() throws IOException {
    return names(TrainRun.goldens().resolve("losses"));
  }

  static List<String> shared() throws IOException {
    Path training = sharedGoldens().resolve("training");
    // One name stands for a folder that is not there: its test says so.
    return Files.isDirectory(training) ? names(training) : List.of("none");
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json"))
          .map(name -> name.replace(".json", ""))
          .sorted()
          .toList();
    }
  }

  private static Path sharedGoldens() {
    return Path.of(System.getProperty("semlux.shared", "../../shared")).resolve("goldens");
  }

  @Test
  void everyCaseIsThere() throws IOException {
    assertThat(cases()).hasSizeGreaterThan(20);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void trainsAsTheReference(String name) throws IOException {
    JsonObject golden = read(TrainRun.goldens().resolve(name + ".json"));
    run(base(golden), arguments(golden));
    TrainGolden.check(golden, output());
  }

  /** Random numbers differ; the mean loss of many epochs does not, and neither does its spread. */
  @ParameterizedTest
  @MethodSource("dropped")
  void dropsAsTheReference(String name) throws IOException {
    JsonObject golden = read(TrainRun.goldens().resolve(name + ".json"));
    Object[] options = arguments(golden).toArray();
    String task = TrainRun.task(golden.get("model").getAsString());
    String fixed = "--fp32 --no-shuffle --logging-steps 6"; // an epoch
    CommandLineRun run = TrainRun.on(base(golden), task, output(), fixed, options);
    assertThat(run.exitCode()).as(run.err()).isZero();

    double[] losses = TrainRun.series(TrainRun.steps(output()), "loss");
    double mean = Arrays.stream(losses).average().orElseThrow();
    double squares = Arrays.stream(losses).map(loss -> (loss - mean) * (loss - mean)).sum();
    double error = Math.sqrt(squares / (losses.length - 1) / losses.length);
    double wanted = golden.get("mean_loss").getAsDouble();
    double chance = golden.get("standard_error").getAsDouble();
    assertThat(mean).isCloseTo(wanted, within(4 * Math.hypot(error, chance)));
    assertThat(error).as("how far epochs lie apart").isBetween(chance / 2, 2 * chance);
  }

  private Path base(JsonObject golden) throws IOException {
    Path model = CommandLineRun.golden(golden.get("model").getAsString());
    return ChangedFolder.of(model, golden.getAsJsonObject("changes"), folder);
  }

  private static List<Object> arguments(JsonObject golden) {
    List<Object> options = new ArrayList<>(options(golden));
    golden
        .getAsJsonObject("arguments")
        .asMap()
        .forEach(
            (key, value) -> {
              options.add("--" + key.replace('_', '-'));
              if (value.isJsonObject()) {
                options.add(value.toString());
              } else if (!value.getAsString().equals("true")) {
                options.add(value.getAsString());
              }
            });
    return options;
  }

  @ParameterizedTest
  @MethodSource("shared")
  void trainsAsTheSharedGoldens(String name) throws IOException {
    Path goldens = sharedGoldens();
    assumeTrue(Files.isDirectory(goldens), goldens + " is not there");
    JsonObject golden = read(goldens.resolve("training/" + name + ".json"));
    List<Object> options = new ArrayList<>(options(golden));
    options.addAll(List.of("--train", rows(golden.getAsJsonArray("rows"))));
    options.addAll(List.of("--learning-rate", 1e-3, "--warmup-steps", 2, "--max-grad-norm", 1));
    options.addAll(List.of("--per-device-train-batch-size", golden.get("batch_size").getAsInt()));
    if (name.startsWith("splade")) {
      options.addAll(List.of("--regularizer-warmup-ratio", 0));
      options.addAll(List.of("--document-regularizer-weight", 3e-3));
    }
    options.addAll(List.of("--max-steps", golden.get("steps").getAsInt()));
    options.addAll(List.of("--loss", sharedLoss(name)));
    run(goldens.resolve("models").resolve(golden.get("model").getAsString()), options);
    golden.keySet().stream()
        .filter(key -> key.startsWith("final_"))
        .toList()
        .forEach(
            key -> {
              String kept = key.equals("final_scores") ? "scores" : key.replace("final_", "");
              golden.add(kept, golden.get(key));
            });
    TrainGolden.check(golden, output());
  }

  private static String sharedLoss(String name) {
    return Map.of(
            "angle", "AnglE",
            "binary-cross-entropy", "BinaryCrossEntropy",
            "cosent", "CoSENT",
            "splade-sparse-cosine-similarity", "SparseCosineSimilarity")
        .getOrDefault(name, "CosineSimilarity");
  }

  private static List<Object> options(JsonObject golden) {
    return golden.has("loss") ? List.of("--loss", golden.get("loss").getAsString()) : List.of();
  }

  private Path rows(JsonArray rows) throws IOException {
    Path file = folder.resolve("rows.csv");
    try (CSVPrinter csv = new CSVPrinter(Files.newBufferedWriter(file), CSVFormat.DEFAULT)) {
      csv.printRecord("sentence1", "sentence2", "score");
      for (JsonElement row : rows) {
        csv.printRecord(row.getAsJsonArray().asList().stream().map(JsonElement::getAsString));
      }
    }
    return file;
  }

  private void run(Path base, List<Object> options) {
    String fixed = "--fp32 --dropout 0 --no-shuffle --logging-steps 1";
    String task = TrainRun.task(base.getFileName().toString());
    CommandLineRun run = TrainRun.on(base, task, output(), fixed, options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private Path output() {
    return folder.resolve("output");
  }

  /** A case of {@code generate_losses.py}, on rows of the shape that it names. */
  @ParameterizedTest
  @MethodSource("losses")
  void aLossIsTheReferences(String name) throws IOException {
    Path losses = TrainRun.goldens().resolve("losses");
    JsonObject golden = read(losses.resolve(name + ".json"));
    List<Object> options = arguments(golden);
    golden
        .getAsJsonArray("rows")
        .forEach(
            rows ->
                options.addAll(List.of("--train", losses.resolve(rows.getAsString() + ".jsonl"))));
    run(base(golden), options);
    TrainGolden.check(golden, output());
  }

  /** Bit for bit: narrow matrices are kept, and begin from the base's products again. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora-cross-mse",
        "lora-sparse-margin-mse",
        "sparse-looked-up-mnr",
        "router-lora-margin-mse"
      })
  void whatWasStoppedGoesOnAsIfItHadNot(String name) throws IOException {
    Path losses = TrainRun.goldens().resolve("losses");
    JsonObject golden = read(losses.resolve(name + ".json"));
    Path rows = losses.resolve(golden.getAsJsonArray("rows").get(0).getAsString() + ".jsonl");
    List<Object> options = arguments(golden);
    options.addAll(List.of("--train", rows, "--save-steps", 1, "--save-total-limit", 99));
    run(base(golden), options);
    List<String> whole = TrainRun.timeless(output());
    Path weights = output().resolve("checkpoint-3/optimizer.safetensors");
    assertThat(weights).exists();
    Path last = newest();
    byte[] after = Files.readAllBytes(last);
    for (long step : new Checkpoints(output()).steps()) {
      if (step > 2) {
        Files.move(output().resolve("checkpoint-" + step), folder.resolve("away-" + step));
      }
    }
    options.add("--resume");
    run(base(golden), options);

    assertThat(TrainRun.timeless(output())).isEqualTo(whole);
    assertThat(Files.readAllBytes(newest())).isEqualTo(after);
  }

  private Path newest() throws IOException {
    long step = new Checkpoints(output()).newest().orElseThrow();
    return output().resolve("checkpoint-" + step + "/optimizer.safetensors");
  }

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }
}

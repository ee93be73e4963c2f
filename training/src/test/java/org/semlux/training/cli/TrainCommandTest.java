package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.train.Checkpoints;

/** What a run of {@code semlux train} does beyond the steps of the reference. */
class TrainCommandTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-normalize, model.safetensors",
    "dense-modernbert-mean, model.safetensors",
    "dense-word-embeddings-bilstm-mean, 1_LSTM/model.safetensors",
    "sparse-distilbert, model.safetensors",
    "cross-roberta, model.safetensors"
  })
  void aRunGoesOnAsIfNothingHadHappened(String model, String weights) throws IOException {
    Path whole = folder.resolve("whole");
    Path base = CommandLineRun.golden(model);
    String options =
        "--fp32 --dropout 0.2 --learning-rate 1e-3 --max-steps 9 --save-steps 2 --logging-steps 3"
            + " --per-device-train-batch-size 8 --save-total-limit 100";
    succeed(TrainRun.on(base, TrainRun.task(model), whole, options));

    for (long step : List.of(2, 4, 8)) {
      Path stopped = folder.resolve("stopped-" + step);
      copy(whole, stopped, step);
      succeed(TrainRun.on(base, TrainRun.task(model), stopped, options + " --resume"));

      assertThat(TrainRun.timeless(stopped)).isEqualTo(TrainRun.timeless(whole));
      assertThat(stopped.resolve(weights)).hasSameBinaryContentAs(whole.resolve(weights));
    }
  }

  /** What is there when a run is killed just after a checkpoint. */
  private static void copy(Path run, Path target, long step) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = run.relativize(file);
        String top = name.getName(0).toString();
        boolean kept =
            top.equals("training_log.jsonl")
                || (top.startsWith("checkpoint-")
                    && Long.parseLong(top.replace("checkpoint-", "")) <= step);
        if (kept) {
          Files.createDirectories(target.resolve(name).getParent());
          Files.copy(file, target.resolve(name));
        }
      }
    }
  }

  @Test
  void aRunThatHadEndedIsOnlyDescribedAgain() throws IOException {
    Path output = folder.resolve("output");
    String options = "--num-train-epochs 1 --fp32 --dev " + TrainRun.PAIRS;
    succeed(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options));
    byte[] weights = Files.readAllBytes(output.resolve(WEIGHTS));
    List<String> log = TrainRun.timeless(output);
    Files.delete(output.resolve("README.md"));

    succeed(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options + " --resume"));

    assertThat(output.resolve(WEIGHTS)).hasBinaryContent(weights);
    assertThat(TrainRun.timeless(output)).isEqualTo(log);
    assertThat(output.resolve("README.md")).isNotEmptyFile();
  }

  /** Metrics of two data sets have two names, whatever their files are called. */
  @Test
  void filesOfTheSameNameAreTwoDataSets() throws IOException {
    Path dev = Files.createDirectories(folder.resolve("dev")).resolve("pairs.csv");
    Path test = Files.createDirectories(folder.resolve("test")).resolve("pairs.all.csv");
    Files.copy(TrainRun.PAIRS, dev);
    Files.copy(TrainRun.PAIRS, test);
    Path output = folder.resolve("output");
    String options = "--max-steps 1 --fp32 --resume --dev " + dev + " --test " + test;
    CommandLineRun run = TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options);
    succeed(run);

    assertThat(run.err()).contains(output + " holds no checkpoint to go on from: training begins");
    JsonObject provenance =
        JsonParser.parseString(Files.readString(output.resolve("provenance.json")))
            .getAsJsonObject();
    assertThat(provenance.getAsJsonObject("metrics").keySet())
        .contains("pairs_spearman_cosine", "pairs-test_spearman_cosine");
    assertThat(output.resolve("eval/similarity_evaluation_pairs-test_results.csv"))
        .content()
        .hasLineCount(2);
  }

  /** The log of a run goes on under the names that it began with. */
  @Test
  void devKeepsItsNameWhenATestOfTheSameNameComes() throws IOException {
    Path test = Files.createDirectories(folder.resolve("test")).resolve("pairs.csv");
    Files.copy(TrainRun.PAIRS, test);
    Path output = folder.resolve("output");
    String options = "--max-steps 1 --fp32 --dev " + TrainRun.PAIRS;
    succeed(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options));
    List<String> log = TrainRun.timeless(output);
    succeed(
        TrainRun.on(
            CommandLineRun.MODEL, "bi-encoder", output, options + " --resume --test " + test));

    assertThat(TrainRun.timeless(output)).isEqualTo(log);
    assertThat(output.resolve("eval").toFile().list())
        .containsExactlyInAnyOrder(
            "similarity_evaluation_pairs_results.csv",
            "similarity_evaluation_pairs-test_results.csv");
  }

  @Test
  void theSeedDecides() throws IOException {
    List<String> first = seeded("first", 7);

    assertThat(seeded("second", 7)).isEqualTo(first);
    assertThat(seeded("third", 8)).isNotEqualTo(first);
    assertThat(folder.resolve("second").resolve(WEIGHTS))
        .hasSameBinaryContentAs(folder.resolve("first").resolve(WEIGHTS));
  }

  private List<String> seeded(String name, long seed) throws IOException {
    String options = "--dropout 0.1 --logging-steps 1 --fp32 --seed " + seed;
    succeed(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", folder.resolve(name), options));
    return TrainRun.timeless(folder.resolve(name));
  }

  @ParameterizedTest
  @CsvSource({"dense-roberta-mean, CosineSimilarity", "cross-bert, BinaryCrossEntropy"})
  void twoBatchesMakeOneStepOfTheirMean(String model, String loss) throws IOException {
    Path rows = folder.resolve("rows.csv");
    Stream<String> plain =
        Files.readAllLines(TrainRun.PAIRS).stream()
            .filter(line -> line.matches("[^,\"]*,[^,\"]*,[0-9.]+"));
    Files.write(
        rows, Stream.concat(Stream.of("sentence1,sentence2,score"), plain.limit(16)).toList());
    List<JsonObject> whole = accumulated(model, loss, rows, 16, 1);
    List<JsonObject> halves = accumulated(model, loss, rows, 8, 2);

    assertThat(whole).hasSize(6);
    for (String key : List.of("loss", "grad_norm", "learning_rate")) {
      double[] wanted = TrainRun.series(whole, key);
      double[] found = TrainRun.series(halves, key);
      for (int i = 0; i < wanted.length; i++) {
        assertThat(found[i]).as("%s %d", key, i).isCloseTo(wanted[i], within(1e-4 * wanted[i]));
      }
    }
  }

  private List<JsonObject> accumulated(String model, String loss, Path rows, int batch, int batches)
      throws IOException {
    String options =
        "--num-train-epochs 6 --learning-rate 1e-3 --loss %s --per-device-train-batch-size %s"
                .formatted(loss, batch)
            + " --gradient-accumulation-steps "
            + batches;
    Path output = folder.resolve(batch + "x" + batches);
    return TrainRun.succeed(model, output, options, "--train", rows);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense-bert-mean-normalize",
        "dense-modernbert-mean",
        "dense-mpnet-mean-normalize",
        "dense-word-embeddings-bilstm-mean",
        "sparse-bert",
        "cross-distilbert"
      })
  void bfloat16StaysNearFloat32AndLearns(String model) throws IOException {
    double[] exact = losses(model, "--fp32");
    double[] found = losses(model, "--bf16");

    for (int i = 0; i < 3; i++) {
      assertThat(found[i]).as("step %d", i + 1).isCloseTo(exact[i], within(0.08 * exact[i]));
    }
    assertThat(epoch(found, 7)).isLessThan(0.9 * epoch(found, 0));
  }

  private double[] losses(String model, String precision) throws IOException {
    String options =
        "--dropout 0 --no-shuffle --logging-steps 1 --learning-rate 2e-3 --num-train-epochs 8"
            + " --per-device-train-batch-size 11 ";
    Path base = CommandLineRun.golden(model);
    Path output = folder.resolve(precision);
    succeed(TrainRun.on(base, TrainRun.task(model), output, options + precision));
    return TrainRun.series(TrainRun.steps(output), "loss");
  }

  /** The mean loss of an epoch of four steps. */
  private static double epoch(double[] losses, int epoch) {
    return Arrays.stream(losses, 4 * epoch, 4 * epoch + 4).average().orElseThrow();
  }

  @Test
  void theBestCheckpointBecomesTheModelAndTrainingStopsEarly() throws IOException {
    Path output = folder.resolve("output");
    String options =
        "--eval-steps 2 --early-stopping-patience 2 --fp32 --num-train-epochs 50 --dropout 0"
            + " --learning-rate 0.05 --save-total-limit 1";
    CommandLineRun run =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options, "--dev", TrainRun.PAIRS);
    succeed(run);

    double[] metrics =
        Files.readAllLines(output.resolve("training_log.jsonl")).stream()
            .filter(line -> line.contains("\"evaluator\""))
            .map(line -> com.google.gson.JsonParser.parseString(line).getAsJsonObject())
            .map(entry -> entry.getAsJsonObject("metrics"))
            .mapToDouble(all -> all.get("pairs_spearman_cosine").getAsDouble())
            .toArray();
    assertThat(metrics.length).isLessThan(75); // of 150 steps
    int best = 0;
    for (int i = 1; i < metrics.length; i++) {
      best = metrics[i] > metrics[best] ? i : best;
    }
    assertThat(metrics.length - 1 - best).isEqualTo(2);
    List<Long> kept = new Checkpoints(output).steps();
    assertThat(kept).contains(0L, 2L * (best + 1), 2L * metrics.length).hasSizeLessThan(5);
    assertThat(output.resolve(WEIGHTS))
        .hasSameBinaryContentAs(output.resolve("checkpoint-" + 2 * (best + 1)).resolve(WEIGHTS));
    assertThat(run.err()).contains("Step 2: pairs_spearman_cosine ");
  }

  @Test
  void checkpointsAreKeptAsToldAndTheRestIsNamed() throws IOException {
    Path output = folder.resolve("output");
    String options = "--save-steps 1 --save-total-limit 2 --max-steps 6 --fp32";
    succeed(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options));

    assertThat(new Checkpoints(output).steps()).containsExactly(0L, 4L, 5L, 6L);
    try (Stream<Path> files = Files.list(output)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.startsWith("checkpoint-"))
              .sorted(Comparator.naturalOrder())
              .toList();
      assertThat(names)
          .contains("README.md", "provenance.json", "report.html", "training_log.jsonl", WEIGHTS)
          .doesNotContain("optimizer.safetensors", "trainer_state.json", "expected.json");
    }
  }

  private static void succeed(CommandLineRun run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
  }
}

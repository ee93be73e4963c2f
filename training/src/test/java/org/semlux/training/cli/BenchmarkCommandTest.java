package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.FastestPrecision;
import org.semlux.training.benchmark.Measurement;
import org.semlux.training.benchmark.SampleTexts;

class BenchmarkCommandTest {
  @TempDir Path folder;

  @Test
  void jsonHoldsTheFigures() throws IOException {
    Path data = Files.writeString(folder.resolve("pairs.csv"), "one two,three,1\nfour,five,2\n");

    CommandLineRun run =
        CommandLineRun.of(
            "benchmark",
            "--model",
            CommandLineRun.MODEL,
            "--data",
            data,
            "--precision",
            "float32",
            "--threads",
            1,
            "--rounds",
            2,
            "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject object = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(object.get("precision").getAsString()).isEqualTo("float32");
    assertThat(object.get("threads").getAsInt()).isEqualTo(1);
    assertThat(object.get("texts").getAsInt()).isEqualTo(4);
    assertThat(object.get("tokens").getAsInt()).isGreaterThanOrEqualTo(4 * 3);
    double p50 = object.get("latency_ms_p50").getAsDouble();
    assertThat(p50).isPositive();
    assertThat(object.get("latency_ms_p99").getAsDouble()).isGreaterThanOrEqualTo(p50);
    double median = object.get("texts_per_second_median").getAsDouble();
    assertThat(median).isPositive();
    assertThat(object.get("texts_per_second").getAsDouble()).isGreaterThanOrEqualTo(median);
    double rate = object.get("product_rate_gflops").getAsDouble();
    assertThat(rate).isPositive();
    // Of the golden's config: two layers, 32 numbers a token, 48 between, query, key and value.
    double products = 2 * (4 * 32 * 32 + 2 * 32 * 48);
    double tokensPerSecond =
        object.get("texts_per_second").getAsDouble() * object.get("tokens").getAsDouble() / 4;
    assertThat(object.get("product_share").getAsDouble())
        .isCloseTo(2 * products * tokensPerSecond / 1e9 / rate, withinPercentage(1e-3));
  }

  @Test
  void sparseModelsAreMeasuredAsDenseOnes() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "one\ntwo\nthree\n");

    JsonObject object = measure("sparse-bert", "--data", data);

    assertThat(object.get("texts").getAsInt()).isEqualTo(3);
    assertThat(object.get("texts_per_second").getAsDouble()).isPositive();
    assertThat(object.get("latency_ms_p50").getAsDouble()).isPositive();
    assertThat(object.get("product_share").getAsDouble()).isPositive();
  }

  @Test
  void eightBitsTellHowNearTheyAre() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "one dog\ntwo cats\nthree\n");
    Path calibration = Files.writeString(folder.resolve("own.txt"), "a dog runs\nthe cat sleeps\n");
    Object[] int8 = {"--precision", "int8", "--calibration", calibration};

    CommandLineRun dense = benchmark("dense-bert-mean-normalize", data, int8);
    CommandLineRun cross = benchmark("cross-bert", data, int8);
    CommandLineRun none = benchmark("dense-static-embedding", data, int8);

    JsonObject vectors = JsonParser.parseString(dense.out()).getAsJsonObject();
    assertThat(vectors.get("cosine_to_float32_lowest").getAsDouble()).isBetween(0.99, 1.0);
    JsonObject scores = JsonParser.parseString(cross.out()).getAsJsonObject();
    assertThat(scores.get("largest_score_difference").getAsDouble()).isBetween(1e-9, 0.05);
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("it has no precision int8");
  }

  private static CommandLineRun benchmark(String golden, Path data, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("benchmark", "--model"));
    arguments.add(CommandLineRun.golden(golden));
    arguments.addAll(List.of("--data", data, "--threads", 1, "--rounds", 1, "--json"));
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void crossEncodersReadOneQueryWithAHundredPassages() {
    JsonObject object = measure("cross-bert");

    assertThat(object.get("texts").getAsInt()).isEqualTo(100);
    assertThat(object.get("texts_per_second").getAsDouble()).isPositive();
    assertThat(object.get("latency_ms_p50").getAsDouble()).isPositive();
    assertThat(object.get("product_share").getAsDouble()).isPositive();
  }

  private static JsonObject measure(String golden, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("benchmark", "--model"));
    arguments.add(CommandLineRun.golden(golden));
    arguments.addAll(List.of("--precision", "float32", "--threads", 1, "--rounds", 1, "--json"));
    arguments.addAll(List.of(options));
    CommandLineRun run = CommandLineRun.of(arguments.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonParser.parseString(run.out()).getAsJsonObject();
  }

  @Test
  void theTableHasARowForEachPrecisionAndNumberOfThreads() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "one\ntwo\nthree\n");

    CommandLineRun run =
        CommandLineRun.of(
            "benchmark", "--model", CommandLineRun.MODEL, "--data", data, "--rounds", 1);

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    int precisions = FastestPrecision.SERVING.resolve(Precision.AUTO) == Precision.FLOAT32 ? 2 : 3;
    int threads = Runtime.getRuntime().availableProcessors() == 1 ? 1 : 2;
    assertThat(lines).hasSize(2 + precisions * threads + precisions - 1);
    assertThat(lines.get(lines.size() - 1))
        .matches("int8, cosine to float32: lowest 0\\.99\\d+, mean 0\\.99\\d+");
    assertThat(lines.get(0)).startsWith("dense-bert-mean-normalize: 3 texts of ");
    assertThat(lines.get(2))
        .matches("\\S+ +1 +[\\d,]+ +[\\d,]+ +[\\d.]+ ms +[\\d.]+ ms +[\\d,]+ GFLOPS +[\\d.]+%");
  }

  @Test
  void percentilesAndMedians() {
    double[] latencies = {1, 2, 3, 4};

    Measurement even =
        new Measurement(Precision.FLOAT32, 1, new double[] {1, 3}, 1, latencies, 1, 0);
    Measurement odd =
        new Measurement(Precision.FLOAT32, 1, new double[] {1, 3, 9}, 1, latencies, 1, 0);

    assertThat(even.medianTextsPerSecond()).isEqualTo(2);
    assertThat(odd.medianTextsPerSecond()).isEqualTo(3);
    assertThat(odd.bestTextsPerSecond()).isEqualTo(9);
    assertThat(odd.latencyMillis(50)).isEqualTo(2);
    assertThat(odd.latencyMillis(99)).isEqualTo(4);
  }

  @Test
  void generatedTextsAreTheSameEveryTimeAndVaryInLength() {
    List<String> texts = SampleTexts.of(500);

    assertThat(texts).isEqualTo(SampleTexts.of(500)).allSatisfy(t -> assertThat(t).isNotBlank());
    assertThat(texts.stream().map(text -> text.split(" ").length).distinct().count())
        .isGreaterThan(20);
    assertThat(SampleTexts.passages(3))
        .isEqualTo(SampleTexts.passages(3))
        .doesNotHaveDuplicates()
        .allSatisfy(passage -> assertThat(passage.split(" ")).hasSize(118));
  }

  @Test
  void anEmptyFileIsNamed() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "");

    CommandLineRun run =
        CommandLineRun.of("benchmark", "--model", CommandLineRun.MODEL, "--data", data);

    assertThat(run).isEqualTo(new CommandLineRun(1, "", "semlux: [" + data + "] holds no texts\n"));
  }
}

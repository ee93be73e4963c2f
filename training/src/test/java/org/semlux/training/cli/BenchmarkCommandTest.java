package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.program.Precision;

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
  }

  @Test
  void theTableHasARowForEachPrecisionAndNumberOfThreads() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "one\ntwo\nthree\n");

    CommandLineRun run =
        CommandLineRun.of(
            "benchmark", "--model", CommandLineRun.MODEL, "--data", data, "--rounds", 1);

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    int precisions = Precision.AUTO.resolve() == Precision.FLOAT32 ? 1 : 2;
    int threads = Runtime.getRuntime().availableProcessors() == 1 ? 1 : 2;
    assertThat(lines).hasSize(2 + precisions * threads);
    assertThat(lines.get(0)).startsWith("dense-bert-mean-normalize: 3 texts of ");
    assertThat(lines.get(2)).matches("\\S+ +1 +[\\d,]+ +[\\d,]+ +[\\d.]+ ms +[\\d.]+ ms");
  }

  @Test
  void percentilesAndMedians() {
    double[] latencies = {1, 2, 3, 4};

    Measurement even = new Measurement(Precision.FLOAT32, 1, new double[] {1, 3}, 1, latencies);
    Measurement odd = new Measurement(Precision.FLOAT32, 1, new double[] {1, 3, 9}, 1, latencies);

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
  }

  @Test
  void anEmptyFileIsNamed() throws IOException {
    Path data = Files.writeString(folder.resolve("texts.txt"), "");

    CommandLineRun run =
        CommandLineRun.of("benchmark", "--model", CommandLineRun.MODEL, "--data", data);

    assertThat(run).isEqualTo(new CommandLineRun(1, "", "semlux: [" + data + "] holds no texts\n"));
  }
}

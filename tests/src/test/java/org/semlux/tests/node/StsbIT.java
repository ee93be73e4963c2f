package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * all-MiniLM-L6-v2, imported from its ONNX export, on the test split of the STS benchmark, by the
 * commands that a user types. Published for the model: Spearman .8203.
 */
class StsbIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path STSB =
      Path.of(System.getProperty("semlux.shared")).resolve("data/stsb/test.csv");

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({"float32, 0.0002", "bfloat16, 0.001"})
  void spearmanOfTheTestSplit(String precision, double tolerance) throws IOException {
    assumeTrue(Files.isRegularFile(STSB), "the STS benchmark is not at " + STSB);
    Shell shell = new Shell(ROOT);
    String semlux = ROOT.resolve("training/target/semlux/bin/semlux").toString();
    String model = temporary.resolve("all-minilm-l6-v2").toString();
    shell.run(
        semlux, "import", export(), "--output", model, "--normalize", "--max-seq-length", "256");
    String printed =
        shell.run(
            semlux,
            "evaluate",
            "--model",
            model,
            "--data",
            STSB.toString(),
            "--precision",
            precision);
    String metrics = printed.lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
    assertThat(
            JsonParser.parseString(metrics).getAsJsonObject().get("spearman_cosine").getAsDouble())
        .isCloseTo(0.8203, within(tolerance));
  }

  private static String export() throws IOException {
    try (Stream<Path> jars = Files.list(ROOT.resolve("plugin/target/quickstart/minilm"))) {
      return jars.filter(jar -> jar.toString().endsWith(".jar"))
          .findFirst()
          .orElseThrow()
          .toString();
    }
  }
}

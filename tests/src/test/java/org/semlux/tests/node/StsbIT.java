package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * all-MiniLM-L6-v2, imported from its ONNX export, on the STS benchmark, by the commands that a
 * user types. Published for the model on the test split: Spearman .8203.
 */
@StartsNodes
class StsbIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path STSB =
      Path.of(System.getProperty("semlux.shared")).resolve("data/stsb");
  private static final String SEMLUX = ROOT.resolve("training/target/semlux/bin/semlux").toString();

  private static final Shell SHELL = new Shell(ROOT);

  @TempDir private static Path temporary;
  private static String model;

  @BeforeAll
  static void importModel() throws IOException {
    assumeTrue(Files.isDirectory(STSB), "the STS benchmark is not at " + STSB);
    model = temporary.resolve("all-minilm-l6-v2").toString();
    SHELL.run(
        SEMLUX, "import", export(), "--output", model, "--normalize", "--max-seq-length", "256");
  }

  @ParameterizedTest
  @CsvSource({"float32, 0.0002", "bfloat16, 0.001"})
  void spearmanOfTheTestSplit(String precision, double tolerance) throws IOException {
    JsonObject metrics = evaluate(model, "test.csv", "--precision", precision);

    assertThat(metrics.get("spearman_cosine").getAsDouble()).isCloseTo(0.8203, within(tolerance));
  }

  @Test
  void sparsifiedWithoutTraining() throws IOException {
    String sparse = temporary.resolve("sparse").toString();
    String texts = STSB.resolve("train.csv").toString();
    SHELL.run(SEMLUX, "sparsify", "--base", model, "--texts", texts, "--output", sparse);

    JsonObject metrics = evaluate(sparse, "dev.csv");
    assertThat(metrics.get("spearman_cosine").getAsDouble()).isGreaterThan(0.76);
    assertThat(metrics.get("active_dims").getAsDouble()).isLessThan(90);

    Path question = Files.writeString(temporary.resolve("question"), "How do I reset my password?");
    JsonObject terms =
        json(SHELL.run(SEMLUX, "encode", "--model", sparse, "--input", question.toString()));
    assertThat(terms.getAsJsonObject("weights").keySet()).startsWith("password", "reset");
  }

  private static JsonObject evaluate(String model, String split, String... options)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                SEMLUX, "evaluate", "--model", model, "--data", STSB.resolve(split).toString()));
    command.addAll(List.of(options));
    return json(SHELL.run(command));
  }

  /** The one line of a command's output that is an object. */
  private static JsonObject json(String printed) {
    String line = printed.lines().filter(it -> it.startsWith("{")).findFirst().orElseThrow();
    return JsonParser.parseString(line).getAsJsonObject();
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

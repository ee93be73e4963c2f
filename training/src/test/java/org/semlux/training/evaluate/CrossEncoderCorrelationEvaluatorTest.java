package org.semlux.training.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against what the reference library answers: see cross_encoder_correlation.py. */
class CrossEncoderCorrelationEvaluatorTest {
  private static final String CSV = "CrossEncoderCorrelationEvaluator_pairs_results.csv";
  private static final CrossEncoderCorrelationEvaluator EVALUATOR =
      new CrossEncoderCorrelationEvaluator("pairs");

  private static JsonObject expected;
  private static double[] predicted;
  private static double[] scores;

  @TempDir Path folder;

  @BeforeAll
  static void readExpected() throws IOException {
    try (InputStream json = resource("cross-encoder-correlation.json")) {
      Gson gson = new Gson();
      expected = gson.fromJson(new InputStreamReader(json, UTF_8), JsonObject.class);
      predicted = gson.fromJson(expected.get("predicted"), double[].class);
      scores = gson.fromJson(expected.get("scores"), double[].class);
    }
  }

  @Test
  void metricsAreTheReferences() {
    Map<String, Double> metrics = EVALUATOR.evaluate(predicted, scores);

    JsonObject golden = expected.getAsJsonObject("metrics");
    assertThat(metrics.keySet()).containsExactlyElementsOf(golden.keySet());
    metrics.forEach(
        (name, value) ->
            assertThat(value).as(name).isCloseTo(golden.get(name).getAsDouble(), within(1e-6)));
    assertThat(new CrossEncoderCorrelationEvaluator("").evaluate(predicted, scores))
        .containsOnlyKeys("pearson", "spearman");
  }

  @Test
  void theFileIsTheReferences() throws IOException {
    Map<String, Double> metrics = EVALUATOR.evaluate(predicted, scores);

    EVALUATOR.writeCsv(folder.resolve("eval"), -1, -1, metrics);
    Path file = EVALUATOR.writeCsv(folder.resolve("eval"), 0.5, 180, metrics);

    assertThat(file).isEqualTo(folder.resolve("eval").resolve(CSV));
    CsvRows.assertSame(Files.readString(file), new String(resource(CSV).readAllBytes(), UTF_8));
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> EVALUATOR.evaluate(predicted, new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("different length");
    assertThatThrownBy(() -> new CrossEncoderCorrelationEvaluator("a/b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a/b]");
  }

  private static InputStream resource(String name) {
    return CrossEncoderCorrelationEvaluatorTest.class.getResourceAsStream("/evaluate/" + name);
  }
}

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.DenseVector;

/** Against what the reference library answers for the same vectors: see embedding_similarity.py. */
class EmbeddingSimilarityEvaluatorTest {
  private static final String CSV = "similarity_evaluation_vectors_results.csv";

  private static JsonObject expected;
  private static List<DenseVector> first;
  private static List<DenseVector> second;
  private static double[] scores;

  @TempDir Path folder;

  @BeforeAll
  static void readExpected() throws IOException {
    try (InputStream json = resource("embedding-similarity.json")) {
      Gson gson = new Gson();
      expected = gson.fromJson(new InputStreamReader(json, UTF_8), JsonObject.class);
      first = vectors(gson.fromJson(expected.get("first"), float[][].class));
      second = vectors(gson.fromJson(expected.get("second"), float[][].class));
      scores = gson.fromJson(expected.get("scores"), double[].class);
    }
  }

  @Test
  void metricsAreTheReferences() {
    EmbeddingSimilarityEvaluator evaluator = evaluator(Similarity.values());

    Map<String, Double> metrics = evaluator.evaluate(first, second, scores);

    JsonObject golden = expected.getAsJsonObject("metrics");
    assertThat(metrics.keySet()).containsExactlyElementsOf(golden.keySet());
    metrics.forEach(
        (name, value) ->
            assertThat(value).as(name).isCloseTo(golden.get(name).getAsDouble(), within(1e-6)));
    assertThat(evaluator.primaryMetric()).isEqualTo(expected.get("primary_metric").getAsString());
  }

  @Test
  void theFileIsTheReferences() throws IOException {
    EmbeddingSimilarityEvaluator evaluator = evaluator(Similarity.values());
    Map<String, Double> metrics = evaluator.evaluate(first, second, scores);

    evaluator.writeCsv(
        folder.resolve("eval"), EmbeddingSimilarityEvaluator.NOT_TRAINING, -1, metrics);
    Path file = evaluator.writeCsv(folder.resolve("eval"), 0.5, 180, metrics);

    assertThat(file).isEqualTo(folder.resolve("eval").resolve(CSV));
    CsvRows.assertSame(Files.readString(file), new String(resource(CSV).readAllBytes(), UTF_8));
  }

  @Test
  void oneSimilarityHasNoMaximumAndNoNameNoPrefix() {
    EmbeddingSimilarityEvaluator evaluator =
        new EmbeddingSimilarityEvaluator("", List.of(Similarity.COSINE));

    assertThat(evaluator.evaluate(first, second, scores))
        .containsOnlyKeys("pearson_cosine", "spearman_cosine");
    assertThat(evaluator.primaryMetric()).isEqualTo("spearman_cosine");
  }

  @Test
  void equalScoresGiveNoNumber() throws IOException {
    EmbeddingSimilarityEvaluator evaluator = evaluator(Similarity.DOT);

    Map<String, Double> metrics = evaluator.evaluate(first, second, new double[scores.length]);

    assertThat(metrics.values()).containsOnly(Double.NaN);
    assertThat(Files.readString(evaluator.writeCsv(folder, 1, 2, metrics)))
        .isEqualTo("epoch,steps,dot_pearson,dot_spearman\r\n1,2,nan,nan\r\n");
  }

  @Test
  void aFileWithOtherColumnsIsNotSpoilt() throws IOException {
    Path file = Files.writeString(folder.resolve(CSV), "epoch,steps,dot_pearson\r\n");
    EmbeddingSimilarityEvaluator evaluator = evaluator(Similarity.DOT);
    Map<String, Double> metrics = evaluator.evaluate(first, second, scores);

    assertThatThrownBy(() -> evaluator.writeCsv(folder, -1, -1, metrics))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has other columns [epoch,steps,dot_pearson]");
    assertThat(file).hasContent("epoch,steps,dot_pearson");
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> evaluator(Similarity.DOT).evaluate(first, second, new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("40 and 40 embeddings for 3 scores");
    assertThatThrownBy(() -> new EmbeddingSimilarityEvaluator("../x", List.of(Similarity.DOT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[../x]");
    assertThatThrownBy(() -> evaluator()).isInstanceOf(IllegalArgumentException.class);
  }

  private static EmbeddingSimilarityEvaluator evaluator(Similarity... similarities) {
    return new EmbeddingSimilarityEvaluator("vectors", List.of(similarities));
  }

  private static List<DenseVector> vectors(float[][] values) {
    return Arrays.stream(values).map(DenseVector::new).toList();
  }

  private static InputStream resource(String name) {
    return EmbeddingSimilarityEvaluatorTest.class.getResourceAsStream("/evaluate/" + name);
  }
}

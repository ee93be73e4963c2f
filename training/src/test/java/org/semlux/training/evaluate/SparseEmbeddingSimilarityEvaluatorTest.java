package org.semlux.training.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.TermWeights;

/** Against what the reference library answers: see sparse_embedding_similarity.py. */
class SparseEmbeddingSimilarityEvaluatorTest {
  private static final String CSV = "similarity_evaluation_terms_results.csv";
  private static final SparseEmbeddingSimilarityEvaluator EVALUATOR =
      new SparseEmbeddingSimilarityEvaluator(
          "terms",
          List.of(Similarity.DOT, Similarity.COSINE, Similarity.EUCLIDEAN, Similarity.MANHATTAN));

  private static JsonObject expected;
  private static List<TermWeights> first;
  private static List<TermWeights> second;
  private static int vocabulary;
  private static double[] scores;

  @TempDir Path folder;

  @BeforeAll
  static void readExpected() throws IOException {
    try (InputStream json = resource("sparse-embedding-similarity.json")) {
      Gson gson = new Gson();
      expected = gson.fromJson(new InputStreamReader(json, UTF_8), JsonObject.class);
      first = texts("first");
      second = texts("second");
      vocabulary = expected.get("vocabulary").getAsInt();
      scores = gson.fromJson(expected.get("scores"), double[].class);
    }
  }

  @Test
  void metricsAreTheReferences() {
    Map<String, Double> metrics = EVALUATOR.evaluate(first, second, vocabulary, scores);

    JsonObject golden = expected.getAsJsonObject("metrics");
    assertThat(metrics.keySet()).containsExactlyElementsOf(golden.keySet());
    metrics.forEach(
        (name, value) ->
            assertThat(value).as(name).isCloseTo(golden.get(name).getAsDouble(), within(1e-6)));
    assertThat(EVALUATOR.primaryMetric()).isEqualTo(expected.get("primary_metric").getAsString());
  }

  @Test
  void theFileIsTheReferences() throws IOException {
    Map<String, Double> metrics = EVALUATOR.evaluate(first, second, vocabulary, scores);

    EVALUATOR.writeCsv(folder.resolve("eval"), -1, -1, metrics);
    Path file = EVALUATOR.writeCsv(folder.resolve("eval"), 0.5, 180, metrics);

    assertThat(file).isEqualTo(folder.resolve("eval").resolve(CSV));
    CsvRows.assertSame(Files.readString(file), new String(resource(CSV).readAllBytes(), UTF_8));
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> EVALUATOR.evaluate(first, second, vocabulary, new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("40 and 40 texts for 3 scores");
    assertThatThrownBy(() -> new SparseEmbeddingSimilarityEvaluator("a/b", List.of(Similarity.DOT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a/b]");
  }

  private static List<TermWeights> texts(String key) {
    List<TermWeights> texts = new ArrayList<>();
    for (JsonElement text : expected.getAsJsonArray(key)) {
      Map<String, JsonElement> terms = text.getAsJsonObject().asMap();
      int[] ids = terms.keySet().stream().mapToInt(Integer::parseInt).toArray();
      float[] weights = new float[ids.length];
      int i = 0;
      for (JsonElement weight : terms.values()) {
        weights[i++] = weight.getAsFloat();
      }
      texts.add(new TermWeights(ids, terms.keySet().toArray(new String[0]), weights));
    }
    return texts;
  }

  private static InputStream resource(String name) {
    return SparseEmbeddingSimilarityEvaluatorTest.class.getResourceAsStream("/evaluate/" + name);
  }
}

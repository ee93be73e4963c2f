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
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  private static final Path SHARED = Path.of(System.getProperty("semlux.shared", ""));

  @TempDir Path folder;

  @Test
  void metricsAndFileAreTheReferences() throws IOException {
    assertReferences("embedding-similarity", "similarity_evaluation_sts-dev_results.csv");
  }

  @Test
  void metricsAndFileOfWordVectorsAreTheReferences() throws IOException {
    // One of the pairs has equal vectors here, and there vectors 1e-9 apart, as the library pads
    // the
    // texts of a batch: that moves the rank correlation of distances, which else are 0.
    assertReferences(
        "embedding-similarity-bilstm",
        "similarity_evaluation_sts-dev_results.csv",
        metric -> metric.matches(".*spearman_(euclidean|manhattan|max)") ? 1e-3 : 1e-4);
  }

  @Test
  void metricsAndFileOfASparseModelAreTheReferences() throws IOException {
    assertReferences("sparse-embedding-similarity", "similarity_evaluation_sts-dev_results.csv");
  }

  @Test
  void metricsAndFileOfACrossEncoderAreTheReferences() throws IOException {
    assertReferences("cross-correlation", "CrossEncoderCorrelationEvaluator_sts-dev_results.csv");
  }

  private void assertReferences(String evaluation, String file) throws IOException {
    assertReferences(evaluation, file, metric -> 1e-4);
  }

  private void assertReferences(String evaluation, String file, ToDoubleFunction<String> tolerance)
      throws IOException {
    Path golden = SHARED.resolve("goldens/training").resolve(evaluation);
    assumeTrue(Files.isDirectory(golden), "no goldens beside the checkout");
    JsonObject expected =
        JsonParser.parseString(Files.readString(golden.resolve("expected.json"))).getAsJsonObject();
    Path model = SHARED.resolve("goldens/models").resolve(expected.get("model").getAsString());
    Path data = folder.resolve("rows.jsonl");
    Files.write(data, rows(expected.getAsJsonArray("rows")));

    Path output = folder.resolve("results");
    CommandLineRun run =
        CommandLineRun.of(
            "evaluate",
            "--model",
            model,
            "--data",
            data,
            "--name",
            "sts-dev",
            "--output",
            output,
            "--precision",
            "float32");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject metrics = JsonParser.parseString(run.out()).getAsJsonObject();
    JsonObject names = expected.getAsJsonObject("metrics");
    assertThat(metrics.keySet()).containsExactlyElementsOf(names.keySet());
    names
        .entrySet()
        .forEach(
            metric ->
                assertThat(metrics.get(metric.getKey()).getAsDouble())
                    .as(metric.getKey())
                    .isCloseTo(
                        metric.getValue().getAsDouble(),
                        within(tolerance.applyAsDouble(metric.getKey()))));
    String csv = Files.readString(output.resolve("eval").resolve(file));
    String reference = Files.readString(golden.resolve(file));
    assertThat(csv.split("\r\n", -1)).hasSize(3).startsWith(reference.split("\r\n", -1)[0]);
    assertThat(csv.split("\r\n", -1)[1]).startsWith("-1,-1,");
  }

  @Test
  void badRowsAreLeftOutAndCountedOnDemand() throws IOException {
    Path data =
        Files.writeString(folder.resolve("pairs.csv"), "a,b,1\nc,d,x\ne,f\ng h,i j,0.2\na,c,0\n");

    CommandLineRun run = evaluate(data, "--skip-bad-rows", "--similarity-fn-names", "dot");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .isEqualTo(
            "%1$s: 2 bad rows left out of 5, the first is %1$s:2: the score [x] is not a number%n"
                .formatted(data));
    assertThat(evaluate(Files.writeString(data, "a,b\n"), "--skip-bad-rows").err())
        .contains("pairs.csv] holds no rows");
  }

  private static List<String> rows(JsonArray rows) {
    List<String> lines = new ArrayList<>();
    for (JsonElement row : rows) {
      JsonObject object = new JsonObject();
      object.add("sentence1", row.getAsJsonArray().get(0));
      object.add("sentence2", row.getAsJsonArray().get(1));
      object.add("score", row.getAsJsonArray().get(2));
      lines.add(object.toString());
    }
    return lines;
  }

  @Test
  void aSparseModelIsComparedByWhatItWasMadeFor() throws IOException {
    Path data = Files.writeString(folder.resolve("pairs.csv"), "a cat,a dog,1\na,b,2\nc,c,5\n");

    JsonObject own = metrics("sparse-bert", data);
    JsonObject chosen = metrics("sparse-bert", data, "--similarity-fn-names", "cosine");

    assertThat(own.keySet())
        .containsExactly("pearson_dot", "spearman_dot", "active_dims", "sparsity_ratio");
    assertThat(chosen.keySet())
        .containsExactly("pearson_cosine", "spearman_cosine", "active_dims", "sparsity_ratio");
    assertThat(own.get("active_dims").getAsDouble()).isGreaterThan(1);
    assertThat(own.get("sparsity_ratio").getAsDouble()).isStrictlyBetween(0.0, 1.0);
  }

  @Test
  void aCrossEncoderHasScoresOfOneLabel() throws IOException {
    Path data = Files.writeString(folder.resolve("pairs.csv"), "a cat,a dog,1\na,b,2\nc,c,5\n");
    Path output = folder.resolve("results");

    assertThat(metrics("cross-bert", data, "--output", output).keySet())
        .containsExactly("pearson", "spearman");
    assertThat(output.resolve("eval/CrossEncoderCorrelationEvaluator_results.csv")).exists();

    CommandLineRun threeLabels = evaluate("cross-bert-3-labels", data);
    assertThat(threeLabels.exitCode()).isEqualTo(1);
    assertThat(threeLabels.err()).contains("cross-bert-3-labels").contains("one label");
    assertThat(evaluate("cross-bert", data, "--similarity-fn-names", "dot").err())
        .contains("it is a cross model")
        .contains("--similarity-fn-names");
  }

  private static JsonObject metrics(String golden, Path data, Object... options) {
    CommandLineRun run = evaluate(golden, data, options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonParser.parseString(run.out()).getAsJsonObject();
  }

  private static CommandLineRun evaluate(String golden, Path data, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("evaluate", "--model"));
    arguments.addAll(List.of(CommandLineRun.golden(golden), "--data", data));
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void chosenSimilaritiesOnly() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("pairs.csv"), "left,right,label\na cat,a dog,1\na,b,2\nc,c,5\n");

    CommandLineRun run =
        evaluate(
            data,
            "--sentence1-column",
            "left",
            "--sentence2-column",
            "right",
            "--score-column",
            "label",
            "--similarity-fn-names",
            "dot");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(JsonParser.parseString(run.out()).getAsJsonObject().keySet())
        .containsExactly("pearson_dot", "spearman_dot");
  }

  @Test
  void aCorrelationThatDoesNotExistIsNull() throws IOException {
    Path data = Files.writeString(folder.resolve("pairs.csv"), "a,b,1\nc,d,1\n");

    CommandLineRun run = evaluate(data, "--similarity-fn-names", "cosine");

    assertThat(run.out()).isEqualTo("{\"pearson_cosine\":null,\"spearman_cosine\":null}\n");
  }

  @Test
  void badDataIsNamed() throws IOException {
    Path data = Files.writeString(folder.resolve("pairs.csv"), "a,b,1\nc,d,x\n");

    assertThat(evaluate(data))
        .isEqualTo(
            new CommandLineRun(1, "", "semlux: " + data + ":2: the score [x] is not a number\n"));
    assertThat(evaluate(Files.writeString(folder.resolve("empty.tsv"), "")).err())
        .contains("empty.tsv] holds no rows");
    assertThat(evaluate(folder.resolve("missing.csv")).err()).contains("no such file: ");
    Files.writeString(data, "a,b,1\nc,d,2\n");
    assertThat(evaluate(data, "--name", "a/b").err()).contains("[a/b]");
  }

  private static CommandLineRun evaluate(Path data, Object... options) {
    return evaluate("dense-bert-mean-normalize", data, options);
  }
}

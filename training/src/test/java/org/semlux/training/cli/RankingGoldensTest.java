package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.folder.ModelFiles;

/** Search and reranking beside the reference: see tests/reference/generate_evaluations.py. */
class RankingGoldensTest {
  private static final Path GOLDENS =
      Path.of(System.getProperty("basedir", "."), "src/test/resources/evaluate/ranking");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-normalize,search",
    "dense-bert-mean-normalize,reranking",
    "dense-bert-prompts,search",
    "dense-bert-prompts,reranking",
    "sparse-bert,search",
    "sparse-bert,reranking",
    "cross-bert,reranking",
    "multi-vector-bert-fixed,search",
    "multi-vector-bert-fixed,reranking",
    "multi-vector-modernbert-min,search",
    "multi-vector-modernbert-min,reranking"
  })
  void metricsAndFilesAreTheReferences(String model, String task) throws IOException {
    CommandLineRun run = evaluate(model, data(model, task), "--name", "small", "--output", folder);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject found = JsonParser.parseString(run.out()).getAsJsonObject();
    JsonObject golden = golden(model, task);
    assertThat(found.keySet()).containsExactlyElementsOf(golden.keySet());
    for (String metric : golden.keySet()) {
      assertThat(found.get(metric).getAsDouble())
          .as(metric)
          .isCloseTo(golden.get(metric).getAsDouble(), within(1e-6 * scale(metric)));
    }
    assertSameFile(model, task);
  }

  /** Numbers of terms are sums of float32 in the reference. */
  private static double scale(String metric) {
    return metric.contains("dims") || metric.contains("flops") ? 100 : 1;
  }

  private void assertSameFile(String model, String task) throws IOException {
    List<Path> written;
    try (Stream<Path> files = Files.list(folder.resolve("eval"))) {
      written = files.toList();
    }
    assertThat(written).hasSize(1);
    Path golden = GOLDENS.resolve(model).resolve(written.get(0).getFileName());
    assertThat(golden.getFileName().toString())
        .startsWith(task.equals("search") ? "Information-Retrieval" : "")
        .endsWith(".csv");
    String found = Files.readString(written.get(0));
    String expected = Files.readString(golden);
    assertThat(lineEnds(found)).isEqualTo(lineEnds(expected));
    assertThat(found.lines().findFirst()).isEqualTo(expected.lines().findFirst());
    String[] numbers = found.lines().toList().get(1).split(",");
    String[] goldens = expected.lines().toList().get(1).split(",");
    assertThat(numbers).hasSameSizeAs(goldens);
    for (int i = 0; i < goldens.length; i++) {
      assertThat(Double.parseDouble(numbers[i]))
          .isCloseTo(Double.parseDouble(goldens[i]), within(1e-4));
    }
  }

  private static String lineEnds(String text) {
    return text.replaceAll("[^\r\n]", "");
  }

  private static JsonObject golden(String model, String task) throws IOException {
    return JsonParser.parseString(Files.readString(GOLDENS.resolve("expected.json")))
        .getAsJsonObject()
        .getAsJsonObject(model)
        .getAsJsonObject(task)
        .getAsJsonObject("metrics");
  }

  private static List<Object> data(String model, String task) {
    if (task.equals("search")) {
      return search("qrels.tsv");
    }
    boolean cross = model.startsWith("cross");
    return List.of("--reranking", GOLDENS.resolve(cross ? "samples-cross.jsonl" : "samples.jsonl"));
  }

  private static List<Object> search(String judgements) {
    return List.of(
        "--queries",
        GOLDENS.resolve("queries.jsonl"),
        "--corpus",
        GOLDENS.resolve("corpus.jsonl"),
        "--qrels",
        GOLDENS.resolve(judgements));
  }

  private static CommandLineRun evaluate(String model, List<Object> data, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("evaluate", "--precision", "float32"));
    arguments.addAll(List.of("--model", CommandLineRun.golden(model)));
    arguments.addAll(data);
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }

  @Test
  void severalSimilaritiesStandSideBySide() throws IOException {
    CommandLineRun run =
        evaluate(
            "sparse-bert",
            search("qrels.tsv"),
            "--similarity-fn-names",
            "manhattan,dot,euclidean,cosine",
            "--output",
            folder);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject found = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(found.keySet())
        .startsWith("manhattan_accuracy@1")
        .contains("dot_ndcg@10", "euclidean_map@100", "cosine_mrr@10");
    assertThat(found.get("dot_map@100").getAsDouble()).isCloseTo(0.3270854212131653, within(1e-6));
    assertThat(
            Files.readString(folder.resolve("eval/Information-Retrieval_evaluation_results.csv")))
        .startsWith("epoch,steps,cosine-Accuracy@1,");
  }

  /** Half a file of queries would look like a better search else. */
  @Test
  void judgementsOfOtherQueriesAreCounted() throws IOException {
    List<Object> data = new ArrayList<>(search("qrels.tsv"));
    List<String> queries = Files.readAllLines(GOLDENS.resolve("queries.jsonl"));
    Path fewer = Files.write(folder.resolve("queries.jsonl"), queries.subList(0, 3));
    data.set(1, fewer);
    CommandLineRun run = evaluate("dense-bert-mean-normalize", data);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .containsPattern(
            "--qrels: \\d+ of \\d+ queries with an answer are not in \\["
                + fewer
                + "] and are left out\n");
    assertThat(evaluate("dense-bert-mean-normalize", search("qrels.tsv")).err())
        .doesNotContain("left out");
  }

  /** The reference leaves some out of an embedding's mean, and counts others as 0 of a score's. */
  @Test
  void samplesThatCannotBeJudgedAreCounted() throws IOException {
    Path samples =
        Files.writeString(
            folder.resolve("samples.jsonl"),
            """
            {"query":"q","positive":["a"],"negative":["b"]}
            {"query":"q","positive":[],"negative":["b"]}
            {"query":"q","positive":["a"],"negative":[]}
            """);
    List<Object> data = List.of("--reranking", samples);

    assertThat(evaluate("dense-bert-mean-normalize", data).err())
        .contains(
            "--reranking: 2 of 3 samples have no positive text, or no other one, and are left out\n");
    assertThat(evaluate("cross-bert", data).err())
        .contains("--reranking: 1 of 3 samples have no positive text and count as 0\n");
    assertThat(evaluate("cross-bert", data("dense", "reranking")).err()).doesNotContain("samples");
  }

  /** Models of several kinds share a file's name: nobody learns so after hours of encoding. */
  @ParameterizedTest
  @ValueSource(strings = {"sparse-bert", "multi-vector-bert-fixed"})
  void aFileOfOtherColumnsIsToldBeforeAModelIsLoaded(String other) throws IOException {
    assertThat(
            evaluate("dense-bert-mean-normalize", search("qrels.tsv"), "--output", folder)
                .exitCode())
        .isZero();
    Path golden = CommandLineRun.golden(other);
    Path unloadable = folder.resolve("model");
    for (Path file : ModelFiles.of(golden)) {
      Files.createDirectories(unloadable.resolve(file).getParent());
      Files.write(
          unloadable.resolve(file),
          file.toString().endsWith(".safetensors")
              ? new byte[8]
              : Files.readAllBytes(golden.resolve(file)));
    }

    CommandLineRun run = evaluate(unloadable.toString(), search("qrels.tsv"), "--output", folder);

    assertThat(run.err())
        .startsWith("semlux: [" + folder.resolve("eval"))
        .contains("has other columns [epoch,steps,cosine-Accuracy@1,")
        .endsWith("]: move it away, or give another --output\n");
  }

  @Test
  void whatDoesNotFitIsSaid() {
    assertThat(evaluate("cross-bert", search("qrels.tsv")).err())
        .contains("it is a cross model, which cannot search a corpus: give --reranking");
    assertThat(
            evaluate(
                    "dense-bert-mean-normalize",
                    data("dense", "reranking"),
                    "--similarity-fn-names",
                    "dot,cosine")
                .err())
        .contains("reranking goes by one similarity");
    CommandLineRun two =
        evaluate("cross-bert", data("cross", "reranking"), "--data", folder.resolve("x.csv"));
    assertThat(two.exitCode()).isEqualTo(2);
    assertThat(two.err()).contains("mutually exclusive");
    CommandLineRun half = evaluate("sparse-bert", search("qrels.tsv").subList(0, 4));
    assertThat(half.exitCode()).isEqualTo(2);
    assertThat(half.err()).contains("--qrels");
    assertThat(evaluate("sparse-bert", List.of()).exitCode()).isEqualTo(2);
  }
}

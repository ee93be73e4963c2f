package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A multi-vector model on the command line. */
class MultiVectorCommandTest {
  private static final String GOLDEN = "multi-vector-bert-stanford";

  @TempDir Path folder;

  private static JsonObject expected() throws IOException {
    Path file = CommandLineRun.golden(GOLDEN).resolve("expected.json");
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  private Path lines(JsonArray values) throws IOException {
    Path input = folder.resolve("input.jsonl");
    Files.write(input, values.asList().stream().map(JsonElement::toString).toList());
    return input;
  }

  private static CommandLineRun run(String command, Object model, Object... more) {
    Object[] arguments = new Object[5 + more.length];
    System.arraycopy(
        new Object[] {command, "--precision", "float32", "--model", model}, 0, arguments, 0, 5);
    System.arraycopy(more, 0, arguments, 5, more.length);
    return CommandLineRun.of(arguments);
  }

  private static void assertRows(JsonArray found, JsonArray golden) {
    assertThat(found).hasSameSizeAs(golden);
    for (int t = 0; t < golden.size(); t++) {
      JsonArray row = golden.get(t).getAsJsonArray();
      assertThat(found.get(t).getAsJsonArray()).hasSameSizeAs(row);
      for (int d = 0; d < row.size(); d++) {
        assertThat(found.get(t).getAsJsonArray().get(d).getAsDouble())
            .isCloseTo(row.get(d).getAsDouble(), within(1e-4));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"query", "document"})
  void aMatrixALine(String side) throws IOException {
    JsonArray texts = expected().getAsJsonArray(side.equals("query") ? "queries" : "documents");
    JsonArray golden = expected().getAsJsonArray(side + "_token_embeddings");

    CommandLineRun run =
        run("encode", CommandLineRun.golden(GOLDEN), "--input", lines(texts), "--input-type", side);

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> answers = run.out().lines().toList();
    assertThat(answers).hasSize(texts.size());
    for (int i = 0; i < answers.size(); i++) {
      JsonObject answer = JsonParser.parseString(answers.get(i)).getAsJsonObject();
      assertThat(answer.keySet()).containsExactly("token_embeddings");
      assertRows(answer.getAsJsonArray("token_embeddings"), golden.get(i).getAsJsonArray());
    }
  }

  @Test
  void scoresAreMaxSim() throws IOException {
    JsonArray pairs = expected().getAsJsonArray("pairs");
    CommandLineRun run = run("score", CommandLineRun.golden(GOLDEN), "--input", lines(pairs));
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> answers = run.out().lines().toList();
    assertThat(answers).hasSize(pairs.size());
    for (int i = 0; i < answers.size(); i++) {
      JsonObject answer = JsonParser.parseString(answers.get(i)).getAsJsonObject();
      double score = expected().getAsJsonArray("scores").get(i).getAsDouble();
      assertThat(answer.get("score").getAsDouble()).isCloseTo(score, within(1e-3));
      assertThat(answer.get("raw")).isEqualTo(answer.get("score"));
    }
  }

  @Test
  void pairsAreJudgedByTheirScores() throws IOException {
    Path data = folder.resolve("pairs.csv");
    Files.writeString(
        data,
        """
        sentence1,sentence2,score
        A man plays.,A man plays the guitar.,4
        A man plays.,The river rises.,1
        Rain falls.,It rains after three days.,5
        """);
    CommandLineRun run = run("evaluate", CommandLineRun.golden(GOLDEN), "--data", data);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(JsonParser.parseString(run.out()).getAsJsonObject().keySet())
        .containsExactly("pearson", "spearman");
    CommandLineRun refused =
        run(
            "evaluate",
            CommandLineRun.golden(GOLDEN),
            "--data",
            data,
            "--similarity-fn-names",
            "cosine");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("is a multi_vector model, which scores pairs in its own way");
  }

  /** A sum of best matches is what it is. */
  @Test
  void aTeacherWithoutActivation() throws IOException {
    Path data = Files.writeString(folder.resolve("rows.csv"), "anchor,positive\nrain,it rains\n");
    Path output = folder.resolve("labelled.jsonl");
    Path teacher = CommandLineRun.golden(GOLDEN);
    CommandLineRun run = run("label", teacher, "--data", data, "--output", output, "--activated");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("it is a multi_vector model, whose scores have no activation: leave --activated");
    assertThat(output).doesNotExist();
  }

  /** Stanford's settings come along: without them the copy would be another model. */
  @Test
  void anImportedFolderIsTheSameModel() throws IOException {
    Path copy = folder.resolve("copy");
    CommandLineRun imported =
        CommandLineRun.of("import", CommandLineRun.golden(GOLDEN), "--output", copy);
    assertThat(imported.exitCode()).as(imported.err()).isZero();
    assertThat(copy.resolve("artifact.metadata")).exists();

    CommandLineRun info = run("info", copy);
    assertThat(info.exitCode()).as(info.err()).isZero();
    assertThat(info.out())
        .containsPattern("kind +multi_vector")
        .containsPattern("dimensions +8")
        .containsPattern("max tokens +20");
    Path pairs = lines(expected().getAsJsonArray("pairs"));
    assertThat(run("score", copy, "--input", pairs).out())
        .isEqualTo(run("score", CommandLineRun.golden(GOLDEN), "--input", pairs).out());
  }
}

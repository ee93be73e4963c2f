package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreCommandTest {
  private static final Gson GSON = new Gson();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"cross-bert", "cross-bert-3-labels"})
  void scoresAreTheReferencesInOrder(String golden) throws IOException {
    JsonObject expected = expected(golden);
    JsonArray pairs = expected.getAsJsonArray("pairs");
    Path input = folder.resolve("pairs.jsonl");
    Files.write(input, pairs.asList().stream().map(JsonElement::toString).toList());

    CommandLineRun run = score(golden, input, "--precision", "float32");

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(pairs.size());
    for (int i = 0; i < lines.size(); i++) {
      JsonObject answer = JsonParser.parseString(lines.get(i)).getAsJsonObject();
      assertThat(answer.keySet()).containsExactly("score", "raw");
      assertNumbers(answer.get("score"), expected.getAsJsonArray("scores").get(i));
      assertNumbers(answer.get("raw"), expected.getAsJsonArray("raw").get(i));
    }
  }

  @Test
  void thousandsOfPairsStayInOrder() throws IOException {
    List<String> pairs =
        expected("cross-bert").getAsJsonArray("pairs").asList().stream()
            .limit(3)
            .map(JsonElement::toString)
            .toList();
    List<String> lines = Collections.nCopies(2_000, pairs).stream().flatMap(List::stream).toList();
    Path output = folder.resolve("scores.jsonl");

    CommandLineRun run =
        CommandLineRun.withInput(
            String.join("\n", lines),
            "score",
            "--model",
            CommandLineRun.golden("cross-bert"),
            "--input",
            "-",
            "--output",
            output);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    double[] scores =
        Files.readAllLines(output).stream()
            .mapToDouble(
                line -> JsonParser.parseString(line).getAsJsonObject().get("score").getAsDouble())
            .toArray();
    assertThat(scores).hasSize(lines.size());
    for (int i = 3; i < scores.length; i++) {
      assertThat(scores[i]).as("line " + i).isCloseTo(scores[i % 3], within(2e-2));
    }
    assertThat(scores[1]).isGreaterThan(scores[0] + 0.1).isGreaterThan(scores[2] + 0.1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "[\"a\"]",
        "[\"a\",\"b\",\"c\"]",
        "[\"a\",1]",
        "{\"a\":\"b\"}",
        "[\"a\","
      })
  void aBadLineIsNamed(String line) throws IOException {
    Path input = Files.writeString(folder.resolve("pairs"), "[\"a\",\"b\"]\n" + line + "\n");
    Path output = folder.resolve("scores");

    CommandLineRun run = score("cross-bert", input, "--output", output);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("semlux: " + input + ":2: no JSON array of two strings such as [\"a\",\"b\"]");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"score", "encode"})
  void theInputIsNotReplaced(String command) throws IOException {
    String golden = command.equals("score") ? "cross-bert" : "dense-bert-mean-normalize";
    Path input = Files.writeString(folder.resolve("input"), "[\"a\",\"b\"]\n");
    CommandLineRun run =
        CommandLineRun.of(
            command,
            "--model",
            CommandLineRun.golden(golden),
            "--input",
            input,
            "--output",
            folder.resolve("../" + folder.getFileName() + "/input"));
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("would replace the input " + input);
    assertThat(input).hasContent("[\"a\",\"b\"]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "sparse"})
  void singleTextsAreForEncode(String kind) throws IOException {
    Path input = Files.writeString(folder.resolve("pairs"), "[\"a\",\"b\"]\n");
    String golden = kind.equals("dense") ? "dense-bert-mean-normalize" : "sparse-bert";

    assertThat(score(golden, input))
        .isEqualTo(
            new CommandLineRun(
                1,
                "",
                "semlux: model [%s]: it is a %s model, which encodes single texts: use semlux encode\n"
                    .formatted(golden, kind)));
  }

  private static JsonObject expected(String golden) throws IOException {
    Path file = CommandLineRun.golden(golden).resolve("expected.json");
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  /** A number, or one a label. */
  private static void assertNumbers(JsonElement found, JsonElement expected) {
    assertThat(found.isJsonArray()).isEqualTo(expected.isJsonArray());
    assertThat(numbers(found)).containsExactly(numbers(expected), within(1e-4));
  }

  private static double[] numbers(JsonElement json) {
    return json.isJsonArray()
        ? GSON.fromJson(json, double[].class)
        : new double[] {json.getAsDouble()};
  }

  private static CommandLineRun score(String golden, Path input, Object... options) {
    Object[] arguments = new Object[options.length + 5];
    arguments[0] = "score";
    arguments[1] = "--model";
    arguments[2] = CommandLineRun.golden(golden);
    arguments[3] = "--input";
    arguments[4] = input;
    System.arraycopy(options, 0, arguments, 5, options.length);
    return CommandLineRun.of(arguments);
  }
}

package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeCommandTest {
  private static final Gson GSON = new Gson();

  private static List<String> texts;
  private static float[][] embeddings;

  @TempDir Path folder;

  @BeforeAll
  static void readExpected() throws IOException {
    String json = Files.readString(CommandLineRun.MODEL.resolve("expected.json"));
    JsonObject expected = JsonParser.parseString(json).getAsJsonObject();
    texts = List.of(GSON.fromJson(expected.get("texts"), String[].class));
    embeddings = GSON.fromJson(expected.get("embeddings"), float[][].class);
  }

  @Test
  void jsonStringsBecomeTheReferencesEmbeddingsInOrder() throws IOException {
    Path input = folder.resolve("texts.jsonl");
    Files.writeString(input, texts.stream().map(GSON::toJson).collect(Collectors.joining("\n")));

    CommandLineRun run = encode("--input", input, "--precision", "float32");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertEmbeddings(run.out(), embeddings);
  }

  @Test
  void plainLinesFromStandardInput() {
    List<String> plain =
        texts.stream().filter(text -> text.indexOf('\n') < 0 && !text.startsWith("\"")).toList();
    float[][] expected =
        plain.stream().map(text -> embeddings[texts.indexOf(text)]).toArray(float[][]::new);

    CommandLineRun run =
        CommandLineRun.withInput(
            String.join("\r\n", plain) + "\r\n",
            "encode",
            "--model",
            CommandLineRun.MODEL,
            "--input",
            "-",
            "--precision",
            "float32");

    assertThat(plain).hasSizeGreaterThan(5);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertEmbeddings(run.out(), expected);
  }

  @Test
  void everyNumberReadsBackAsTheSameFloat() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "a\n");

    String line = encode("--input", input).out();

    String numbers = line.substring(line.indexOf('[') + 1, line.indexOf(']'));
    for (String number : numbers.split(",")) {
      assertThat(Float.toString(Float.parseFloat(number))).isEqualTo(number);
    }
  }

  @Test
  void thousandsOfLinesStayInOrder() throws IOException {
    // More than are on their way at a time, and of lengths that batches are sorted by.
    List<String> lines =
        IntStream.range(0, 10_000).mapToObj(i -> texts.get(i % 3).repeat(1 + i % 4)).toList();
    Path input = Files.write(folder.resolve("texts"), lines);
    Path output = folder.resolve("new/embeddings.jsonl");

    CommandLineRun run = encode("--input", input, "--output", output);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    List<String> answers = Files.readAllLines(output);
    assertThat(answers).hasSameSizeAs(lines);
    for (int i = 12; i < answers.size(); i++) {
      assertThat(vector(answers.get(i)))
          .as("line " + i)
          .containsExactly(vector(answers.get(i % 12)), within(2e-2f));
    }
    assertThat(vector(answers.get(0))).isNotEqualTo(vector(answers.get(1)));
  }

  @Test
  void nothingInNothingOut() throws IOException {
    Path input = Files.writeString(folder.resolve("empty"), "");
    Path output = folder.resolve("embeddings.jsonl");

    assertThat(encode("--input", input).out()).isEmpty();
    assertThat(encode("--input", input, "--output", output).exitCode()).isZero();
    assertThat(output).isEmptyFile();
  }

  @Test
  void anErrorLeavesTheOutputAsItWas() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "fine\n\"not closed\n");
    Path output = Files.writeString(folder.resolve("out"), "before");

    CommandLineRun run = encode("--input", input, "--output", output);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "semlux: "
                + input
                + ":2: starts with a quote but is no JSON string:"
                + " it ends too early\n");
    assertThat(output).hasContent("before");
    assertThat(folder).isDirectoryNotContaining("glob:**partial");
  }

  @Test
  void aLinkToTheOutputStaysALink() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "one\n");
    Path target = Files.writeString(folder.resolve("target"), "before");
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);

    assertThat(encode("--input", input, "--output", link).exitCode()).isZero();

    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(target)).startsWith("{\"embedding\":[");
  }

  @Test
  void anUnknownPromptIsNamed() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "one\n");

    CommandLineRun run = encode("--input", input, "--prompt-name", "poem");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("poem");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void anInputTypeAddsItsPrompt() throws IOException {
    Path model = CommandLineRun.MODEL.resolveSibling("dense-bert-prompts");
    JsonObject expected =
        JsonParser.parseString(Files.readString(model.resolve("expected.json"))).getAsJsonObject();
    String[] lines = GSON.fromJson(expected.get("texts"), String[].class);
    Path input = folder.resolve("texts");
    Files.write(input, List.of(lines).stream().map(GSON::toJson).toList());

    for (String type : List.of("query", "document")) {
      CommandLineRun run =
          CommandLineRun.of(
              "encode",
              "--model",
              model,
              "--input",
              input,
              "--input-type",
              type,
              "--precision",
              "float32");
      assertThat(run.exitCode()).as(run.err()).isZero();
      assertEmbeddings(
          run.out(), GSON.fromJson(expected.get("embeddings_prompt_" + type), float[][].class));
    }
  }

  @Test
  void pairsAreForScore() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "one\n");

    CommandLineRun run =
        CommandLineRun.of(
            "encode", "--model", CommandLineRun.golden("cross-bert"), "--input", input);

    assertThat(run)
        .isEqualTo(
            new CommandLineRun(
                1,
                "",
                "semlux: model [cross-bert]: it is a cross model, which scores pairs: use semlux"
                    + " score\n"));
  }

  @Test
  void termsAreForSparseModels() throws IOException {
    Path input = Files.writeString(folder.resolve("texts"), "one\n");

    CommandLineRun run = encode("--input", input, "--top-k", 3);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("it is a dense model").contains("for sparse ones");
  }

  private static CommandLineRun encode(Object... options) {
    Object[] arguments = new Object[options.length + 3];
    arguments[0] = "encode";
    arguments[1] = "--model";
    arguments[2] = CommandLineRun.MODEL;
    System.arraycopy(options, 0, arguments, 3, options.length);
    return CommandLineRun.of(arguments);
  }

  private static void assertEmbeddings(String out, float[][] expected) {
    List<String> lines = out.lines().toList();
    assertThat(lines).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(vector(lines.get(i))).as("line " + i).containsExactly(expected[i], within(1e-4f));
    }
  }

  private static float[] vector(String line) {
    JsonObject object = JsonParser.parseString(line).getAsJsonObject();
    assertThat(object.keySet()).containsExactly("embedding");
    return GSON.fromJson(object.get("embedding"), float[].class);
  }
}

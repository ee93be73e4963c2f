package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Prompts in training; what they do to losses and answers is in the goldens. */
class TrainPromptsTest {
  @TempDir Path folder;

  /** A model is adapted with what it is served with. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dense-bert-prompts | bi-encoder | |"
            + " {\"anchor\":\"search for: \",\"positive\":\"passage: \",\"negative_1\":\"passage: \"}",
        "dense-bert-exclude-prompt | bi-encoder | |"
            + " {\"anchor\":\"find the text that answers: \",\"positive\":\"\",\"negative_1\":\"\"}",
        "sparse-bert | sparse-encoder | {\"query\": \"q: \", \"document\": \"d: \"} |"
            + " {\"anchor\":\"q: \",\"positive\":\"d: \",\"negative_1\":\"d: \"}",
        "cross-bert | cross-encoder | {\"rank\": \"rank this: \"} | rank this: ",
        "cross-bert | cross-encoder | {\"rank\": \"{rank} this: \"} | \"{rank} this: \"",
        "dense-bert-prompts | cross-encoder | |",
        "dense-bert-cls | bi-encoder | |"
      })
  void adaptLearnsWithThePromptsOfTheServedModel(
      String model, String task, String prompts, String learnt) throws IOException {
    Path base = prompts == null ? CommandLineRun.golden(model) : prompted(model, prompts);
    List<Object> arguments = new ArrayList<>(List.of("adapt", "--corpus", corpus()));
    arguments.addAll(List.of("--task", task, "--base", base, "--held-out", 0.4));
    arguments.addAll(List.of("--retriever", CommandLineRun.golden("dense-bert-prompts")));
    arguments.addAll(List.of("--num-negatives", 1));
    if (!task.equals("bi-encoder")) { // which its own tokens teach
      arguments.addAll(List.of("--relative-margin", 0));
    }
    arguments.addAll(List.of("--output", folder.resolve("adapted")));
    CommandLineRun run = CommandLineRun.of(arguments.toArray());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("learns without");
    JsonObject settings =
        JsonParser.parseString(
                Files.readString(folder.resolve("adapted.work/trained/provenance.json")))
            .getAsJsonObject()
            .getAsJsonObject("hyperparameters");
    if (learnt == null) {
      assertThat(settings.has("prompts")).isFalse();
    } else {
      assertThat(settings.get("prompts").getAsString().strip()).isEqualTo(learnt.strip());
    }
  }

  private Path prompted(String model, String prompts) throws IOException {
    Path copy = folder.resolve(model);
    try (Stream<Path> files = Files.walk(CommandLineRun.golden(model))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(CommandLineRun.golden(model).relativize(file)));
      }
    }
    Path file = copy.resolve("config_sentence_transformers.json");
    JsonObject settings = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    JsonObject named = JsonParser.parseString(prompts).getAsJsonObject();
    settings.add("prompts", named);
    if (named.size() == 1) {
      settings.addProperty("default_prompt_name", "rank");
    }
    Files.writeString(file, settings.toString());
    return copy;
  }

  private Path corpus() throws IOException {
    String[] words =
        "river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
            .split(" ");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String title = words[i % 16] + " " + words[(i * 7 + i / 16) % 16] + " " + i;
      String text = "Of the %s and the %s, number %s.".formatted(words[i % 16], words[i % 15], i);
      lines.add("{\"title\":\"%s\",\"text\":\"%s\"}".formatted(title, text));
    }
    return Files.write(folder.resolve("corpus.jsonl"), lines);
  }

  /** Of the reference's trainer that is the default, too; nobody would notice. */
  @Test
  void whatLearnsWithoutItsPromptsIsTold() {
    CommandLineRun run =
        TrainRun.plain("dense-bert-prompts", folder.resolve("model"), "--max-steps 1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("is served with the prompts {query=search for: , document=passage: }");

    CommandLineRun none =
        TrainRun.plain(
            "dense-bert-prompts", folder.resolve("none"), "--max-steps 1", "--prompts", "");
    assertThat(none.exitCode()).as(none.err()).isZero();
    assertThat(none.err()).doesNotContain("is served with the prompts");
  }

  @Test
  void aRerankerIsServedWithItsDefaultPromptAlone() throws IOException {
    Path base = prompted("cross-bert", "{\"query\": \"q: \", \"rank\": \"rank this: \"}");
    CommandLineRun none =
        TrainRun.on(base, "cross-encoder", folder.resolve("none"), "--max-steps 1");
    assertThat(none.err()).doesNotContain("is served with the prompts");

    Path file = base.resolve("config_sentence_transformers.json");
    JsonObject settings = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    settings.addProperty("default_prompt_name", "rank");
    Files.writeString(file, settings.toString());
    CommandLineRun run =
        TrainRun.on(base, "cross-encoder", folder.resolve("model"), "--max-steps 1");
    assertThat(run.err()).contains("is served with the prompts {rank=rank this: } and learns");
  }

  @Test
  void aTextInQuotesMayBeginWithAnything() {
    CommandLineRun run =
        TrainRun.plain(
            "dense-bert-cls", folder.resolve("model"), "--max-steps 1", "--prompts", "\"{a: \"");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(folder.resolve("model/provenance.json")).content().contains("\"\\\"{a: \\\"\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{sentence1: 'query: '}",
        "\"query: \" \"",
        "{\"anchor\": \"query: \"}",
        "{\"train\": {\"anchor\": \"query: \"}}",
        "{\"sentence1\": {\"sentence2\": \"query: \"}}",
        "{\"sentence1\": 1}",
        "{\"sentence1\": \"query: \""
      })
  void promptsOfNothing(String prompts) {
    CommandLineRun run =
        TrainRun.plain("dense-bert-cls", folder.resolve("model"), "", "--prompts", prompts);
    assertThat(run.exitCode()).isBetween(1, 2);
    assertThat(run.err()).startsWith("semlux: ").contains("--prompts");
    assertThat(folder.resolve("model")).doesNotExist();
  }

  /** Nobody could say which of the two is meant. */
  @Test
  void promptsOfFilesOfTheSameName() throws IOException {
    Path second = rows("b/train.csv", "a,b");
    Object[] files = {"--train", rows("a/train.csv", "a,b"), "--train", second, "--prompts", ""};
    String options = "--max-steps 1 --loss MultipleNegativesRanking";
    Path output = folder.resolve("model");
    for (String prompts : new String[] {"{\"train\": \"q: \"}", "{\"train\": {\"a\": \"q: \"}}"}) {
      files[5] = prompts;
      CommandLineRun run = TrainRun.plain("dense-bert-cls", output, options, files);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .contains(
              "--prompts names [train], and several files are called so, [" + second + "] too");
      assertThat(output).doesNotExist();
    }
    files[5] = "{\"a\": \"q: \"}";
    CommandLineRun run = TrainRun.plain("dense-bert-cls", output, options, files);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  /** The same rows under other names of columns get other prompts. */
  @Test
  void promptsDecideByWhatColumnsGet() throws IOException {
    Path output = folder.resolve("model");
    String options = "--max-steps 1 --loss MultipleNegativesRanking --resume";
    String prompts = "{\"a\": \"query: \"}";
    Object[] more = {"--prompts", prompts, "--train", rows("rows.csv", "a,b")};
    CommandLineRun run = TrainRun.plain("dense-bert-cls", output, options, more);
    assertThat(run.exitCode()).as(run.err()).isZero();
    more[3] = rows("moved/rows.csv", "a,b");
    assertThat(TrainRun.plain("dense-bert-cls", output, options, more).exitCode()).isZero();

    more[3] = rows("rows.csv", "b,a");
    run = TrainRun.plain("dense-bert-cls", output, options, more);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("was written with other data or settings (prompts)");
  }

  private Path rows(String name, String columns) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, columns + "\nA dog,A cat\nA man,A woman\n");
  }

  @Test
  void aPromptOfTwoLines() {
    String prompt = "Find the text.\nThe query: ";
    Path output = folder.resolve("model");
    CommandLineRun run =
        TrainRun.plain("dense-bert-cls", output, "--max-steps 1", "--prompts", prompt);
    assertThat(run.exitCode()).as(run.err()).isZero();
    CommandLineRun same =
        TrainRun.plain("dense-bert-cls", output, "--max-steps 1 --resume", "--prompts", prompt);
    assertThat(same.exitCode()).as(same.err()).isZero();
    CommandLineRun other =
        TrainRun.plain("dense-bert-cls", output, "--max-steps 1 --resume", "--prompts", "q: ");
    assertThat(other.err()).contains("was written with other data or settings (prompts)");
  }

  @Test
  void aPairHasOnePrompt() {
    CommandLineRun run =
        TrainRun.plain(
            "cross-bert", folder.resolve("model"), "", "--prompts", "{\"sentence1\": \"query: \"}");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("semlux: --prompts names [sentence1], which is none of [train]\n");
  }
}

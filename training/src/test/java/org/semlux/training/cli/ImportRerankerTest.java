package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.folder.ModelFiles;

/**
 * Causal language models that answer yes or no: {@code --task cross-encoder} writes what the
 * reference saves behind loading the same plain folder, and so answers as it does.
 */
class ImportRerankerTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");
  private static final List<String> WRITTEN =
      List.of("modules.json", "sentence_bert_config.json", "1_LogitScore/config.json");
  private static final String SETTINGS = "config_sentence_transformers.json";

  @TempDir Path temporary;

  /** What the golden was before the reference loaded it. */
  private Path plain(String golden) throws IOException {
    Path source = Files.createDirectory(temporary.resolve("source"));
    try (Stream<Path> files = Files.list(GOLDENS.resolve(golden))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!WRITTEN.contains(name) && !name.equals(SETTINGS) && !name.equals("expected.json")) {
          Files.copy(file, source.resolve(name));
        }
      }
    }
    return source;
  }

  private CommandLineRun run(Path source, String... options) {
    Object[] all =
        Stream.concat(
                Stream.of("import", source, "--output", output()), Stream.of((Object[]) options))
            .toArray();
    return CommandLineRun.of(all);
  }

  private Path output() {
    return temporary.resolve("models/reranker");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-qwen3-plain-yes-or-no", "cross-qwen3-plain-text-yes-or-no"})
  void scoresAsTheReference(String golden) throws IOException {
    CommandLineRun run = run(plain(golden), "--task", "cross-encoder");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("cross model of Transformer, LogitScore; ");
    Path expected = GOLDENS.resolve(golden);
    for (String file : WRITTEN) {
      assertThat(output().resolve(file)).hasSameTextualContentAs(expected.resolve(file));
    }
    JsonObject settings = read(output().resolve(SETTINGS));
    settings.add("__version__", read(expected.resolve(SETTINGS)).get("__version__"));
    assertThat(settings).isEqualTo(read(expected.resolve(SETTINGS)));
    assertScores(read(expected.resolve("expected.json")));
  }

  private void assertScores(JsonObject expected) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (CrossEncoder encoder = CrossEncoder.load(output(), options)) {
      List<TextPair> pairs =
          expected.getAsJsonArray("pairs").asList().stream()
              .map(pair -> (JsonArray) pair)
              .map(pair -> new TextPair(pair.get(0).getAsString(), pair.get(1).getAsString()))
              .toList();
      List<PairScore> scores = encoder.score(pairs);
      for (int i = 0; i < pairs.size(); i++) {
        assertThat(scores.get(i).scores()[0])
            .as(pairs.get(i).toString())
            .isCloseTo(expected.getAsJsonArray("scores").get(i).getAsFloat(), within(1e-4f));
        assertThat(scores.get(i).raw()[0])
            .as(pairs.get(i).toString())
            .isCloseTo(expected.getAsJsonArray("raw").get(i).getAsFloat(), within(1e-4f));
      }
    }
  }

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  /** As the reference's own order has it, a plain folder's config says the last activation. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"sentence_transformers\":{\"activation_fn\":\"torch.nn.modules.linear.Identity\"},",
        "\"sbert_ce_default_activation_function\":\"torch.nn.modules.linear.Identity\","
      })
  void theActivationThatItsConfigSaysIsKept(String setting) throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Path config = source.resolve("config.json");
    Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{" + setting));
    CommandLineRun run = run(source, "--task", "cross-encoder");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject expected =
        read(GOLDENS.resolve("cross-qwen3-plain-yes-or-no").resolve("expected.json"));
    expected.add("scores", expected.get("raw"));
    assertScores(expected);
  }

  /** The reference reads no such file of a plain folder. */
  @Test
  void settingsThatCallAPlainFolderACrossEncoderDoNotMatter() throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Path golden = GOLDENS.resolve("cross-qwen3-plain-yes-or-no");
    Files.copy(golden.resolve(SETTINGS), source.resolve(SETTINGS));
    CommandLineRun run = run(source, "--task", "cross-encoder");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertScores(read(golden.resolve("expected.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"AutoConfig", "AutoModelForSequenceClassification"})
  void codeOfItsOwnIsNamed(String key) throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Path config = source.resolve("config.json");
    String code = "{\"auto_map\":{\"" + key + "\":\"own.Ranker\"},";
    Files.writeString(config, Files.readString(config).replaceFirst("\\{", code));
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains(
            "its config.json has [auto_map], code of its own that is never run and may score");
    assertThat(output()).doesNotExist();
  }

  /** Qwen3's own template is one of chats. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}{%- endif %}",
        "<|im_start|>",
        "{{ messages[0].content[0].text }}"
      })
  void whatToDoAboutATemplateOfChatsIsSaid(String template) throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Files.writeString(source.resolve("chat_template.jinja"), template);
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains(": write the model's prompt as a chat_template.jinja that prints the messages");
  }

  /** To several templates the reference gives messages in parts. */
  @Test
  void aTemplateWithANameIsNotLost() throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Files.writeString(named(source).resolve("rag.jinja"), "{{ messages }}");
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains(
            "its messages are [structured], only flat ones are supported: take"
                + " additional_chat_templates away, and write the model's prompt as");
    assertThat(output()).doesNotExist();
  }

  private static Path named(Path source) throws IOException {
    return Files.createDirectory(source.resolve("additional_chat_templates"));
  }

  /** The default may have its name too, and then goes before the file of its own. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theDefaultIsImportedFromWhereItLies(boolean zipped) throws IOException {
    Path golden = GOLDENS.resolve("cross-qwen3-yes-or-no");
    Path source = temporary.resolve("named");
    for (Path file : ModelFiles.of(golden)) {
      Path copy = source.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(golden.resolve(file), copy);
    }
    Path template = source.resolve("chat_template.jinja");
    Path templates = named(source);
    Files.copy(template, templates.resolve("default.jinja"));
    Files.writeString(templates.resolve("rag.jinja"), "rag");
    Files.writeString(templates.resolve("README.md"), "notes");
    Files.writeString(template, "{{ messages }}");

    CommandLineRun run = run(zipped ? zip(source) : source);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(ModelFiles.of(output()))
        .isEqualTo(ModelFiles.of(source))
        .contains(Path.of("additional_chat_templates/rag.jinja"))
        .doesNotContain(Path.of("additional_chat_templates/README.md"));
    assertScores(read(golden.resolve("expected.json")));
  }

  private Path zip(Path source) throws IOException {
    Path archive = temporary.resolve("named.zip");
    try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"));
        Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(it -> !it.equals(source)).toList()) {
        Files.copy(file, zip.getPath(source.relativize(file).toString()));
      }
    }
    return archive;
  }

  @Test
  void aTemplateThatIsALinkToElsewhereIsRefused() throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("rag.jinja"), "rag");
    Files.createSymbolicLink(source.resolve("additional_chat_templates"), elsewhere);
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains("[additional_chat_templates] of the model folder is a link to elsewhere");
  }

  @Test
  void aTemplateNamesTheOption() throws IOException {
    assertThat(run(plain("cross-qwen3-plain-yes-or-no")).err())
        .contains("a reranker that answers yes or no needs semlux import --task cross-encoder");
  }

  @Test
  void whatDoesNotAnswerYesOrNoIsNamed() throws IOException {
    Path source = plain("cross-qwen3-yes-or-no"); // its vocabulary has neither
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains("needs a tokenizer with the tokens [yes] and [no]");
    Path config = source.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("Qwen3ForCausalLM", "Qwen3Model"));
    assertThat(run(source, "--task", "cross-encoder").err())
        .contains("such as Qwen3ForCausalLM, its config.json has the architectures [Qwen3Model]");
    assertThat(run(GOLDENS.resolve("cross-bert"), "--task", "cross-encoder").err())
        .contains("--task is for what a source leaves open, and here its modules.json says it");
    assertThat(output()).doesNotExist();
  }

  @Test
  void otherOptionsAreMisuse() throws IOException {
    Path source = plain("cross-qwen3-plain-yes-or-no");
    assertThat(run(source, "--task", "bi-encoder").exitCode()).isEqualTo(2);
    assertThat(run(source, "--task", "cross-encoder", "--normalize").exitCode()).isEqualTo(2);
  }
}

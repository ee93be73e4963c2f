package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.text.Tokens;
import org.semlux.training.base.StartingFolder;
import org.semlux.training.data.TrainingRow;

/** A reranker that is asked by messages, and routers with two networks. */
class ExampleReaderTest {
  private static final Path GOLDEN = Path.of("../tests/src/test/resources/goldens/cross-qwen3");
  private static final String TEMPLATE =
      "{{ messages | selectattr('role', 'eq', 'system') | map(attribute='content') | first"
          + " | default('go') }} of {{ messages | selectattr('role', 'eq', 'query')"
          + " | map(attribute='content') | first }} and {{ messages"
          + " | selectattr('role', 'eq', 'document') | map(attribute='content') | first }} end";

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void copy() throws IOException {
    folder = Files.createDirectory(temporary.resolve("model"));
    for (String name :
        List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
      Files.copy(GOLDEN.resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
  }

  /** The ids are those of {@code CrossEncoder.preprocess} of sentence-transformers 6.2. */
  @Test
  void pairsAreMessagesAndThePromptIsTheSystems() throws IOException {
    askByMessages();

    TrainingRow fits = new TrainingRow(List.of("the rain", "snow"), List.of());
    TrainingRow cut = new TrainingRow(List.of("rain ".repeat(30), "snow ".repeat(30)), List.of());
    try (ExampleReader reader = ExampleReader.open(folder)) {
      List<Example> plain = reader.read(List.of(fits), List.of("")).toList();
      assertThat(plain.get(0).sequences().get(0).ids())
          .containsExactly(72, 80, 316, 267, 263, 284, 275, 79, 80, 88, 222, 70, 277);
      List<Example> prompted = reader.read(List.of(fits, cut), List.of("rank")).toList();
      assertThat(prompted.get(0).sequences().get(0).ids())
          .containsExactly(83, 309, 76, 316, 267, 263, 284, 275, 79, 80, 88, 222, 70, 277);
      assertThat(prompted.get(1).sequences().get(0).ids())
          .hasSize(32)
          .startsWith(83, 309, 76, 316, 263, 263)
          .endsWith(263, 222, 70, 277);
    }
  }

  @Test
  void aPromptThatTheTemplateLeavesOutIsRefused() throws IOException {
    askByMessages();
    TrainingRow row = new TrainingRow(List.of("the rain", "snow"), List.of());
    try (ExampleReader reader = ExampleReader.open(folder)) {
      // What it says without a system message may be asked for.
      assertThat(reader.read(List.of(row), List.of("go")).toList()).hasSize(1);
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"), TEMPLATE.substring(TEMPLATE.indexOf(" of {{")));
    try (ExampleReader reader = ExampleReader.open(folder)) {
      assertThatThrownBy(() -> reader.read(List.of(row), List.of("rank")))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("its chat template leaves out the system message");
    }
  }

  /** The folder says of itself that its network is given the template. */
  private void askByMessages() throws IOException {
    for (String name :
        List.of("config_sentence_transformers.json", "modules.json", "sentence_bert_config.json")) {
      Files.copy(GOLDEN.resolve(name), folder.resolve(name));
    }
    Path transformer = folder.resolve("sentence_bert_config.json");
    JsonObject settings = JsonFile.read(transformer).object();
    String asked = "{'method': 'forward', 'method_output_name': 'logits', 'format': 'flat'}";
    JsonObject inputs = settings.getAsJsonObject("modality_config");
    inputs.add("message", JsonParser.parseString(asked.replace('\'', '"')));
    JsonFile.write(transformer, settings, 2);
  }

  /** Each side by its own tokenizer and pooling, whatever the rows call their columns. */
  @Test
  void eachSideOfARouterIsReadItsOwnWay() throws IOException {
    Path golden = GOLDEN.resolveSibling("dense-router");
    Path router = temporary.resolve("router");
    StartingFolder.of(golden, 1).write(EncoderKind.DENSE, Files.createDirectory(router));
    set(router.resolve("document_1_Pooling/config.json"), "include_prompt", "false");
    set(router.resolve("query_0_Transformer/sentence_bert_config.json"), "max_seq_length", "4");
    String text = "the river rises after rain";
    TrainingRow row = new TrainingRow(List.of(text, text, text), List.of());
    try (ExampleReader reader = ExampleReader.open(router)) {
      for (List<String> prompts : List.of(List.of("the "), List.of("the ", "the ", "the "))) {
        List<Tokens> read = reader.read(List.of(row), prompts).toList().get(0).sequences();
        assertThat(read).extracting(Tokens::prompt).containsExactly(0, 2, 2);
        assertThat(read).extracting(Tokens::length).containsExactly(4, 11, 11);
      }
    }
  }

  private static void set(Path file, String key, String value) throws IOException {
    JsonObject config = JsonFile.read(file).object();
    config.add(key, JsonParser.parseString(value));
    JsonFile.write(file, config, 2);
  }

  /** Without modules.json it is served by its template, and not trained. */
  @Test
  void aPlainRerankerWithATemplateIsNotTrained() throws IOException {
    StartingFolder start = StartingFolder.of(folder, 1);
    Path target = Files.createDirectory(temporary.resolve("target"));
    assertThatThrownBy(() -> start.write(EncoderKind.CROSS, target))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("it is asked by messages, which is not trained");
  }
}

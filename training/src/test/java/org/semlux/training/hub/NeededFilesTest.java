package org.semlux.training.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.encoders.api.ModelException;

class NeededFilesTest {
  private static final HubModel MODEL = new HubModel("org/name", "main");

  private static final Set<String> SHARDS =
      Set.of("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");

  static List<Path> goldens() throws IOException {
    try (Stream<Path> folders = Files.list(ModelRepository.GOLDENS)) {
      return folders.filter(Files::isDirectory).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void everyFileOfAModelIsNeeded(Path golden) throws IOException {
    List<String> modules = new ArrayList<>();
    Path file = golden.resolve("modules.json");
    if (Files.exists(file)) {
      for (JsonElement module : JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
        modules.add(module.getAsJsonObject().get("path").getAsString());
      }
    }
    List<String> paths = new ArrayList<>(ModelRepository.contents(golden).keySet());

    List<String> chosen = choose(modules, paths.toArray(String[]::new));

    paths.remove("expected.json");
    assertThat(chosen).containsExactlyInAnyOrderElementsOf(paths);
  }

  private static List<String> choose(List<String> modules, String... paths) throws IOException {
    List<HubFile> files =
        Arrays.stream(paths).map(path -> new HubFile(path, 1, Optional.empty())).toList();
    return new NeededFiles(MODEL, files, index -> SHARDS)
        .choose(modules, false).stream().map(HubFile::path).toList();
  }

  @Test
  void smallFilesAreFirst() throws IOException {
    assertThat(choose(List.of(), "model.safetensors", "tokenizer.json", "config.json"))
        .containsExactly("config.json", "tokenizer.json", "model.safetensors");
  }

  @Test
  void copiesOfTheWeightsStay() throws IOException {
    assertThat(
            choose(
                List.of("deep/module"),
                "config.json",
                "tokenizer.json",
                "model.safetensors",
                "model.fp16.safetensors",
                "model-00001-of-00002.safetensors",
                "deep/module/config.json",
                "deep/module/model-00001-of-00002.safetensors",
                "deep/module/model-00002-of-00002.safetensors",
                "deep/module/model.safetensors.index.json",
                "deep/module/consolidated.safetensors",
                "deep/config.json",
                "onnx/config.json",
                "model.onnx",
                "tf_model.h5"))
        .containsExactly(
            "config.json",
            "deep/module/config.json",
            "deep/module/model.safetensors.index.json",
            "tokenizer.json",
            "deep/module/model-00001-of-00002.safetensors",
            "deep/module/model-00002-of-00002.safetensors",
            "model.safetensors");
  }

  @Test
  void whatCannotBeReadIsSaid() {
    assertRefused(
        "org/name has weights only in pytorch_model.bin, a pickle, which can run code when it is"
            + " read: convert it in Python with save_pretrained(folder, safe_serialization=True),"
            + " or look for a revision that has safetensors",
        "config.json",
        "tokenizer.json",
        "pytorch_model.bin");
    assertRefused(
        "org/name has weights only in 2_Dense/pytorch_model.bin, a pickle, which can run code when"
            + " it is read: convert it in Python with save_pretrained(folder,"
            + " safe_serialization=True), or look for a revision that has safetensors",
        "config.json",
        "tokenizer.json",
        "model.safetensors",
        "2_Dense/config.json",
        "2_Dense/pytorch_model.bin");
    assertRefused(
        "org/name has no weights in safetensors: fetch its ONNX file and tokenizer.json, and run"
            + " semlux import on them",
        "config.json",
        "tokenizer.json",
        "onnx/model.onnx");
    assertRefused(
        "org/name has no tokenizer.json: load and save its tokenizer once with a current"
            + " transformers library",
        "config.json",
        "model.safetensors");
  }

  @Test
  void anAdapterIsNamed() {
    for (String folder : List.of("", "0_Transformer/")) {
      String[] paths = {
        "config.json", "tokenizer.json", "model.safetensors", folder + "adapter_config.json"
      };
      assertThatThrownBy(() -> choose(List.of("0_Transformer"), paths))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("org/name")
          .hasMessageContaining("PEFT adapter");
    }
  }

  /** Its name alone makes no folder a module; a router's children are in none but its config. */
  @Test
  void anAdapterOfNoModuleStays() throws IOException {
    String[] model = {"config.json", "tokenizer.json", "model.safetensors"};
    String[] beside = Arrays.copyOf(model, 4);
    for (String folder : List.of("lora_1_legal/", "1_Pooling/late/")) {
      beside[3] = folder + "adapter_config.json";
      assertThat(choose(List.of("", "1_Pooling"), beside)).containsExactlyInAnyOrder(model);
    }
    String[] routed = Arrays.copyOf(model, 5);
    for (String router : List.of("", "0_Router/")) {
      routed[3] = router + "router_config.json";
      routed[4] = router + "query_0_Transformer/adapter_config.json";
      assertThatThrownBy(() -> choose(List.of("0_Router"), routed))
          .hasMessageContaining("PEFT adapter");
    }
  }

  @Test
  void aVocabularyAloneIsATokenizer() throws IOException {
    String[] paths = {"config.json", "model.safetensors", "vocab.txt"};
    assertThat(choose(List.of(), paths)).containsExactlyInAnyOrder(paths);
  }

  @Test
  void templatesWithNamesAreNeeded() throws IOException {
    assertThat(
            choose(
                List.of("0_Transformer"),
                "config.json",
                "tokenizer.json",
                "model.safetensors",
                "additional_chat_templates/rag.jinja",
                "additional_chat_templates/README.md",
                "0_Transformer/additional_chat_templates/rag.jinja",
                "templates/rag.jinja"))
        .containsExactly(
            "0_Transformer/additional_chat_templates/rag.jinja",
            "additional_chat_templates/rag.jinja",
            "config.json",
            "tokenizer.json",
            "model.safetensors");
  }

  @Test
  void weightsThatNothingNamesAreNone() {
    assertRefused(
        "org/name has neither model.safetensors nor model.safetensors.index.json, only"
            + " consolidated.safetensors: look for a revision or a model that has one",
        "config.json",
        "tokenizer.json",
        "consolidated.safetensors");
  }

  @Test
  void aShardThatIsNotThereIsSaidBeforeOthersCome() {
    assertRefused(
        "org/name does not have [model-00002-of-00002.safetensors], which its"
            + " model.safetensors.index.json names: look for a revision that has it",
        "config.json",
        "tokenizer.json",
        "model-00001-of-00002.safetensors",
        "model.safetensors.index.json");
  }

  private static void assertRefused(String sentence, String... paths) {
    assertThatThrownBy(() -> choose(List.of(), paths))
        .isInstanceOf(IOException.class)
        .hasMessage(sentence);
  }
}

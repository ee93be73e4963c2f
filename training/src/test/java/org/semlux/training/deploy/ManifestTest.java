package org.semlux.training.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.training.folder.ModelFiles;

class ManifestTest {
  @TempDir Path folder;

  @Test
  void onlyWhatANodeNeedsIsListed() throws IOException {
    ModelFolders.of(folder, 10);
    Files.createDirectories(folder.resolve("onnx"));
    Files.writeString(folder.resolve("onnx/config.json"), "{}");
    Files.writeString(folder.resolve("trainer_state.json"), "{}");
    Files.write(folder.resolve("optimizer.safetensors"), ModelFolders.safetensors(20));
    Files.write(folder.resolve("consolidated.safetensors"), ModelFolders.safetensors(10));

    JsonObject manifest = manifest();

    assertThat(paths(manifest))
        .containsExactlyInAnyOrder(
            "1_Pooling/config.json",
            "config.json",
            "model.safetensors",
            "modules.json",
            "tokenizer.json");
    assertThat(manifest.get("part_size").getAsInt()).isEqualTo(4_194_304);
    assertThat(manifest.getAsJsonObject("options").get("precision").getAsString())
        .isEqualTo("bfloat16");
    JsonObject config = manifest.getAsJsonArray("files").get(0).getAsJsonObject();
    assertThat(config.get("size").getAsInt()).isEqualTo(2);
    assertThat(config.get("sha256").getAsString())
        .isEqualTo("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  }

  /** What a node can tell of a part alone costs no weights then. */
  @Test
  void settingsAreBeforeWeightsAndSmallOnesFirst() throws IOException {
    ModelFolders.of(folder, 10);
    Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode\": \"mean\"}");
    Files.writeString(folder.resolve("tokenizer.json"), " ".repeat(10_000));
    assertThat(paths(manifest()))
        .containsExactly(
            "config.json",
            "1_Pooling/config.json",
            "modules.json",
            "tokenizer.json",
            "model.safetensors");
  }

  private static List<String> paths(JsonObject manifest) {
    List<String> paths = new ArrayList<>();
    for (JsonElement file : manifest.getAsJsonArray("files")) {
      paths.add(file.getAsJsonObject().get("path").getAsString());
    }
    return paths;
  }

  /** By Python's hashlib. The cluster reckons alike: deploy compares the two. */
  @Test
  void theVersionIsOfPathsAndContents() throws IOException {
    Path golden = Path.of("../tests/src/test/resources/goldens/dense-bert-mean-normalize");
    assertThat(Manifest.of(golden, Precision.AUTO, hashed -> {}).version())
        .isEqualTo("2fa48f6a487e9184");
  }

  @Test
  void theModulesOfARouterAreListed() throws IOException {
    ModelFolders.of(folder, 10);
    Path child = Files.createDirectories(folder.resolve("0_Router/query_0_WordEmbeddings"));
    Files.writeString(child.resolve("wordembedding_config.json"), "{}");
    Files.write(child.resolve("model.safetensors"), ModelFolders.safetensors(3));
    Files.writeString(folder.resolve("modules.json"), "[{\"path\":\"0_Router\"}]");

    assertThat(manifest().toString())
        .contains("0_Router/query_0_WordEmbeddings/wordembedding_config.json")
        .contains("0_Router/query_0_WordEmbeddings/model.safetensors")
        .doesNotContain("1_Pooling");
  }

  @Test
  void shardsAreThoseThatTheIndexNames() throws IOException {
    ModelFolders.of(folder, 10);
    Files.move(folder.resolve("model.safetensors"), folder.resolve("a.safetensors"));
    Files.write(folder.resolve("b.safetensors"), ModelFolders.safetensors(3));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"w\":\"a.safetensors\"}}");

    assertThat(ModelFiles.of(folder).stream().map(Path::toString))
        .contains("a.safetensors", "model.safetensors.index.json")
        .doesNotContain("b.safetensors");

    Files.writeString(index, "{\"weight_map\":{\"w\":\"../a.safetensors\"}}");
    assertThatThrownBy(this::manifest).hasMessageContaining("points outside the folder");
  }

  /** A link may lead to a file that is nobody else's business. */
  @Test
  void linksAreRefused() throws IOException {
    Path outside = Files.writeString(folder.resolve("secret"), "{}");
    Path model = ModelFolders.of(folder.resolve("model"), 10);
    Path config = model.resolve("1_Pooling/config.json");
    Files.delete(config);
    Files.createSymbolicLink(config, outside);
    assertThatThrownBy(() -> Manifest.of(model, Precision.AUTO, read -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("[1_Pooling/config.json] of the model folder is a link");

    Files.delete(config);
    Files.delete(model.resolve("1_Pooling"));
    Path pooling = Files.createDirectory(folder.resolve("pooling"));
    Files.writeString(pooling.resolve("config.json"), "{}");
    Files.createSymbolicLink(model.resolve("1_Pooling"), pooling);
    assertThatThrownBy(() -> Manifest.of(model, Precision.AUTO, read -> {}))
        .hasMessageContaining("[1_Pooling] of the model folder is a link");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"path\":null}]",
        "[{\"path\":{}}]",
        "[{\"path\":[\"a\"]}]",
        "[{\"path\":7}]",
        "[null]",
        "[7]",
        "{}",
        "null"
      })
  void modulesThatAreNoneAreNamed(String modules) throws IOException {
    ModelFolders.of(folder, 10);
    Files.writeString(folder.resolve("modules.json"), modules);

    assertThatThrownBy(() -> Manifest.of(folder, Precision.AUTO, read -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("modules.json] ")
        .message()
        .doesNotContain("JsonNull", "JsonObject", "com.google");
  }

  @Test
  void modulesOutsideTheFolderAreNotListed() throws IOException {
    Path model = ModelFolders.of(folder.resolve("model"), 10);
    ModelFolders.of(folder.resolve("other"), 10);
    Files.writeString(model.resolve("modules.json"), "[{\"path\":\"../other\"}]");

    Manifest manifest = Manifest.of(model, Precision.AUTO, read -> {});

    assertThat(manifest.toJson()).doesNotContain("other");
  }

  @Test
  void partsAreTheFilesOneAfterTheOther() throws IOException {
    ModelFolders.of(folder, 2 * Manifest.PART_SIZE + 5);
    AtomicLong hashed = new AtomicLong();
    Manifest manifest = Manifest.of(folder, Precision.AUTO, hashed::addAndGet);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (String path : paths(JsonParser.parseString(manifest.toJson()).getAsJsonObject())) {
      expected.writeBytes(Files.readAllBytes(folder.resolve(path)));
    }

    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    for (int number = 0; number < manifest.parts(); number++) {
      byte[] part = manifest.part(number);
      assertThat(part.length)
          .isEqualTo(Math.min(Manifest.PART_SIZE, expected.size() - parts.size()));
      parts.writeBytes(part);
    }

    assertThat(manifest.parts()).isEqualTo(3);
    assertThat(parts.toByteArray()).isEqualTo(expected.toByteArray());
    assertThat(manifest.size()).isEqualTo(expected.size()).isEqualTo(hashed.get());
    assertThat(Manifest.size(folder)).isEqualTo(expected.size());
  }

  @Test
  void aFileThatShrinksMeanwhileIsNamed() throws IOException {
    ModelFolders.of(folder, 1_000);
    Manifest manifest = Manifest.of(folder, Precision.AUTO, read -> {});
    Files.write(folder.resolve("model.safetensors"), new byte[10]);

    assertThatThrownBy(() -> manifest.part(0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.safetensors] has changed");
  }

  @Test
  void whatIsNoModelIsRefused() throws IOException {
    assertThatThrownBy(this::manifest)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("neither modules.json nor config.json");
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("pytorch_model.bin"), "");
    assertThatThrownBy(this::manifest)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no weights in safetensors")
        .hasMessageContaining("import or convert");
    assertThatThrownBy(() -> Manifest.size(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    Files.writeString(folder.resolve("modules.json"), "{}");
    assertThatThrownBy(this::manifest)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("modules.json] is not a JSON list of modules");
  }

  @Test
  void damagedWeightsAreNamedBeforeAnythingIsSent() throws IOException {
    ModelFolders.of(folder, 1_000);
    Path weights = folder.resolve("model.safetensors");
    Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), 500));

    assertThatThrownBy(this::manifest)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder.getFileName() + "/model.safetensors is no usable");
  }

  @Test
  void calibrationGoesAlongAndStandsForTheFoldersOwn() throws IOException {
    Path model = ModelFolders.of(folder.resolve("model"), 10);
    Files.writeString(model.resolve("calibration.txt"), "one\ntwo\n");
    Path other = Files.writeString(folder.resolve("questions.txt"), "three\nfour\nfive\n");

    Manifest own = Manifest.of(model, Precision.INT8, read -> {});
    Manifest given = Manifest.of(model, Precision.INT8, Optional.of(other), read -> {});

    assertThat(own.toJson()).contains("{\"path\":\"calibration.txt\",\"size\":8,");
    assertThat(given.toJson()).contains("{\"path\":\"calibration.txt\",\"size\":16,");
    assertThat(given.toJson()).doesNotContain("questions");
    assertThat(given.part(0)).hasSize((int) given.size());
  }

  private JsonObject manifest() throws IOException {
    return JsonParser.parseString(Manifest.of(folder, Precision.BFLOAT16, read -> {}).toJson())
        .getAsJsonObject();
  }
}

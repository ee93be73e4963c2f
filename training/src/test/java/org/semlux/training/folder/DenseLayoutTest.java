package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;

class DenseLayoutTest {
  @TempDir Path folder;

  @Test
  void theModulesAreThoseThatWereAskedFor() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
    new DenseLayout(8, List.of("cls"), true).write(folder);

    ModelFolder model = ModelFolder.open(folder);
    assertThat(model.kind()).isEqualTo(EncoderKind.DENSE);
    assertThat(model.modules())
        .extracting("type")
        .containsExactly("Transformer", "Pooling", "Normalize");
    assertThat(model.prompts()).containsOnlyKeys("query", "document");
    assertThat(model.defaultPromptName()).isEmpty();
    assertThat(folder.resolve("1_Pooling").resolve("config.json"))
        .hasContent(
            """
            {
                "embedding_dimension": 8,
                "pooling_mode": "cls",
                "include_prompt": true
            }
            """);
  }

  @Test
  void severalPoolingModesAreAList() throws IOException {
    new DenseLayout(8, List.of("max", "mean"), false).write(folder);

    JsonFile config = JsonFile.read(folder.resolve("1_Pooling").resolve("config.json"));
    assertThat(config.object().get("pooling_mode").toString()).isEqualTo("[\"max\",\"mean\"]");
    assertThat(folder.resolve("2_Normalize")).doesNotExist();
  }

  @Test
  void aLayoutWithoutPoolingIsNone() {
    assertThatThrownBy(() -> new DenseLayout(8, List.of(), true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

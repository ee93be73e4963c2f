package org.semlux.encoders.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.ModelException;

/** Modules beside Stanford's architecture: whose model it is. */
class LateInteractionTest {
  private static final Path PYLATE =
      Path.of("../tests/src/test/resources/goldens/multi-vector-distilbert-pylate");

  @TempDir Path folder;

  @Test
  void whatOnlyPyLateWritesTellsThatItIsPyLates() throws IOException {
    LateInteraction late = LateInteraction.of(ModelFolder.open(named(List.of())));

    assertThat(late).isEqualTo(LateInteraction.of(ModelFolder.open(PYLATE)));
    assertThat(late.normalizes()).isTrue();
  }

  @Test
  void whatMayBeAnybodysTellsNothing() throws IOException {
    Path named = named(List.of("query_prefix", "document_prefix", "attend_to_expansion_tokens"));

    assertThatThrownBy(() -> LateInteraction.of(ModelFolder.open(named)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("say in config_sentence_transformers.json whose it is");
  }

  /** PyLate's folder with Stanford's name for the network, and without some settings. */
  private Path named(List<String> without) throws IOException {
    for (String name : List.of("modules.json", "config.json", "1_Dense/config.json")) {
      Path copy = folder.resolve(name);
      Files.createDirectories(copy.getParent());
      Files.copy(PYLATE.resolve(name), copy);
    }
    JsonObject config = JsonFile.read(folder.resolve("config.json")).object();
    JsonArray architectures = new JsonArray();
    architectures.add("HF_ColBERT");
    config.add("architectures", architectures);
    JsonFile.write(folder.resolve("config.json"), config, 2);
    String saved = "config_sentence_transformers.json";
    JsonObject settings = JsonFile.read(PYLATE.resolve(saved)).object();
    without.forEach(settings::remove);
    JsonFile.write(folder.resolve(saved), settings, 2);
    return folder;
  }
}

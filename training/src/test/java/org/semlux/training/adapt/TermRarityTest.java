package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Vocabulary;
import org.semlux.training.base.InferenceFreeFolder;

class TermRarityTest {
  private static final Path BASE =
      Path.of("../tests/src/test/resources/goldens/sparse-bert").toAbsolutePath().normalize();

  private static final List<String> TEXTS = List.of("the dog", "the the cat", "the river dog");

  @TempDir Path folder;

  @Test
  void isBm25sOfEachTerm() throws IOException {
    ModelFolder base = ModelFolder.open(BASE);
    Vocabulary vocabulary = Vocabulary.of(Tokenizers.file("base", base.modules().get(0)));
    float[] rarity = TermRarity.of(base, TEXTS);
    assertThat(rarity).hasSize(vocabulary.size());
    for (int id = 0; id < rarity.length; id++) {
      double expected =
          switch (vocabulary.token(id)) {
            case "the" -> 0.133531; // log(1 + .5 / 3.5)
            case "dog" -> 0.470004; // log(1 + 1.5 / 2.5)
            case "cat", "river" -> 0.980829; // log(1 + 2.5 / 1.5)
            default -> vocabulary.specialIds().contains(id) ? 0 : 2.079442; // log(1 + 3.5 / .5)
          };
      assertThat(rarity[id]).as(vocabulary.token(id)).isEqualTo((float) expected, within(1e-6f));
    }
  }

  @Test
  void isTheTableOfABase() throws IOException {
    Path made = folder.resolve("made");
    Files.createDirectory(made);
    TermRarity.write(BASE, TEXTS.stream().map(text -> new Document(text, "", text)).toList(), made);
    assertThat(InferenceFreeFolder.is(ModelFolder.open(made))).isTrue();
    Safetensors table =
        Safetensors.open(made.resolve("query_0_SparseStaticEmbedding/model.safetensors"));
    assertThat(table.find("weight").orElseThrow().toFloats())
        .containsExactly(TermRarity.of(ModelFolder.open(BASE), TEXTS));
  }
}

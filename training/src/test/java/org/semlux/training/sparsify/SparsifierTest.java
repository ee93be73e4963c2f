package org.semlux.training.sparsify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.text.Vocabulary;

/** Which words a file is said to have. */
class SparsifierTest {
  private static final Path MODEL =
      Path.of(System.getProperty("basedir", "."))
          .resolve("../tests/src/test/resources/goldens/dense-bert-mean-normalize")
          .normalize();

  /** More lines than are kept, and more tokens than the model reads. */
  @Test
  void wordsOfAllLinesToTheirEnds(@TempDir Path folder) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 45_000; i++) {
      lines.add("the " + i);
    }
    lines.set(1, "a planet");
    lines.set(44_999, "the ".repeat(1_000) + "river");
    AtomicLong read = new AtomicLong();
    Sparsifier.Texts texts =
        new Sparsifier(MODEL)
            .read(Files.write(folder.resolve("texts.txt"), lines), read::addAndGet);

    assertThat(read).hasValue(45_000);
    assertThat(texts.sentences()).hasSizeLessThan(45_000).doesNotContain("a planet");
    assertThat(has(texts, "the")).isTrue();
    assertThat(has(texts, "planet")).isTrue();
    assertThat(has(texts, "river")).isTrue();
    assertThat(has(texts, "snow")).isFalse();
  }

  private static boolean has(Sparsifier.Texts texts, String word) throws IOException {
    Vocabulary vocabulary = Vocabulary.of(JsonFile.read(MODEL.resolve("tokenizer.json")));
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.token(id).equals(word)) {
        return texts.words().get(id);
      }
    }
    throw new AssertionError("no word " + word);
  }
}

package org.semlux.encoders.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.folder.JsonFile;

/** What a process really takes is looked at by hand, see {@code MemoryFigures} in tests. */
class MemoryNeedTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  @TempDir Path folder;

  private MemoryNeed of(String golden, int tokens) throws IOException {
    Path copy = Files.createTempDirectory(folder, "model");
    try (Stream<Path> files = Files.walk(GOLDENS.resolve(golden))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(GOLDENS.resolve(golden).relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    Path settings = copy.resolve("sentence_bert_config.json");
    JsonObject json = JsonFile.read(settings).object();
    json.addProperty("max_seq_length", tokens);
    JsonFile.write(settings, json, 2);
    return MemoryNeed.of(copy, EncoderOptions.defaults());
  }

  /**
   * Scores by places are as many as a text's pairs of tokens, in each head: of DeBERTa three times,
   * of T5 once.
   */
  @ParameterizedTest
  @CsvSource({"dense-deberta-v2-mean, 3", "dense-t5-mean-dense, 1"})
  void scoresByPlacesGrowWithTheSquareOfALength(String golden, int held) throws IOException {
    JsonFile config = JsonFile.read(GOLDENS.resolve(golden).resolve("config.json"));
    long heads = config.requireInt(config.has("num_heads") ? "num_heads" : "num_attention_heads");
    long threads = EncoderOptions.defaults().workers().parallelism();
    long numbers = held * heads * 4096 * 4096;
    long longer = of(golden, 4096).batches() - of(golden, 16).batches();
    assertThat(longer).isGreaterThan(threads * numbers * Float.BYTES * 9 / 10);
  }

  @Test
  void attentionAloneHoldsNoneForLongTexts() throws IOException {
    long numbers = 4L * 4096 * 4096;
    long longer =
        of("dense-modernbert-mean", 4096).batches() - of("dense-modernbert-mean", 16).batches();
    assertThat(longer).isLessThan(numbers * Float.BYTES / 2);
  }
}

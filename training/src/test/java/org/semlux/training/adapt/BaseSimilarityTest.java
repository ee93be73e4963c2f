package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.evaluate.Similarity;
import org.semlux.training.mine.Candidates;
import org.semlux.training.mine.KeptNumbers;
import org.semlux.training.mine.MiningData;
import org.semlux.training.mine.MiningSearch;

class BaseSimilarityTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");

  @TempDir Path folder;

  private Path with(String golden, String similarity) throws IOException {
    Path model = GOLDENS.resolve(golden);
    Path copy = folder.resolve(golden);
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(model.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    Path settings = copy.resolve("config_sentence_transformers.json");
    Files.writeString(settings, Files.readString(settings).replace("cosine", similarity));
    return copy;
  }

  /** Vectors of length 1 have one order by both, and losses a scale for cosines. */
  @Test
  void whatTheFolderSays() throws IOException {
    assertThat(BaseSimilarity.of(GOLDENS.resolve("dense-roberta-mean")))
        .isEqualTo(BaseSimilarity.COSINE);
    assertThat(BaseSimilarity.of(with("dense-roberta-mean", "dot"))).isEqualTo(BaseSimilarity.DOT);
    assertThat(BaseSimilarity.of(with("dense-mpnet-mean-normalize", "dot")))
        .isEqualTo(BaseSimilarity.COSINE);
  }

  @Test
  void searchesByIt() throws IOException {
    List<String> texts = List.of("a river", "the baker sells warm bread", "snow", "rain and wind");
    MiningData data = new MiningData(List.of("water"), List.of(List.of(1)), texts, 1);
    Path model = GOLDENS.resolve("dense-roberta-mean");
    PrintWriter err = new PrintWriter(new StringWriter());
    EncoderOptions options = EncoderOptions.defaults();
    try (DenseEncoder encoder = DenseEncoder.load(model, options)) {
      float[] query = encoder.encodeAll(EncodeRequest.of(data.queries())).get(0).values();
      float[] answer = encoder.encodeAll(EncodeRequest.of(texts)).get(1).values();
      KeptNumbers kept = KeptNumbers.of(folder, model, encoder.info(), options.calibration());
      for (Similarity similarity : List.of(Similarity.COSINE, Similarity.DOT)) {
        boolean cosine = similarity == Similarity.COSINE;
        Candidates found = new MiningSearch(encoder, kept, cosine, err).search(data, 4).get(0);
        assertThat((double) found.positives()[0])
            .isCloseTo(similarity.of(query, answer), within(1e-4 * (cosine ? 1 : 100)));
      }
      assertThat(Similarity.DOT.of(query, answer)).isGreaterThan(2);
    }
  }
}

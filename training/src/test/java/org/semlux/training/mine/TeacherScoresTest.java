package org.semlux.training.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.mine.TeacherScores.Asked;

/** Pairs are scored in another order than they are asked in: each score finds its place again. */
class TeacherScoresTest {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");
  private static final EncoderOptions FLOAT32 =
      EncoderOptions.defaults().withPrecision(Precision.FLOAT32);

  @TempDir private Path work;

  @ParameterizedTest
  @ValueSource(strings = {"cross-bert", "multi-vector-bert-fixed"})
  void everyScoreIsItsPairs(String golden) throws IOException {
    Path model = GOLDENS.resolve(golden);
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < 400; i++) { // more pairs than one file keeps
      asked.add(
          new Asked(
              "query " + i % 40,
              List.of("text " + i % 7, "a longer text, which only one asks for: " + i, "text 3")));
    }
    asked.add(new Asked("nothing", List.of()));

    List<float[]> scores = scores(model, asked);

    assertThat(scores).hasSameSizeAs(asked);
    try (PairScorer scorer = PairScorer.load(model, FLOAT32)) {
      for (int i = 0; i < asked.size(); i++) {
        Asked one = asked.get(i);
        assertThat(scores.get(i)).hasSameSizeAs(one.texts());
        for (int j = 0; j < one.texts().size(); j++) {
          ScoreRequest alone =
              ScoreRequest.of(List.of(new TextPair(one.query(), one.texts().get(j))));
          assertThat(scores.get(i)[j])
              .isCloseTo(scorer.scoreAll(alone).get(0).raw()[0], within(1e-5f));
        }
      }
    }
    List<Path> kept = files();
    assertThat(kept).hasSizeGreaterThan(1);
    assertThat(scores(model, asked)).usingRecursiveComparison().isEqualTo(scores);
    assertThat(files()).isEqualTo(kept);
  }

  private List<float[]> scores(Path model, List<Asked> asked) throws IOException {
    return new TeacherScores(model, FLOAT32, false, work, new PrintWriter(new StringWriter()))
        .of(asked);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files.sorted().toList();
    }
  }
}

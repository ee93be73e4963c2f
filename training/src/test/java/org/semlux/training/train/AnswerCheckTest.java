package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRows;

/** Which rows a model that was trained is asked about. */
class AnswerCheckTest {
  @Test
  void eightRowsOfAllFiles() {
    List<String> first =
        AnswerCheck.of(
                Stream.of("a", "b", "c").map(AnswerCheckTest::file).toList(), Precision.FLOAT32)
            .rows()
            .stream()
            .map(row -> row.texts().get(0))
            .toList();

    assertThat(first).containsExactly("a0", "a99", "b0", "b49", "b99", "c0", "c49", "c99");
  }

  private static TrainingFile file(String name) {
    List<ScoredPair> pairs =
        IntStream.range(0, 100)
            .mapToObj(i -> new ScoredPair(name + i, name, 1))
            .collect(Collectors.toList());
    return new TrainingFile(
        name, Path.of(name), TrainingRows.of(PairColumns.DEFAULT, pairs), new ScoreScale(1));
  }
}

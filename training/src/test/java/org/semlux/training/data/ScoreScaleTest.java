package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreScaleTest {
  @Test
  void scoresUpToOneStay() {
    List<ScoredPair> pairs = pairs(0, 0.5, 1, -1);

    assertThat(ScoreScale.of(pairs, 5).apply(pairs)).isEqualTo(pairs);
  }

  @Test
  void oneScoreAboveOneDividesAllScores() {
    ScoreScale scale = ScoreScale.of(pairs(0.5, 1.5), 5);

    assertThat(scale.apply(pairs(0, 0.5, 5))).isEqualTo(pairs(0, 0.1, 1));
  }

  @Test
  void aScoreAboveTheScaleIsRefused() {
    List<ScoredPair> pairs = pairs(3, 7);

    assertThatThrownBy(() -> ScoreScale.of(pairs, 5).apply(pairs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the score 7.0 of [a] exceeds the score scale 5.0: give a larger --score-scale");
    assertThatThrownBy(() -> ScoreScale.of(pairs, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[0.0] is not above 0");
  }

  private static List<ScoredPair> pairs(double... scores) {
    return Arrays.stream(scores).mapToObj(score -> new ScoredPair("a", "b", score)).toList();
  }
}

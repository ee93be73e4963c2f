package org.semlux.training.loss;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.training.data.ScoredPair;

class LossTest {
  /**
   * From the lowest label to 1: a probability, a cosine; for losses that rank there is no lowest.
   */
  @ParameterizedTest
  @CsvSource({
    "BINARY_CROSS_ENTROPY, 0, true",
    "BINARY_CROSS_ENTROPY, 1, true",
    "BINARY_CROSS_ENTROPY, -0.1, false",
    "BINARY_CROSS_ENTROPY, 1.1, false",
    "COSINE_SIMILARITY, -1, true",
    "COSINE_SIMILARITY, -1.1, false",
    "COSINE_SIMILARITY, 1.1, false",
    "SPARSE_COSINE_SIMILARITY, -1, true",
    "SPARSE_COSINE_SIMILARITY, -3, false",
    "COSENT, -7, true",
    "ANGLE, 12, true",
  })
  void takesLabelsThatItCanReach(Loss loss, double label, boolean takes) {
    List<ScoredPair> pairs =
        List.of(new ScoredPair("a", "b", 0.5), new ScoredPair("c", "d", label));

    if (takes) {
      assertThatCode(() -> loss.check(pairs)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> loss.check(pairs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("the label " + label + " of pair 2 [c] is not from ")
          .hasMessageContaining(loss.toString());
    }
  }
}

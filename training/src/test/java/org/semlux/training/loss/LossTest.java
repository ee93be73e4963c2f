package org.semlux.training.loss;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRow;

class LossTest {
  /**
   * From the lowest label to 1: a probability, a cosine; for losses that rank there is no lowest.
   */
  @ParameterizedTest
  @CsvSource({
    "CROSS, BinaryCrossEntropy, 0, true",
    "CROSS, BinaryCrossEntropy, 1, true",
    "CROSS, BinaryCrossEntropy, -0.1, false",
    "CROSS, BinaryCrossEntropy, 1.1, false",
    "DENSE, CosineSimilarity, -1, true",
    "DENSE, CosineSimilarity, -1.1, false",
    "DENSE, CosineSimilarity, 1.1, false",
    "SPARSE, SparseCosineSimilarity, -1, true",
    "SPARSE, SparseCosineSimilarity, -3, false",
    "DENSE, Contrastive, -0.1, false",
    "DENSE, CoSENT, -7, true",
    "DENSE, AnglE, 12, true",
    "CROSS, MSE, 12, true",
  })
  void takesLabelsThatItCanReach(EncoderKind kind, String name, double label, boolean takes) {
    Loss loss = Losses.of(kind, Optional.of(name), new LossArguments());
    List<TrainingRow> pairs =
        List.of(
            TrainingRow.of(new ScoredPair("a", "b", 0.5)),
            TrainingRow.of(new ScoredPair("c", "d", label)));

    if (takes) {
      assertThatCode(() -> loss.check(pairs)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> loss.check(pairs))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("the label " + label + " of pair 2 [c] is not from ")
          .hasMessageContaining(name.replace("Sparse", ""));
    }
  }
}

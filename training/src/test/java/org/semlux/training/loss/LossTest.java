package org.semlux.training.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRow;

class LossTest {
  private static final List<LossArguments.Direction> SYMMETRIC =
      List.of(LossArguments.Direction.QUERY_TO_DOC, LossArguments.Direction.DOC_TO_QUERY);

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

  /**
   * Without labels nothing tells where a shorter row ends; labels that are scores here and
   * differences there mean nothing.
   */
  @ParameterizedTest
  @CsvSource({
    "DENSE, MultipleNegativesRanking, 3, 0, 4, 0, false",
    "SPARSE, SparseMultipleNegativesRanking, 3, 0, 2, 0, false",
    "MULTI_VECTOR, MultipleNegativesRanking, 3, 0, 4, 0, false",
    "DENSE, MultipleNegativesRanking, 3, 0, 3, 0, true",
    "DENSE, MarginMSE, 3, 2, 4, 3, true",
    "SPARSE, SparseMarginMSE, 3, 1, 4, 2, true",
    "CROSS, MarginMSE, 3, 2, 4, 2, false",
    "DENSE, DistillKLDiv, 3, 2, 5, 4, true",
    "CROSS, ListNet, 2, 1, 5, 4, true",
  })
  void rowsOfOneFileAreAlike(
      EncoderKind kind, String name, int texts, int labels, int others, int more, boolean takes) {
    RowShape shape = Losses.of(kind, Optional.of(name), new LossArguments()).shape();
    List<TrainingRow> rows =
        List.of(row("a", texts, labels), row("b", texts, labels), row("c", others, more));

    if (takes) {
      assertThatCode(() -> shape.check(name, rows)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> shape.check(name, rows))
          .hasMessageStartingWith(
              "row 3 [c] has %s texts and %s labels and row 1 has %s and %s, where %s takes "
                  .formatted(others, more, texts, labels, name));
    }
  }

  /** What a loss does not know would change nothing; what it knows does. */
  @ParameterizedTest
  @CsvSource({
    "DENSE, CosineSimilarity, ",
    "DENSE, CoSENT, --scale",
    "DENSE, AnglE, --scale",
    "DENSE, MultipleNegativesRanking, --scale --similarity-fct --directions --per-direction",
    "DENSE, Triplet, --distance-metric --margin",
    "DENSE, Contrastive, --distance-metric --margin",
    "DENSE, OnlineContrastive, --distance-metric --margin",
    "DENSE, MarginMSE, --similarity-fct",
    "DENSE, DistillKLDiv, --similarity-fct --temperature",
    "SPARSE, SparseCosineSimilarity, ",
    "SPARSE, SparseMultipleNegativesRanking, --scale --similarity-fct --directions --per-direction",
    "SPARSE, SparseMarginMSE, --similarity-fct",
    "SPARSE, SparseDistillKLDiv, --similarity-fct --temperature",
    "MULTI_VECTOR, MultipleNegativesRanking, --scale",
    "MULTI_VECTOR, MarginMSE, ",
    "MULTI_VECTOR, DistillKLDiv, --temperature",
    "CROSS, BinaryCrossEntropy, ",
    "CROSS, MSE, ",
    "CROSS, Lambda, --ndcg-k",
    "CROSS, RankNet, --ndcg-k",
    "CROSS, ListNet, ",
    "CROSS, MarginMSE, ",
    "CROSS, DistillKLDiv, --temperature",
  })
  void takesSettingsThatItKnows(EncoderKind kind, String name, String known) {
    Loss usual = Losses.of(kind, Optional.of(name), new LossArguments());
    Map<String, Consumer<LossArguments>> settings = new TreeMap<>();
    settings.put("--scale", given -> given.scale = 7.);
    settings.put(
        "--similarity-fct",
        given ->
            given.similarity =
                usual.parameters().toString().contains("cos_sim")
                    ? LossArguments.Similarity.DOT
                    : LossArguments.Similarity.COSINE);
    settings.put("--directions", given -> given.directions = SYMMETRIC);
    settings.put("--per-direction", given -> given.perDirection = true);
    settings.put("--distance-metric", given -> given.distance = LossArguments.Distance.MANHATTAN);
    settings.put("--margin", given -> given.margin = 3.);
    settings.put("--temperature", given -> given.temperature = 3.);
    settings.put("--ndcg-k", given -> given.k = 3);
    settings.put("--matryoshka-dims", given -> given.matryoshkaDims = List.of(3));
    settings.forEach(
        (option, set) -> {
          LossArguments arguments = new LossArguments();
          set.accept(arguments);
          boolean dense = option.startsWith("--matryoshka") && kind == EncoderKind.DENSE;
          if (dense || (known != null && List.of(known.split(" ")).contains(option))) {
            Loss loss = Losses.of(kind, Optional.of(name), arguments);
            assertThat(text(loss)).as(option).isNotEqualTo(text(usual));
          } else {
            assertThatThrownBy(() -> Losses.of(kind, Optional.of(name), arguments))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(option);
          }
        });
  }

  private static String text(Loss loss) {
    ProgramText text = ProgramText.empty();
    loss.addTo(text);
    return text.toString();
  }

  private static TrainingRow row(String text, int texts, int labels) {
    return new TrainingRow(Collections.nCopies(texts, text), Collections.nCopies(labels, 0.5));
  }
}

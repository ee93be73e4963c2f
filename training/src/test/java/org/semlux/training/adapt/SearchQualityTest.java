package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against trec_eval's figures (pytrec_eval 0.5: ndcg_cut_10, recip_rank and recall_100). */
class SearchQualityTest {
  private static void assertQuality(
      double[] found, double[] answers, double ndcg, double mrr, double recall) {
    SearchQuality quality = SearchQuality.of(List.of(found), List.of(answers));

    assertThat(quality.values().get("ndcg@10")[0]).isCloseTo(ndcg, within(1e-12));
    assertThat(quality.values().get("mrr@10")[0]).isCloseTo(mrr, within(1e-12));
    assertThat(quality.values().get("recall@100")[0]).isCloseTo(recall, within(1e-12));
  }

  /** The second best is first, nothing second, the best third. */
  @Test
  void betterAnswersCountMore() {
    assertQuality(
        new double[] {1, 0, 3, 0, 0}, new double[] {3, 1, 2}, 0.5250049893849101, 1, 2.0 / 3);
  }

  /** Thirteen answers, of which the last eight are found, and noise behind them. */
  @Test
  void moreAnswersThanPlaces() {
    assertQuality(
        IntStream.range(5, 17).mapToDouble(i -> i < 13 ? 1 + i % 3 : 0).toArray(),
        IntStream.range(0, 13).mapToDouble(i -> 1 + i % 3).toArray(),
        0.7539533704439496,
        1,
        8.0 / 13);
  }

  @Test
  void whatStandsFarBehindIsFoundAlone() {
    double[] found = new double[120];
    found[10] = 2;
    found[100] = 1;
    assertQuality(found, new double[] {2, 1}, 0, 0, 0.5);
  }
}

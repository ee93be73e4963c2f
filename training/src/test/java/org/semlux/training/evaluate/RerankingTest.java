package org.semlux.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.data.RerankingSample;

/** Numbers of scikit-learn 1.9's ndcg_score (k=10) and average_precision_score. */
class RerankingTest {
  private static final Offset<Double> EXACT = within(1e-12);

  @Test
  void equalScoresCountAsInScikitLearn() {
    assertRanked(
        new boolean[] {true, true, false, false, false},
        new double[] {.5, .2, .5, .2, .9},
        0.5973461194795789,
        0.3666666666666667);
    assertRanked(
        new boolean[] {true, false, false},
        new double[] {.3, .3, .3},
        0.7103099178571524,
        0.3333333333333333);
    double[] scores = {.1, .4, .1, .1, .1, .1, .1, .1, .4, .4, .4, .4, .4};
    boolean[] relevant = new boolean[scores.length];
    Arrays.fill(relevant, 0, 2, true);
    assertRanked(relevant, scores, 0.44622549496227853, 0.16025641025641024);
    assertRanked(
        new boolean[] {false, false, true, true},
        new double[] {4, 3, 2, 1},
        0.57064171895532,
        0.41666666666666663);
  }

  private static void assertRanked(boolean[] relevant, double[] scores, double ndcg, double map) {
    Reranking reranking = new Reranking();
    reranking.add(relevant, scores, false);
    Map<String, Double> metrics = reranking.metrics("");
    assertThat(metrics.get("ndcg@10")).isCloseTo(ndcg, EXACT);
    assertThat(metrics.get("map")).isCloseTo(map, EXACT);
  }

  @Test
  void onlyTheOrderOfEqualScoresChangesReciprocalRanks() {
    boolean[] relevant = {true, false, false};
    double[] scores = {1, 1, 1};
    Reranking earlier = new Reranking();
    earlier.add(relevant, scores, false);
    Reranking later = new Reranking();
    later.add(relevant, scores, true);

    assertThat(earlier.metrics("base_").get("base_mrr@10")).isEqualTo(1);
    assertThat(later.metrics("").get("mrr@10")).isCloseTo(1.0 / 3, EXACT);
  }

  @Test
  void afterTheTenthTextOnlyMapCounts() {
    boolean[] relevant = new boolean[12];
    relevant[11] = true;
    double[] scores = new double[12];
    Arrays.setAll(scores, i -> -i);
    Reranking reranking = new Reranking();
    reranking.add(relevant, scores, false);

    assertThat(reranking.metrics(""))
        .containsEntry("mrr@10", 0.0)
        .containsEntry("ndcg@10", 0.0)
        .hasEntrySatisfying("map", map -> assertThat(map).isCloseTo(1.0 / 12, EXACT));
  }

  @Test
  void aSampleWithoutAnswersCountsAsFailureAndWrongSizesAreRefused() {
    CrossEncoderRerankingEvaluator evaluator = new CrossEncoderRerankingEvaluator("x");
    List<RerankingSample> samples =
        List.of(
            new RerankingSample("q", List.of("a"), List.of("b"), List.of()),
            new RerankingSample("q", List.of(), List.of("b"), List.of()));

    assertThat(evaluator.evaluate(samples, new double[] {2, 1, 3}))
        .isEqualTo(Map.of("x_map", 0.5, "x_mrr@10", 0.5, "x_ndcg@10", 0.5));
    assertThatThrownBy(() -> evaluator.evaluate(samples, new double[4]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("4 scores for 3 texts");
    assertThat(RerankingEvaluator.judgeable(samples)).containsExactly(samples.get(0));
  }

  @Test
  void aRunThatGoesOnDropsItsLaterRows(@TempDir Path folder) throws IOException {
    Path eval = Files.createDirectory(folder.resolve("eval"));
    Path file = eval.resolve("similarity_evaluation_dev_results.csv");
    String evaluated = "epoch,steps,x\r\n-1,-1,2.0\r\n";
    Path unnamed = Files.writeString(eval.resolve("similarity_evaluation_results.csv"), evaluated);
    Path other =
        Files.writeString(eval.resolve("similarity_evaluation_my_dev_results.csv"), evaluated);
    Files.writeString(
        file, "epoch,steps,x\r\n0.5,10,1.0\r\n1.0,20,2.0\r\n-1,-1,2.0\r\n1.5,30,3.0\r\n2.0,4");

    PairEvaluation.resume(folder, "dev", 20);

    assertThat(file).hasContent("epoch,steps,x\r\n0.5,10,1.0\r\n1.0,20,2.0\r\n");
    assertThat(unnamed).hasContent(evaluated);
    assertThat(other).hasContent(evaluated);
    PairEvaluation.resume(folder, "dev", 0);
    assertThat(file).hasContent("epoch,steps,x\r\n");
    PairEvaluation.resume(folder.resolve("none"), "dev", 0);
  }

  @Test
  void numbersAreWrittenAsPythonWritesThem() {
    assertThat(
            List.of(1e-5, 1e-4, 0.1, 1.0, 1e15, 1e16, 123456789.5, 0.0, 2.5e-7, 1.5e300).stream()
                .map(ResultsCsv::text))
        .containsExactly(
            "1e-05",
            "0.0001",
            "0.1",
            "1.0",
            "1000000000000000.0",
            "1e+16",
            "123456789.5",
            "0.0",
            "2.5e-07",
            "1.5e+300");
    assertThat(ResultsCsv.text(Double.NaN)).isEqualTo("nan");
    assertThat(ResultsCsv.text(Double.NEGATIVE_INFINITY)).isEqualTo("-inf");
    assertThat(ResultsCsv.text(-1)).isEqualTo("-1");
  }
}

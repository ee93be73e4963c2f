package org.semlux.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CorrelationTest {
  @Test
  void equalNumbersShareTheMeanOfTheirRanks() {
    assertThat(Correlation.ranks(new double[] {3, 1, 3, 2, 3, -0.0, 0.0}))
        .containsExactly(6, 3, 6, 4, 6, 1.5, 1.5);
    assertThat(Correlation.ranks(new double[0])).isEmpty();
  }

  @Test
  void aLineCorrelatesFullyHoweverFarFromZero() {
    double[] x = {1e9 + 1, 1e9 + 2, 1e9 + 4};

    assertThat(Correlation.pearson(x, new double[] {1, 2, 4})).isCloseTo(1, within(1e-12));
    assertThat(Correlation.pearson(x, new double[] {-1, -2, -4})).isCloseTo(-1, within(1e-12));
    assertThat(Correlation.spearman(x, new double[] {0.1, 0.2, 100})).isCloseTo(1, within(1e-12));
  }

  @Test
  void aSeriesThatNeverChangesHasNoCorrelation() {
    assertThat(Correlation.pearson(new double[] {1, 2}, new double[] {3, 3})).isNaN();
    assertThat(Correlation.spearman(new double[] {1}, new double[] {3})).isNaN();
  }

  @Test
  void seriesOfDifferentLengthAreRefused() {
    assertThatThrownBy(() -> Correlation.pearson(new double[2], new double[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 and 3");
  }

  @RepeatedTest(20)
  void agreesWithTheDefinitions(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int size = 2 + random.nextInt(60);
    double[] x = random.ints(size, 0, 12).asDoubleStream().toArray();
    double[] y = random.doubles(size, -1, 1).toArray();

    assertThat(Correlation.ranks(x)).containsExactly(naiveRanks(x));
    assertThat(Correlation.pearson(x, y)).isCloseTo(naivePearson(x, y), within(1e-10));
    assertThat(Correlation.spearman(x, y))
        .isCloseTo(naivePearson(naiveRanks(x), naiveRanks(y)), within(1e-10));
  }

  /** One more than the numbers below, and half of the others that are equal. */
  private static double[] naiveRanks(double[] x) {
    double[] ranks = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      ranks[i] = 0.5;
      for (double other : x) {
        ranks[i] += other < x[i] ? 1 : other == x[i] ? 0.5 : 0;
      }
    }
    return ranks;
  }

  /** By the sums of products instead of deviations. */
  private static double naivePearson(double[] x, double[] y) {
    double n = x.length;
    double sumX = 0;
    double sumY = 0;
    double sumXx = 0;
    double sumYy = 0;
    double sumXy = 0;
    for (int i = 0; i < x.length; i++) {
      sumX += x[i];
      sumY += y[i];
      sumXx += x[i] * x[i];
      sumYy += y[i] * y[i];
      sumXy += x[i] * y[i];
    }
    return (n * sumXy - sumX * sumY)
        / Math.sqrt((n * sumXx - sumX * sumX) * (n * sumYy - sumY * sumY));
  }
}

package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  /** For many numbers it is that of the normal distribution: 1.96 standard errors each way. */
  @Test
  void anIntervalIsThatOfManyDraws() {
    Random random = new Random(3);
    double[] differences = random.doubles(400).map(x -> random.nextGaussian() + 0.05).toArray();
    double mean = Arrays.stream(differences).average().orElseThrow();
    double squares = Arrays.stream(differences).map(x -> (x - mean) * (x - mean)).sum();
    double error = Math.sqrt(squares / 399 / 400);

    PairedBootstrap found = PairedBootstrap.of(differences, 1);

    assertThat(found.mean()).isEqualTo(mean);
    assertThat(found.low()).isCloseTo(mean - 1.96 * error, within(0.1 * error));
    assertThat(found.high()).isCloseTo(mean + 1.96 * error, within(0.1 * error));
  }

  @Test
  void betterIsWhatTheWholeIntervalSays() {
    assertThat(of(20, 0.1).isBetter()).isTrue();
    assertThat(of(20, 0.3, -0.3, 0.1, -0.1).isBetter()).isFalse();
    assertThat(of(20, 0).isBetter()).isFalse();
    assertThat(of(20, 0).isWorse()).isFalse();
    assertThat(of(20, -0.1, -0.2).isBetter()).isFalse();
    assertThat(of(20, -0.1, -0.2).isWorse()).isTrue();
  }

  /** The interval of one query has no width; that of few is narrow by luck. */
  @Test
  void fewQueriesTellNothing() {
    assertThat(of(1, 0.3)).isEqualTo(new PairedBootstrap(1, 0.3, 0.3, 0.3));
    assertThat(of(1, 0.3).isBetter()).isFalse();
    assertThat(of(19, 0.3).isBetter()).isFalse();
    assertThat(of(19, -0.3).isWorse()).isFalse();
  }

  /** Of so many queries, whose differences are these over and over. */
  private static PairedBootstrap of(int queries, double... differences) {
    double[] all =
        IntStream.range(0, queries).mapToDouble(i -> differences[i % differences.length]).toArray();
    return PairedBootstrap.of(all, 1);
  }
}

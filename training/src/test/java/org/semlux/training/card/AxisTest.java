package org.semlux.training.card;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void ticksAreRound() {
    assertThat(labels(Axis.of(0.013, 0.22)))
        .containsExactly("0", "0.05", "0.10", "0.15", "0.20", "0.25");
    assertThat(labels(Axis.of(0, 4.8e-5)))
        .containsExactly("0", "1e-5", "2e-5", "3e-5", "4e-5", "5e-5");
    assertThat(labels(Axis.ofWhole(50, 1450))).startsWith("0", "200", "400").endsWith("1,600");
    assertThat(labels(Axis.ofWhole(1, 3))).containsExactly("0", "1", "2", "3");
    assertThat(labels(Axis.of(-0.4, 2.5e6))).startsWith("-0.5e6", "0", "0.5e6");
  }

  @Test
  void oneNumberStandsInTheMiddle() {
    for (double value : new double[] {0, 7, -3, 1e-5}) {
      assertThat(Axis.of(value, value).place(value)).isBetween(0.3, 0.7);
    }
  }

  @RepeatedTest(50)
  void holdsAllNumbersAndAFewTicks(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    double scale = Math.pow(10, random.nextInt(14) - 7);
    double min = random.nextGaussian() * scale;
    double max = min + random.nextDouble() * scale;
    Axis axis = Axis.of(min, max);

    assertThat(axis.place(min)).isBetween(-1e-6, 1.0);
    assertThat(axis.place(max)).isBetween(0.0, 1 + 1e-6);
    assertThat(axis.ticks()).isBetween(3, 11);
    assertThat(labels(axis)).doesNotHaveDuplicates();
  }

  private static List<String> labels(Axis axis) {
    return axis.values().stream().map(axis::label).toList();
  }
}

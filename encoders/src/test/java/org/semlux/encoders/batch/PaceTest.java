package org.semlux.encoders.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  private final Pace pace = new Pace(500);

  @Test
  void beforeTheFirstBatchHasEndedItIsAsSlowAsThatHasBeenUntilNow() {
    pace.begin(0);
    assertThat(pace.nanosFor(1_000_000, 100 * SECOND)).as("nothing has begun").isZero();
    pace.start(500, 100 * SECOND);
    pace.start(500, 101 * SECOND);
    assertThat(seconds(3_000, 102 * SECOND)).isCloseTo(6, within(0.01));
    pace.end(500, 102 * SECOND); // and nobody waited behind it
    assertThat(seconds(3_000, 103 * SECOND)).isCloseTo(6, within(0.01));
    pace.end(500, 103 * SECOND);
    pace.add(500, 103 * SECOND);
    pace.start(500, 103 * SECOND);
    assertThat(seconds(500, 103 * SECOND)).as("known").isCloseTo(103, within(0.01));
  }

  @Test
  void whatWaitsBehindALoneTextGoesTogether() {
    pace.begin(0);
    pace.start(5, 0);
    assertThat(seconds(1_000, SECOND)).isCloseTo(2, within(0.01));
    pace.end(5, SECOND);
    assertThat(seconds(1_000, SECOND)).as("nothing runs").isZero();
  }

  @Test
  void foretellsByTheSpeedOfTheLastSeconds() {
    pace.begin(0);
    for (int i = 1; i <= 10; i++) {
      pace.add(500, i * SECOND / 2); // 1,000 bytes a second
    }
    assertThat(seconds(3_000, 5 * SECOND)).isCloseTo(3, within(0.01));
    for (int i = 1; i <= 60; i++) {
      pace.add(50, 5 * SECOND + i * SECOND / 2); // 100 a second
    }
    assertThat(seconds(3_000, 35 * SECOND)).isCloseTo(30, within(0.3));
  }

  @Test
  void timeInWhichNothingWaitedDoesNotCount() {
    pace.begin(0);
    pace.add(1_000, SECOND);
    pace.begin(1_000 * SECOND);
    pace.add(1_000, 1_001 * SECOND);
    assertThat(seconds(1_000, 1_001 * SECOND)).isCloseTo(1, within(0.01));
  }

  @Test
  void whatStandsStillIsForetoldToTakeLonger() {
    pace.begin(0);
    pace.add(1_000, SECOND);
    assertThat(seconds(1_000, 31 * SECOND)).isGreaterThan(20);
  }

  private double seconds(long bytes, long now) {
    return pace.nanosFor(bytes, now) / 1e9;
  }
}

package org.semlux.training.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.semlux.training.index.Index.Found;

class ShadowTest {
  private static Found found(long took, String... ids) {
    return new Found(List.of(ids), new double[ids.length], took);
  }

  /** Of a b c d and b a d e: three of four, of three pairs one turned round. */
  @Test
  void overlapOrderAndTime() {
    Shadow shadow =
        Shadow.of(
            List.of(found(5, "a", "b", "c", "d"), found(1, "x"), found(3)),
            List.of(found(9, "b", "a", "d", "e"), found(2, "y"), found(4)));

    assertThat(shadow.overlap()).containsExactly(.75, 0, 1);
    assertThat(shadow.correlation()[0]).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(shadow.correlation()[1]).isNaN();
    assertThat(shadow.meanOverlap()).isCloseTo(1.75 / 3, within(1e-12));
    assertThat(shadow.meanCorrelation()).isCloseTo(1.0 / 3, within(1e-12));
    assertThat(shadow.milliseconds(0, .5)).isEqualTo(3);
    assertThat(shadow.milliseconds(1, .99)).isEqualTo(9);
    assertThat(shadow.mostChanged(5)).containsExactly(1, 0);
  }
}

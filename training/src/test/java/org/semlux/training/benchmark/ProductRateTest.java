package org.semlux.training.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.program.Torch;

@Isolated("counts open handles")
class ProductRateTest {
  /**
   * Two threads with ten products of 1,024 x 1,024 x 1,024 multiply-adds each, in half a second.
   */
  @Test
  void aMultiplyAddCountsAsTwo() {
    assertThat(ProductRate.gflops(2, 10, 0.5)).isCloseTo(85.899, within(1e-3));
  }

  @Test
  void measuringLeavesNothingOpen() throws IOException {
    long handles = Torch.openHandles();
    assertThat(ProductRate.gflops(Precision.FLOAT32, 2)).isPositive();
    // Fewer where a test before it was still closing what it had.
    assertThat(Torch.openHandles()).isLessThanOrEqualTo(handles);
  }
}

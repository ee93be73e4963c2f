package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;

class ProductRateTest {
  @Test
  void theRateIsPlausibleAndLeavesNothingOpen() throws IOException {
    long handles = Torch.openHandles();

    double one = ProductRate.gflops(Precision.FLOAT32, 1);
    double two = ProductRate.gflops(Precision.FLOAT32, 2);

    // Far from what any CPU does: a wrong count shows, other work on the machine does not.
    assertThat(one).isBetween(0.1, 10_000.0);
    assertThat(two).isBetween(one / 10, one * 10);
    assertThat(Torch.openHandles()).isEqualTo(handles);
  }
}

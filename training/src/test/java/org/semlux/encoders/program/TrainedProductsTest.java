package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.semlux.encoders.api.Precision;

/** What training's precision is measured by; its fragment lies in this module. */
@Isolated("counts open handles")
class TrainedProductsTest {
  @Test
  void theRealProductsRunAndLeaveNothingOpen() {
    for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      LayerProducts.trained(precision).close(); // what a process opens once
      long handles = Torch.openHandles();
      LayerProducts products = LayerProducts.trained(precision);
      products.run();
      products.run();
      products.close();
      // Fewer where a test before it was still closing what it had.
      assertThat(Torch.openHandles()).isLessThanOrEqualTo(handles);
    }
    assertThat(FastestPrecision.TRAINING.comparison()).startsWith("bfloat16 ");
  }
}

package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;

/** The short form of {@link MemorySoak}: native resources go back to where they were. */
@Isolated("counts open handles")
class MemoryTest {
  @Test
  void encodingAndClosingLeaveNoNativeHandleBehind() throws Exception {
    Path folder = Goldens.committed().resolve("dense-bert-mean-normalize");
    DenseEncoder.load(folder, EncoderOptions.defaults()).close(); // what a process opens once
    long before = Torch.openHandles();
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderOptions.defaults())) {
      encoder.encode(List.of("the first text"));
      long loaded = settledHandles();
      assertThat(loaded).isGreaterThan(before);
      for (int i = 0; i < 2_000; i++) {
        encoder.encode(List.of("one text", "another text " + i, ""));
      }
      awaitHandles(loaded);
    }
    awaitHandles(before);
  }

  /** A batch's scope closes just after its answers went out. */
  private static void awaitHandles(long expected) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(60);
    while (Torch.openHandles() != expected && Instant.now().isBefore(end)) {
      Thread.sleep(1);
    }
    assertThat(Torch.openHandles()).isEqualTo(expected);
  }

  /** As many as there are when no more close. */
  private static long settledHandles() throws InterruptedException {
    long open = Torch.openHandles();
    for (long before = Long.MAX_VALUE; open < before; open = Torch.openHandles()) {
      before = open;
      Thread.sleep(500);
    }
    return open;
  }
}

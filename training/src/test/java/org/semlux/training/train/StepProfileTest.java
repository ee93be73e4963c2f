package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepProfileTest {
  @TempDir Path folder;

  @Test
  void anOperatorsTimeIsWhatItsOwnOperatorsLeave() throws IOException {
    Path trace =
        Files.writeString(
            folder.resolve("trace.json"),
            """
            [{"name": "aten::linear", "ph": "X", "ts": 0, "dur": 10000},
             {"name": "aten::to", "ph": "X", "ts": 1000, "dur": 3000},
             {"name": "aten::copy_", "ph": "X", "ts": 1500, "dur": 2000},
             {"name": "aten::mm", "ph": "X", "ts": 5000, "dur": 4000},
             {"name": "aten::_softmax", "ph": "X", "ts": 20000, "dur": 6000},
             {"name": "nobody::knows", "ph": "X", "ts": 30000, "dur": 1000},
             {"name": "process_name", "ph": "M"}]
            """);

    StepProfile profile = StepProfile.read(trace, 2);

    assertThat(profile.millis().get("products")).isCloseTo(3.5, within(1e-9));
    assertThat(profile.millis().get("casts and copies")).isCloseTo(1.5, within(1e-9));
    assertThat(profile.millis().get("attention")).isCloseTo(3, within(1e-9));
    assertThat(profile.millis().get("other")).isCloseTo(0.5, within(1e-9));
    assertThat(profile.toString())
        .startsWith("A step on one thread, timed: 8.5 ms")
        .contains("products")
        .doesNotContain("LSTM gates");
  }
}

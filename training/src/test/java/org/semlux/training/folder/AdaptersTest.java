package org.semlux.training.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptersTest {
  @TempDir Path folder;

  private Path adapter(String name) throws IOException {
    Path made = Files.createDirectories(folder.resolve(name));
    Files.writeString(made.resolve("adapter_config.json"), "{}");
    return made;
  }

  @Test
  void allDownToTheThirdFileAreNamed() throws IOException {
    assertThat(Adapters.leftOut(folder)).isEmpty();
    adapter("adapters/retrieval");
    adapter("late");
    adapter("far/too/deep");
    assertThat(Adapters.leftOut(folder).orElseThrow())
        .startsWith("the PEFT adapters in [adapters/retrieval, late] are left out, ");
  }

  /** Another program's folder beside a model; whoever may read all of them sees nothing here. */
  @Test
  void whatCannotBeReadIsPassedOver() throws IOException {
    adapter("late");
    Path closed = adapter("closed");
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(closed));
      assertThat(Adapters.leftOut(folder).orElseThrow()).contains("in [late] are");
    } finally {
      Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    }
  }
}

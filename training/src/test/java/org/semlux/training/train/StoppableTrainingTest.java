package org.semlux.training.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A training that would begin while the process ends. */
class StoppableTrainingTest {
  @Test
  void oneThatComesTooLateHoldsNobodyUp() throws Exception {
    String path = System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", path),
                Late.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .start();
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.inputReader().readLine()).isEqualTo("Shutdown in progress true");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Begins one when its own end has begun, and waits for its checkpoint as commands do. */
  static final class Late {
    private Late() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime().addShutdownHook(new Thread(Late::train));
    }

    private static void train() {
      try {
        // It has no trainer, since it comes to no step.
        var unused =
            new StoppableTraining(null, new PrintWriter(System.out, true, UTF_8))
                .run(List.of(), "", () -> {});
      } catch (IllegalStateException | IOException e) {
        try {
          System.out.println(e.getMessage() + " " + StoppableTraining.awaitCheckpoint());
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}

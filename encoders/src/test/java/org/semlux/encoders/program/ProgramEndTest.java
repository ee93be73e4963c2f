package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramEndTest {
  /** Looks at one of PyTorch's tables for each gradient. */
  private static final String GRADIENTS =
      """
        def compute(self: __torch__.Program, x: Tensor) -> Tensor:
          last = x
          for i in range(3000):
            leaf = torch.requires_grad_(torch.detach(last))
            found = torch.autograd.grad([torch.sum(torch.matmul(leaf, leaf))], [leaf])
            last = torch.div(unchecked_cast(Tensor, found[0]), 16)
          return last
      """;

  @TempDir Path folder;

  /** Computes on threads that nobody waits for, and ends. */
  static final class Computing {
    public static void main(String[] arguments) throws IOException, InterruptedException {
      Program program = Program.compile(ProgramText.empty().append(GRADIENTS));
      for (int i = 0; i < 4; i++) {
        Thread thread = new Thread(() -> compute(program));
        thread.setDaemon(true);
        thread.start();
      }
      Thread.sleep(1500);
      Program.endAll();
    }

    private static void compute(Program program) {
      ByteBuffer zeros = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
      while (true) {
        try (NativeScope scope = new NativeScope()) {
          PtNDArray x =
              scope.array(zeros.duplicate().order(ByteOrder.nativeOrder()), DataType.FLOAT32, 8, 8);
          x.setName("x");
          program.train("compute", new NDList(x), scope);
        }
      }
    }
  }

  /** PyTorch takes its tables apart then. */
  @Test
  void aProcessThatEndsWaitsForWhatComputes() throws Exception {
    for (int i = 0; i < 3; i++) {
      Path said = folder.resolve("said");
      String path = System.getProperty("java.class.path");
      Process process =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-Dsemlux.native=" + System.getProperty("semlux.native"),
                      "-XX:TieredStopAtLevel=1", // so that it soon computes
                      "--enable-native-access=ALL-UNNAMED",
                      "-cp",
                      System.getProperty("surefire.test.class.path", path),
                      Computing.class.getName()))
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    }
  }
}

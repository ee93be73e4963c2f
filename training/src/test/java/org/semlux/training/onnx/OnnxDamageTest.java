package org.semlux.training.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxDamageTest {
  @TempDir Path folder;

  private OnnxWeights open(byte[] bytes) throws IOException {
    return OnnxWeights.open(Files.write(folder.resolve("model.onnx"), bytes), folder);
  }

  @Test
  void aFileCutAnywhereBeforeTheGraphsEndIsReported() throws IOException {
    byte[] whole = OnnxFuzz.seed();
    assertThat(open(whole).names()).hasSize(3);
    // Behind the graph comes the operator set: two bytes of header, four of it.
    int end = whole.length - 6;
    assertThat(open(Arrays.copyOf(whole, end)).names()).hasSize(3);
    for (int length = 0; length < end; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> open(cut))
          .as("cut to %d of %d bytes", length, whole.length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("model.onnx");
    }
  }

  @Test
  void damageOfAnyKindIsReadOrReportedButNeverElse() throws IOException {
    byte[] whole = OnnxFuzz.seed();
    Random random = new Random(7);
    int reported = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] damaged = whole.clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      reported += new OnnxFuzz(folder).run(damaged) ? 0 : 1;
    }
    assertThat(reported).isGreaterThan(150);
  }

  @Test
  void otherFilesAreNoOnnxFiles() {
    byte[] text = "weights: see the readme of this model\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> open(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no ONNX file");
    byte[] lfs = "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> open(lfs))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a Git LFS pointer");
    assertThatThrownBy(() -> open(new byte[0]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("holds no graph");
  }

  @Test
  void aFileBeyondTheFormatsTwoGigabytesIsRefused() throws IOException {
    Path file = folder.resolve("large.onnx");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }

    assertThatThrownBy(() -> OnnxWeights.open(file, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("large.onnx has 3221225472 bytes")
        .hasMessageContaining("external data");
  }
}

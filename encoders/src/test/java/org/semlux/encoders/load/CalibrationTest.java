package org.semlux.encoders.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationTest {
  @TempDir Path folder;

  /** As of other files of texts. */
  @Test
  void aByteOrderMarkIsNoTextAndGzipIsReadThrough() throws IOException {
    byte[] texts = "\uFEFFGrün ist es.\r\n\r\nIt rains.\n".getBytes(UTF_8);
    Path file = Files.write(folder.resolve("texts.txt"), texts);
    assertThat(Calibration.read(file).texts()).containsExactly("Grün ist es.", "It rains.");

    Files.write(file, gzip(texts));
    assertThat(Calibration.read(file).texts()).containsExactly("Grün ist es.", "It rains.");
  }

  @Test
  void whatIsNoTextIsRefusedByName() throws IOException {
    Path file = folder.resolve("texts.txt");
    Files.write(file, "Grün\nRot\n".getBytes(ISO_8859_1));
    assertThatThrownBy(() -> Calibration.read(file))
        .hasMessage("[" + file + "] is not UTF-8: convert the file first");

    byte[] whole = gzip("one\ntwo\n".getBytes(UTF_8));
    Files.write(file, Arrays.copyOf(whole, whole.length - 6));
    assertThatThrownBy(() -> Calibration.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("[" + file + "] is a damaged gzip file: ");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}

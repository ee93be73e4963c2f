package org.semlux.training.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("takes standard error")
class ProgressTest {
  @Test
  void whatIsQuickIsSilentOutsideATerminal() {
    StringWriter err = new StringWriter();
    try (Progress progress =
        new Progress(new PrintWriter(err), "Encoding", Progress.Unit.TEXTS, 10)) {
      progress.step(10);
    }

    assertThat(err.toString()).isEmpty();
  }

  @Test
  void linesAreSecondsApart() {
    StringWriter err = new StringWriter();
    long[] now = {0};
    try (Progress progress =
        new Progress(
            new PrintWriter(err), "Uploading", Progress.Unit.MEGABYTES, 50_000_000, () -> now[0])) {
      for (int second = 1; second <= 11; second++) {
        now[0] = second * 1_000_000_000L;
        progress.step(4_000_000);
      }
    }

    assertThat(err.toString())
        .isEqualTo(
            """
            Uploading: 20 of 50 MB (40%) in 5.0 s
            Uploading: 40 of 50 MB (80%) in 10.0 s
            Uploading: 44 of 50 MB (88%) in 11.0 s
            """);
  }

  @Test
  void whatHasNoKnownEndIsCounted() {
    StringWriter err = new StringWriter();
    long[] now = {0};
    try (Progress progress =
        new Progress(new PrintWriter(err), "Encoding", Progress.Unit.TEXTS, -1, () -> now[0])) {
      now[0] = 7_500_000_000L;
      progress.step(12_345);
    }

    assertThat(err.toString())
        .isEqualTo("Encoding: 12,345 texts in 7.5 s\nEncoding: 12,345 texts in 7.5 s\n");
  }

  @Test
  void aTerminalGetsABarOfItsWidth() {
    PrintStream before = System.err;
    ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    StringWriter err = new StringWriter();
    System.setErr(new PrintStream(terminal, true, UTF_8));
    System.setProperty(Progress.TERMINAL, "80");
    try (Progress progress =
        new Progress(new PrintWriter(err), "Encoding", Progress.Unit.TEXTS, 10)) {
      progress.step(10);
    } finally {
      System.clearProperty(Progress.TERMINAL);
      System.setErr(before);
    }

    String shown = terminal.toString(UTF_8);
    assertThat(shown).contains("Encoding 100% [==").contains("10/10 texts");
    assertThat(shown.split("[\r\n]+"))
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(err.toString()).isEmpty();
  }
}

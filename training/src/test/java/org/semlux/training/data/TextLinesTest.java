package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class TextLinesTest {
  @Test
  void endsOfLinesAreLeftOutAndEmptyLinesStay() throws IOException {
    assertThat(lines("one\ntwo\r\n\n three \n")).containsExactly("one", "two", "", " three ");
    assertThat(lines("no end")).containsExactly("no end");
    assertThat(lines("a\n\n")).containsExactly("a", "");
    assertThat(lines("\r\n")).containsExactly("");
    assertThat(lines("")).isEmpty();
  }

  @Test
  void aByteOrderMarkIsDroppedAndOnlyAtTheStart() throws IOException {
    assertThat(lines("\uFEFFone\n\uFEFFtwo")).containsExactly("one", "\uFEFFtwo");
  }

  @Test
  void charactersThatSpanBuffersArrive() throws IOException {
    String longLine = "naïve 数据库 😀 ".repeat(5_000);

    assertThat(lines(longLine + "\n" + longLine)).containsExactly(longLine, longLine);
  }

  @Test
  void gzipIsSeenByItsBytes() throws IOException {
    assertThat(lines(gzip("one\ntwo"))).containsExactly("one", "two");
  }

  /** As {@code cat a.gz b.gz} gives them through a pipe: at the end of one nothing is there yet. */
  @Test
  void gzipMembersFollowEachOther() throws IOException {
    InputStream two =
        new SequenceInputStream(
            new ByteArrayInputStream(gzip("one\n")), new ByteArrayInputStream(gzip("two\n")));
    try (TextLines lines = TextLines.of("texts", two)) {
      assertThat(lines.next()).contains("one");
      assertThat(lines.next()).contains("two");
      assertThat(lines.next()).isEmpty();
    }
  }

  @Test
  void utf16IsNotReadAsUtf8() {
    for (Charset charset : List.of(UTF_16LE, UTF_16BE)) {
      assertThatThrownBy(() -> lines("one\ntwo".getBytes(charset)))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "texts:1: the text looks like UTF-16, where UTF-8 is read: convert the file first");
    }
  }

  /** All of them would be one text. */
  @Test
  void linesThatEndInReturnsAloneAreRefused() throws IOException {
    assertThatThrownBy(() -> lines("one\rtwo\rthree"))
        .isInstanceOf(IOException.class)
        .hasMessage("texts:1: lines end in CR alone: convert the file to LF or CRLF first");
    assertThatThrownBy(() -> lines("one\rtwo\r")).isInstanceOf(IOException.class);
    assertThat(lines("o\rne\ntwo\r")).containsExactly("o\rne", "two");
    assertThat(lines("one\r")).containsExactly("one");
  }

  @Test
  void aCutOffGzipFileIsNamed() throws IOException {
    byte[] whole = gzip("one\ntwo".repeat(1_000));

    assertThatThrownBy(() -> lines(Arrays.copyOf(whole, whole.length - 12)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("texts:")
        .hasMessageContaining("gzip file is damaged or cut off");
  }

  /** The line is that of the first such byte, however much of the file a buffer holds. */
  @Test
  void bytesThatAreNoUtf8AreReportedWithTheirLine() throws IOException {
    for (int before : new int[] {0, 1, 700, 20_000}) {
      byte[] good = "größer 😀\n".repeat(before).getBytes(UTF_8);
      for (byte[] bad :
          new byte[][] {
            {'x', (byte) 0xe9, '\n'}, {(byte) 0xe2, (byte) 0x82}, {'x', (byte) 0xed, (byte) 0xa0}
          }) {
        byte[] all = Arrays.copyOf(good, good.length + bad.length);
        System.arraycopy(bad, 0, all, good.length, bad.length);
        for (byte[] file : new byte[][] {all, gzip(all)}) {
          assertThatThrownBy(() -> lines(file))
              .isInstanceOf(IOException.class)
              .hasMessage(
                  "texts:%s: the text from here on is not UTF-8: convert the file first"
                      .formatted(before + 1));
        }
      }
    }
  }

  @Test
  void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };

    assertThatThrownBy(() -> TextLines.of("texts", endless).next())
        .isInstanceOf(IOException.class)
        .hasMessage("texts:1: a line longer than 16777216 characters");
  }

  private static List<String> lines(String text) throws IOException {
    return lines(text.getBytes(UTF_8));
  }

  private static List<String> lines(byte[] bytes) throws IOException {
    List<String> found = new ArrayList<>();
    try (TextLines lines = TextLines.of("texts", new ByteArrayInputStream(bytes))) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        found.add(line.get());
        assertThat(lines.where()).isEqualTo("texts:" + found.size());
      }
    }
    return found;
  }

  private static byte[] gzip(String text) throws IOException {
    return gzip(text.getBytes(UTF_8));
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }
}

package org.semlux.training.data;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The lines of a text, one after the other, so that a file of any size can be read in bounded
 * memory. Lines end in LF or CRLF; the last one may lack its end. Not thread-safe.
 *
 * {@snippet lang=java :
 * try (TextLines lines = TextLines.open(Path.of("texts.txt.gz"))) {
 *   for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
 *     System.out.println(lines.where() + " " + line.get()); // texts.txt.gz:1 …
 *   }
 * }
 * }
 */
public final class TextLines implements Closeable {
  /** The longest line that is read, in characters: no encoder reads a hundredth of it. */
  public static final int MAX_LENGTH = 1 << 24;

  private final String name;
  private final BufferedReader reader;
  private final char[] buffer = new char[1 << 13];
  private int position;
  private int filled;
  private long number;

  private TextLines(String name, BufferedReader reader) {
    this.name = name;
    this.reader = reader;
  }

  /** Reads a UTF-8 file, compressed by gzip or not. */
  public static TextLines open(Path file) throws IOException {
    return new TextLines(file.toString(), DataFile.open(file));
  }

  /** Reads what is open already; whoever opened it closes it. */
  static TextLines of(String name, BufferedReader reader) {
    return new TextLines(name, reader);
  }

  /** Reads a stream such as standard input; {@code name} stands in its error messages. */
  public static TextLines of(String name, InputStream stream) throws IOException {
    try {
      return new TextLines(name, DataFile.reader(name, stream));
    } catch (IOException e) {
      throw DataFile.explain(name + ":1", e);
    }
  }

  /**
   * The next line without its end; empty after the last.
   *
   * @throws IOException with file and line when the text is not UTF-8 or a line is too long
   */
  public Optional<String> next() throws IOException {
    number++;
    StringBuilder line = new StringBuilder();
    while (fill()) {
      int end = position;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      line.append(buffer, position, end - position);
      if (line.length() > MAX_LENGTH) {
        throw new IOException(where() + ": a line longer than " + MAX_LENGTH + " characters");
      }
      position = end;
      if (end < filled) {
        position++;
        return Optional.of(withoutReturn(line));
      }
    }
    int alone = line.indexOf("\r");
    if (number == 1 && alone >= 0 && alone < line.length() - 1) {
      throw new IOException(
          where() + ": lines end in CR alone: convert the file to LF or CRLF first");
    }
    return line.isEmpty() ? Optional.empty() : Optional.of(withoutReturn(line));
  }

  private boolean fill() throws IOException {
    if (position == filled) {
      position = 0;
      try {
        filled = Math.max(0, reader.read(buffer));
      } catch (IOException e) {
        throw DataFile.explain(where(), e);
      }
    }
    return filled > 0;
  }

  private static String withoutReturn(StringBuilder line) {
    int last = line.length() - 1;
    return last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
  }

  /** Where the line that {@link #next} returned last stands: {@code file:line}, lines from 1. */
  public String where() {
    return name + ":" + number;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}

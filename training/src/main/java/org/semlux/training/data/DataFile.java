package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Opens data files: gzip is seen by its first bytes, a byte order mark is dropped.
 *
 * {@snippet lang=java :
 * try (BufferedReader reader = DataFile.open(Path.of("texts.txt.gz"))) {
 *   String first = reader.readLine();
 * }
 * }
 */
public final class DataFile {
  private static final int BUFFER = 1 << 16;

  /** What Parquet files begin with. */
  private static final String PARQUET = "PAR1";

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private DataFile() {}

  /**
   * Opens a file of UTF-8 text.
   *
   * @throws NoSuchFileException when there is no such file
   * @throws IOException when it is a folder or cannot be read; bytes that are no UTF-8 fail later,
   *     in {@code read}, with a {@link CharacterCodingException}
   */
  public static BufferedReader open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("[" + file + "] is a folder where a data file is expected");
    }
    InputStream bytes = Files.newInputStream(file);
    try {
      return reader(file.toString(), bytes);
    } catch (IOException e) {
      bytes.close();
      throw explain(file + ":1", e);
    }
  }

  /**
   * All of a small file of UTF-8 text.
   *
   * @throws IOException when it cannot be read; one that is no UTF-8 is named
   */
  public static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw explain(file.toString(), e);
    }
  }

  static BufferedReader reader(String name, InputStream stream) throws IOException {
    InputStream bytes = new SteadyInput(stream);
    bytes.mark(PARQUET.length());
    byte[] magic = bytes.readNBytes(PARQUET.length());
    bytes.reset();
    if (new String(magic, ISO_8859_1).equals(PARQUET)) {
      throw new IOException(
          "["
              + name
              + "] is a Parquet file: rows are read from one whose name ends in .parquet, single texts"
              + " from none");
    }
    if (magic.length > 1 && (magic[0] == 0 || magic[1] == 0)) {
      throw new IOException(
          name + ":1: the text looks like UTF-16, where UTF-8 is read: convert the file first");
    }
    boolean gzip = magic.length > 1 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b;
    Reader characters = new Utf8Reader(gzip ? new GZIPInputStream(bytes, BUFFER) : bytes);
    BufferedReader reader = new BufferedReader(characters, BUFFER);
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  /**
   * Says that bytes are there until there are none: before 25 the JDK takes a gzip file for ended
   * where a member ends and the next one has not arrived yet, as through a pipe.
   */
  private static final class SteadyInput extends BufferedInputStream {
    SteadyInput(InputStream stream) {
      super(stream, BUFFER);
    }

    @Override
    public synchronized int available() throws IOException {
      if (super.available() > 0) {
        return super.available();
      }
      mark(1);
      boolean ended = read() < 0;
      reset();
      return ended ? 0 : 1;
    }
  }

  /**
   * The first line that is not blank, which will be read again; empty where there is none.
   *
   * @param file that the reader reads, for messages
   */
  static String peekLine(Path file, BufferedReader reader) throws IOException {
    StringBuilder line = new StringBuilder();
    try {
      reader.mark(TextLines.MAX_LENGTH);
      for (int i = 0; i < TextLines.MAX_LENGTH - 1; i++) {
        int next = reader.read();
        boolean ends = next < 0 || next == '\n' || next == '\r';
        if (next < 0 || (ends && !line.toString().isBlank())) {
          break;
        }
        if (ends) {
          line.setLength(0);
        } else {
          line.append((char) next);
        }
      }
      reader.reset();
      reader.mark(0); // else it keeps all that it reads from here on
    } catch (IOException e) {
      throw explain(file + ":1", e);
    }
    return line.toString();
  }

  /**
   * Refuses what cannot be read a second time.
   *
   * @throws IOException when it is a pipe, whose first reader takes all of it
   */
  public static void requireLasting(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new IOException(
          "["
              + file
              + "] is a pipe, whose data are gone once they are read, and here they are read more than"
              + " once: write them to a file first");
    }
  }

  /** The JDK's readers do not say what they were reading: this does. */
  static IOException explain(String where, IOException e) {
    if (e instanceof CharacterCodingException) {
      return new IOException(
          where + ": the text from here on is not UTF-8: convert the file first", e);
    }
    if (e instanceof EOFException || e instanceof ZipException) {
      return new IOException(where + ": the gzip file is damaged or cut off: " + e.getMessage(), e);
    }
    return e;
  }
}

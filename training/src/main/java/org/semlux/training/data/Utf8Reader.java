package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * UTF-8 text, all of it up to the first bytes that are none: the JDK's reader fails for all that it
 * holds in its buffer, so that nobody could tell the line. Not thread-safe.
 */
final class Utf8Reader extends Reader {
  private final InputStream stream;
  private final CharsetDecoder decoder =
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 16).flip();
  private boolean ended;

  /** The second half of a character that there was no room for; 0 where there is none. */
  private char left;

  Utf8Reader(InputStream stream) {
    this.stream = stream;
  }

  /**
   * @throws java.nio.charset.CharacterCodingException when the next bytes are no character
   */
  @Override
  public int read(char[] target, int from, int count) throws IOException {
    if (count == 0) {
      return 0;
    }
    if (left != 0) {
      target[from] = left;
      left = 0;
      return 1;
    }
    if (count == 1) {
      char[] two = new char[2];
      int read = read(two, 0, 2);
      target[from] = two[0];
      left = read == 2 ? two[1] : 0;
      return Math.min(read, 1);
    }
    CharBuffer characters = CharBuffer.wrap(target, from, count);
    while (true) {
      CoderResult result = decoder.decode(bytes, characters, ended);
      if (characters.position() > from) {
        return characters.position() - from; // what is wrong behind them comes up again
      }
      if (result.isError()) {
        result.throwException();
      }
      if (ended) {
        return -1;
      }
      fill();
    }
  }

  private void fill() throws IOException {
    bytes.compact();
    int read = stream.read(bytes.array(), bytes.position(), bytes.remaining());
    ended = read < 0;
    bytes.position(bytes.position() + Math.max(0, read)).flip();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}

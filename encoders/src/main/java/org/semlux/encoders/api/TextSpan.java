package org.semlux.encoders.api;

/**
 * A stretch of a text.
 *
 * {@snippet lang=java :
 * TextSpan span = new TextSpan(2, 5);
 * span.of("A man plays."); // "man"
 * TextSpan.WHOLE.of("A man plays."); // all of it
 * }
 *
 * @param from its first character, counted in UTF-16 units as {@link String} counts
 * @param to the character behind its last one
 */
public record TextSpan(int from, int to) {
  /** All of a text, however long. */
  public static final TextSpan WHOLE = new TextSpan(0, Integer.MAX_VALUE);

  public TextSpan {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "a span must run forwards from 0 or more: " + from + " to " + to);
    }
  }

  public boolean isWhole() {
    return equals(WHOLE);
  }

  /** What it covers of a text. */
  public String of(String text) {
    return text.substring(Math.min(from, text.length()), Math.min(to, text.length()));
  }
}

package org.semlux.encoders.api;

/**
 * What a caller gave, as a message may repeat it.
 *
 * {@snippet lang=java :
 * Excerpt.of("two\nlines"); // "two?lines"
 * Excerpt.of("x".repeat(500)); // its first 100 characters, then "… of 500 characters"
 * Excerpt.isWhole("\uD83D"); // false: half of a character
 * }
 */
public final class Excerpt {
  private static final int CHARACTERS = 100;

  private Excerpt() {}

  /**
   * A text without control characters and halves of characters; of a long one its beginning, with
   * its length.
   */
  public static String of(String text) {
    StringBuilder excerpt = new StringBuilder();
    for (int at = 0; at < text.length() && excerpt.length() < CHARACTERS; ) {
      int character = text.codePointAt(at);
      at += Character.charCount(character);
      excerpt.appendCodePoint(isPrintable(character) ? character : '?');
    }
    if (text.length() > CHARACTERS) {
      excerpt.append("… of ").append(text.length()).append(" characters");
    }
    return excerpt.toString();
  }

  /** Whether a text is Unicode as it can be written and read back: without halves of characters. */
  public static boolean isWhole(String text) {
    return text.codePoints().noneMatch(Excerpt::isHalf);
  }

  private static boolean isPrintable(int character) {
    return !Character.isISOControl(character) && !isHalf(character);
  }

  private static boolean isHalf(int character) {
    return Character.getType(character) == Character.SURROGATE;
  }
}

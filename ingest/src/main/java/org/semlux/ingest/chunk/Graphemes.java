package org.semlux.ingest.chunk;

import java.text.BreakIterator;
import java.util.Locale;

/**
 * Where what readers see as one character ends: between grapheme clusters (UAX 29), such as flags,
 * emoji sequences, letters with their marks, Indic conjuncts. Asked of ascending places, in a time
 * that is proportional to the text. Not thread-safe.
 */
final class Graphemes {
  /** A cluster of more UTF-16 units may be cut, as long as no mark comes first. */
  private static final int LONGEST = 4_096;

  private final BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
  private final String text;

  /** A boundary before the next place. */
  private int known;

  Graphemes(String text) {
    this.text = text;
  }

  /** Whether a place within the text, not before the last one asked of, parts no cluster. */
  boolean isBoundary(int at) {
    int after = text.codePointAt(at);
    if (isPlain(text.codePointBefore(at)) && isPlain(after)) {
      known = at;
      return true;
    }
    if (at - known > LONGEST) {
      boolean joined = joins(after) || text.charAt(at - 1) == '\u200d';
      known = joined ? known : at;
      return !joined;
    }
    clusters.setText(text.substring(known, at + Character.charCount(after)));
    int last = 0;
    for (int end = clusters.next(); end <= at - known && end >= 0; end = clusters.next()) {
      last = end;
    }
    known += last;
    return known == at;
  }

  /** Letters, digits and punctuation that stand for themselves, whatever stands beside them. */
  private static boolean isPlain(int codePoint) {
    return (codePoint >= ' ' && codePoint < 0x7F)
        || (codePoint < 0x590 && Character.isLetter(codePoint))
        || Character.isIdeographic(codePoint)
        || (codePoint >= 0x3041 && codePoint <= 0x3096)
        || (codePoint >= 0x30A1 && codePoint <= 0x30FA)
        || (codePoint >= 0xAC00 && codePoint <= 0xD7A3);
  }

  /** Whether a character belongs to the one before it, whatever that is. */
  static boolean joins(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> codePoint == 0x200D || Character.isEmojiModifier(codePoint);
    };
  }
}

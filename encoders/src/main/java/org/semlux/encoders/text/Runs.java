package org.semlux.encoders.text;

import java.util.Arrays;

/**
 * Long runs of characters of one kind that make no tokens however long they are: spaces that a
 * tokenizer drops, letters that are one unknown word together. Their middle can be left out.
 */
final class Runs {
  /** Shorter runs are left as they are, in characters. */
  private static final int LONG = 1 << 14;

  /** What stays at each end of a run: more than any word that a tokenizer would look into. */
  private static final int KEPT = 1 << 12;

  private static final int BLANKS = -1;
  private static final int MARKS = -2;
  private static final int CONTROLS = -3;
  private static final int LETTERS = -4;

  private Runs() {}

  /**
   * Leaves out the middle of the longest run that begins in {@code [from, from + range)}, if it is
   * long and makes no tokens.
   *
   * @return the shorter text, or the same one
   */
  static String squeeze(String text, int from, int range, NativeTokenizer tokenizer) {
    int start = from;
    int end = from;
    int last = Math.min(text.length(), from + range);
    for (int at = from; at < last; ) {
      int behind = end(text, at);
      if (behind - at > end - start) {
        start = at;
        end = behind;
      }
      at = behind;
    }
    if (end - start < LONG || makesTokens(text.substring(start, end), tokenizer)) {
      return text;
    }
    return without(text, whole(text, start + KEPT), whole(text, end - KEPT));
  }

  /**
   * Leaves out the middle of the last token of {@code [from, to)} and what makes no token behind
   * it, if that is long and changes nothing: of an unknown word, whatever counts as one.
   *
   * @param piece what was read of {@code [from, to)}, with its tokens' starts
   * @return the shorter text, or the same one
   */
  static String squeezeWord(
      String text, int from, int to, NativeTokenizer.Piece piece, NativeTokenizer tokenizer) {
    int start = from + (piece.count() == 0 ? 0 : piece.starts()[piece.count() - 1]);
    if (to - start < LONG) {
      return text;
    }
    int first = whole(text, start + KEPT);
    int second = whole(text, to - KEPT);
    int[] ids = tokenizer.ids(without(text.substring(from, to), first - from, second - from));
    return Arrays.equals(ids, piece.ids()) ? without(text, first, second) : text;
  }

  private static String without(String text, int from, int to) {
    return new StringBuilder(text.length() - to + from)
        .append(text, 0, from)
        .append(text, to, text.length())
        .toString();
  }

  /** Whether more of a run is more tokens, at its start and at its end. */
  private static boolean makesTokens(String run, NativeTokenizer tokenizer) {
    int half = whole(run, KEPT / 2);
    int full = whole(run, KEPT);
    int lastFull = whole(run, run.length() - KEPT);
    int lastHalf = whole(run, run.length() - KEPT / 2);
    return tokenizer.ids(run.substring(0, half)).length
            != tokenizer.ids(run.substring(0, full)).length
        || tokenizer.ids(run.substring(lastFull)).length
            != tokenizer.ids(run.substring(lastHalf)).length;
  }

  /**
   * The best of the bad places to cut a text at in {@code (from, to]}: before white space, else
   * where characters of another kind begin, else the last one.
   */
  static int cut(String text, int from, int to) {
    int least = Math.max(0, from);
    int change = -1;
    for (int at = to; at > least; at--) {
      if (!Character.isLowSurrogate(text.charAt(at))) {
        int before = kind(text.codePointBefore(at));
        int after = kind(text.codePointAt(at));
        if (before != BLANKS && after == BLANKS) {
          return at;
        }
        boolean changes = before != after && before != BLANKS && after != MARKS;
        change = change < 0 && changes ? at : change;
      }
    }
    return change >= 0 ? change : to == 0 ? 0 : whole(text, to);
  }

  /** Not between the halves of a surrogate pair. */
  private static int whole(String text, int at) {
    return Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at)) ? at + 1 : at;
  }

  private static int end(String text, int from) {
    int kind = kind(text.codePointAt(from));
    int at = from;
    while (at < text.length() && kind(text.codePointAt(at)) == kind) {
      at += Character.charCount(text.codePointAt(at));
    }
    return at;
  }

  /** Ideographs and symbols are alike only where they are the same. */
  private static int kind(int codePoint) {
    if (Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint)) {
      return BLANKS;
    }
    if (isMark(codePoint)) {
      return MARKS;
    }
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.FORMAT -> CONTROLS;
      default ->
          Character.isLetterOrDigit(codePoint) && !Character.isIdeographic(codePoint)
              ? LETTERS
              : codePoint;
    };
  }

  /** Whether a piece should not end before a character: it may change what stands before it. */
  static boolean reachesBack(int codePoint) {
    int kind = kind(codePoint);
    return kind == MARKS || kind == BLANKS;
  }

  static boolean isBlank(char c) {
    return kind(c) == BLANKS;
  }

  private static boolean isMark(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }
}

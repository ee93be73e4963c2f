package org.semlux.ingest.chunk;

import java.text.BreakIterator;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;

/**
 * A text as a row of units, each reaching to where the next one begins: tokens, or words with the
 * punctuation and space around them.
 *
 * @param starts where each unit begins, ascending; the first one at 0
 * @param good units before which a cut is welcome; before others it is made where nothing else
 *     helps
 */
record Units(int[] starts, BitSet good) {
  /** A longer run of letters is no word: it is cut, between any two characters. */
  private static final int LONGEST_WORD = 256;

  int count() {
    return starts.length;
  }

  /** Words, before any of which a cut is welcome. */
  static Units ofWords(String text, int enough) {
    int[] starts = words(text, enough);
    BitSet good = new BitSet(starts.length);
    good.set(0, starts.length);
    return new Units(starts, good);
  }

  /** Words, of which those that begin a sentence are good places to cut. */
  static Units ofSentences(String text, int enough) {
    int[] starts = words(text, enough);
    return new Units(starts, sentences(text, starts));
  }

  /**
   * Tokens, of which those that begin a sentence are good places to cut, and those that begin a
   * word within one that is too long.
   *
   * @param size tokens that a passage may have
   */
  static Units ofTokenSentences(String text, int[] tokens, int size) {
    Units words = ofTokens(text, tokens);
    int[] letters = words.starts.clone(); // some models' tokens begin with the space before a word
    for (int i = 0; i < letters.length; i++) {
      while (letters[i] < text.length() && Character.isWhitespace(text.charAt(letters[i]))) {
        letters[i]++;
      }
    }
    BitSet sentences = sentences(text, letters);
    BitSet good = (BitSet) sentences.clone();
    for (int from = sentences.nextSetBit(0); from >= 0; ) {
      int next = sentences.nextSetBit(from + 1);
      int to = next < 0 ? words.count() : next;
      for (int word = words.good.nextSetBit(from); to - from > size && word >= 0 && word < to; ) {
        good.set(word);
        word = words.good.nextSetBit(word + 1);
      }
      from = next;
    }
    return new Units(words.starts, good);
  }

  /** The first unit in each sentence. */
  private static BitSet sentences(String text, int[] starts) {
    BitSet first = new BitSet(starts.length);
    BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
    sentences.setText(text);
    int unit = 0;
    for (int at = sentences.first(); at != BreakIterator.DONE; at = sentences.next()) {
      while (unit < starts.length && starts[unit] < at) {
        unit++;
      }
      if (unit == starts.length) {
        break;
      }
      first.set(unit);
    }
    return first;
  }

  /** Tokens, of which those that begin a word are good places to cut. */
  static Units ofTokens(String text, int[] tokens) {
    int[] starts = tokens.length == 0 ? new int[1] : tokens.clone();
    BitSet good = new BitSet(starts.length);
    starts[0] = 0;
    for (int i = 0; i < starts.length; i++) {
      int at = starts[i];
      boolean onSpace = at < text.length() && Character.isWhitespace(text.charAt(at));
      good.set(i, onSpace || at == 0 || Character.isWhitespace(text.charAt(at - 1)));
    }
    return new Units(starts, good);
  }

  private static int[] words(String text, int enough) {
    BreakIterator segments = BreakIterator.getWordInstance(Locale.ROOT);
    segments.setText(text);
    int[] starts = new int[Math.min(enough, 16 + text.length() / 5)];
    int count = 0;
    int opening = -1; // where punctuation before a word begins, such as a quotation mark
    boolean afterSpace = true;
    int from = 0;
    for (int to = segments.next();
        to != BreakIterator.DONE && count < enough;
        to = segments.next()) {
      int first = text.codePointAt(from);
      if (Character.isWhitespace(first) || Character.isSpaceChar(first)) {
        opening = -1;
        afterSpace = true;
      } else if (isPunctuation(first)) {
        opening = afterSpace ? from : opening;
        afterSpace = false;
      } else {
        int start = opening >= 0 ? opening : from;
        for (int at = start; at < to && count < enough; at += LONGEST_WORD) {
          starts = count < starts.length ? starts : Arrays.copyOf(starts, 2 * count);
          starts[count++] = at;
        }
        opening = -1;
        afterSpace = false;
      }
      from = to;
    }
    if (count == 0) {
      return text.isEmpty() || enough == 0 ? new int[0] : new int[1]; // punctuation alone
    }
    starts[0] = 0;
    return Arrays.copyOf(starts, count);
  }

  private static boolean isPunctuation(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }
}

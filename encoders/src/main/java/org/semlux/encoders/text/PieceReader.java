package org.semlux.encoders.text;

import java.util.Arrays;

/**
 * Reads a text a piece at a time until it has the tokens that somebody wants, so that no call into
 * the library takes longer than some tens of milliseconds, and of a long text only the beginning is
 * looked at. The tokens are those of the whole text:
 *
 * <ul>
 *   <li>pieces end at {@link Joints};
 *   <li>where there is none, a longer piece is tried, whose last tokens, which the cut may have
 *       changed, do not count;
 *   <li>of a run that makes no tokens however long it is, such as spaces between BERT's words, or
 *       one unknown word, the middle is left out ({@link Runs}).
 * </ul>
 *
 * <p>What is none of these, {@value #LONGEST} characters long, and has fewer tokens than are wanted
 * is cut at a place that looks harmless. Not thread-safe.
 */
final class PieceReader {
  /** Characters for each token that is wanted: words have five or six. */
  static final int CHARACTERS_PER_TOKEN = 8;

  private static final int SHORTEST = 1 << 10;
  private static final int USUAL = 1 << 14;

  /** The longest piece, in characters: some 30 ms of the library's time, seldom 100. */
  static final int LONGEST = 1 << 16;

  private final NativeTokenizer tokenizer;
  private final Joints joints;
  private final int margin;
  private final int enough;
  private final boolean withStarts;
  private String text;
  private int at;

  private int length;
  private boolean done;
  private int[] ids = new int[0];
  private int[] starts = new int[0];

  /**
   * @param margin tokens at the end of a piece that a cut may have changed
   * @param enough how many tokens the caller will look at
   */
  PieceReader(
      NativeTokenizer tokenizer,
      Joints joints,
      int margin,
      String text,
      int enough,
      boolean withStarts) {
    this.tokenizer = tokenizer;
    this.joints = joints;
    this.margin = margin;
    this.text = text;
    this.enough = enough;
    this.withStarts = withStarts;
    length = usualLength();
    done = text.isEmpty() || enough <= 0;
  }

  private int usualLength() {
    long wanted = CHARACTERS_PER_TOKEN * ((long) enough - ids.length + margin);
    return Math.clamp(wanted, SHORTEST, USUAL);
  }

  boolean isDone() {
    return done;
  }

  /** Reads on; a bounded piece of work. */
  void next() {
    if (text.length() - at <= length) {
      append(read(text.length()), text.length());
      return;
    }
    int joint = joints.last(text, at + length / 2, at + length);
    if (joint > 0) {
      append(read(joint), joint);
      return;
    }
    int end = behindRun(at + length);
    NativeTokenizer.Piece piece = read(end);
    if (piece.count() >= (long) enough - ids.length + margin) {
      append(piece, text.length());
    } else if (length < LONGEST) {
      length = Math.min(4 * length, LONGEST);
    } else {
      // Who wants to know where tokens begin has use for all of them.
      String shorter = withStarts ? text : squeezed(end);
      if (shorter.length() == text.length()) {
        int cut = Runs.cut(text, at + length / 2, end);
        append(read(cut), cut);
      }
      text = shorter;
    }
  }

  private String squeezed(int end) {
    String shorter = Runs.squeeze(text, at, LONGEST, tokenizer);
    return shorter.length() < text.length() ? shorter : Runs.squeezeWord(text, at, end, tokenizer);
  }

  /**
   * No cut between a letter and its marks, which normalizers put in another order, nor in white
   * space, which a special token behind it may take away.
   */
  private int behindRun(int end) {
    int behind = end;
    int last = Math.min(text.length() - 1, at + LONGEST);
    if (Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end))) {
      behind++;
    }
    while (behind < last && Runs.reachesBack(text.codePointAt(behind))) {
      behind += Character.charCount(text.codePointAt(behind));
    }
    return behind;
  }

  private NativeTokenizer.Piece read(int end) {
    return tokenizer.read(text.substring(at, end), withStarts);
  }

  private void append(NativeTokenizer.Piece piece, int end) {
    int before = ids.length;
    ids = Arrays.copyOf(ids, before + piece.count());
    System.arraycopy(piece.ids(), 0, ids, before, piece.count());
    if (withStarts) {
      starts = Arrays.copyOf(starts, ids.length);
      for (int i = 0; i < piece.count(); i++) {
        starts[before + i] = at + piece.starts()[i];
      }
    }
    at = end;
    length = usualLength();
    done = ids.length >= enough || at >= text.length();
  }

  /** All that was read: at least as many as are wanted, if the text has them. */
  int[] ids() {
    return ids;
  }

  /** Where they begin. */
  int[] starts() {
    return starts;
  }
}

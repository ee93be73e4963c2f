package org.semlux.encoders.text;

import java.util.Arrays;
import java.util.Optional;
import org.semlux.encoders.text.Tokenizer.Placed;

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
final class PieceReader implements Reading<Placed> {
  /** Characters for each token that is wanted: words have five or six. */
  static final int CHARACTERS_PER_TOKEN = 8;

  private static final int SHORTEST = 1 << 10;
  private static final int USUAL = 1 << 14;

  /** The longest piece, in characters: some 20 ms of the library's time, of one long word 60. */
  static final int LONGEST = 1 << 15;

  /** So many in a row may be more tokens than the margin has. */
  private static final int BLANKS = 8;

  private final NativeTokenizer tokenizer;
  private final Joints joints;
  private final int margin;
  private final int enough;
  private final boolean withStarts;
  private String text;
  private int at;

  private int length;
  private boolean done;

  /** Read at full length, with fewer tokens than are wanted, and no place to end it at. */
  private NativeTokenizer.Piece undecided;

  private int undecidedEnd;

  /** Whether the next piece is cut wherever it looks harmless. */
  private boolean cutting;

  private int count;
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
    long wanted = CHARACTERS_PER_TOKEN * ((long) enough - count + margin);
    return Math.clamp(wanted, SHORTEST, USUAL);
  }

  /** All that was read: at least as many tokens as are wanted, if the text has them. */
  @Override
  public Optional<Placed> get() {
    if (!done) {
      next();
    }
    return done ? Optional.of(new Placed(ids(), starts())) : Optional.empty();
  }

  /** Reads on: at most one piece of the longest, since others wait. */
  private void next() {
    if (text.length() - at <= length) {
      append(read(text.length()), text.length());
    } else if (undecided != null) {
      squeeze();
    } else if (cutting) {
      int cut = Runs.cut(text, at + length / 2, behindRun(at + length));
      cutting = false;
      append(read(cut), cut);
    } else {
      int joint = joints.last(text, at + length / 2, at + length);
      if (joint > 0) {
        append(read(joint), joint);
      } else {
        tryLonger();
      }
    }
  }

  private void tryLonger() {
    int end = behindRun(at + length);
    boolean longest = length == LONGEST;
    NativeTokenizer.Piece piece = tokenizer.read(text.substring(at, end), withStarts || longest);
    if (piece.count() >= (long) enough - count + margin) {
      append(piece, text.length());
    } else if (longest) {
      undecided = piece;
      undecidedEnd = end;
    } else {
      length = Math.min(4 * length, LONGEST);
    }
  }

  /** Who wants to know where tokens begin has use for all of the text. */
  private void squeeze() {
    String shorter = text;
    if (!withStarts) {
      shorter = Runs.squeeze(text, at, LONGEST, tokenizer);
      if (shorter.length() == text.length()) {
        shorter = Runs.squeezeWord(text, at, undecidedEnd, undecided, tokenizer);
      }
    }
    cutting = shorter.length() == text.length();
    text = shorter;
    undecided = null;
  }

  /**
   * No cut between a letter and its marks, which normalizers put in another order, nor in white
   * space, nor in a special token behind it, which may take it away.
   */
  private int behindRun(int end) {
    int last = Math.min(text.length() - 1, at + LONGEST);
    int behind = whole(end);
    int before;
    do {
      before = behind;
      while (behind < last && Runs.reachesBack(text.codePointAt(behind))) {
        behind += Character.charCount(text.codePointAt(behind));
      }
      behind = behindToken(behind, last);
    } while (behind > before);
    return behind;
  }

  /** Where few blanks stand before a token, the margin makes up for them. */
  private int behindToken(int end, int last) {
    int reach = joints.longestStripping();
    int start = end;
    while (start > at && end - start < reach && !Runs.isBlank(text.charAt(start - 1))) {
      start--;
    }
    if (end - start >= reach || start - at < BLANKS || !areBlank(start - BLANKS, start)) {
      return end;
    }
    return Math.max(end, whole(Math.min(start + reach, last)));
  }

  private boolean areBlank(int from, int to) {
    for (int i = from; i < to; i++) {
      if (!Runs.isBlank(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private int whole(int end) {
    return Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end)) ? end + 1 : end;
  }

  private NativeTokenizer.Piece read(int end) {
    return tokenizer.read(text.substring(at, end), withStarts);
  }

  private void append(NativeTokenizer.Piece piece, int end) {
    ids = appended(ids, piece.ids());
    if (withStarts) {
      starts = appended(starts, piece.starts());
      for (int i = count; i < count + piece.count(); i++) {
        starts[i] += at;
      }
    }
    count += piece.count();
    at = end;
    length = usualLength();
    done = count >= enough || at >= text.length();
  }

  /** Room grows by half, so that a text of any length is copied a few times at most. */
  private int[] appended(int[] all, int[] more) {
    int size = count + more.length;
    int[] longer = size <= all.length ? all : Arrays.copyOf(all, size + size / 2);
    System.arraycopy(more, 0, longer, count, more.length);
    return longer;
  }

  /** All that was read: at least as many as are wanted, if the text has them. */
  private int[] ids() {
    return Arrays.copyOf(ids, count);
  }

  /** Where they begin; null where nobody asked. */
  private int[] starts() {
    return withStarts ? Arrays.copyOf(starts, count) : null;
  }
}

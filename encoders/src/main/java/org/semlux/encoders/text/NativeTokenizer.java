package org.semlux.encoders.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hugging Face's tokenizers library, below DJL's wrapper, which would fetch seven arrays for each
 * text where a model needs two. It takes any text, but in a time that follows the text's length,
 * and it ends the process where a pattern tries more than ten million ways: callers hand over
 * pieces. Thread-safe.
 */
final class NativeTokenizer implements AutoCloseable {
  /**
   * What a piece of text becomes, without special tokens.
   *
   * @param ids {@code [tokens]}
   * @param starts {@code [tokens]} where each begins, in UTF-16 units and ascending; null where
   *     nobody asked
   */
  record Piece(int[] ids, int[] starts) {
    int count() {
      return ids.length;
    }
  }

  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  /** How many are open: native memory that no heap dump shows. */
  static final AtomicInteger OPEN = new AtomicInteger();

  private final long handle;
  private boolean closed;

  /**
   * @param json a {@code tokenizer.json} that {@link TokenizerCheck} has found no fault with
   * @throws RuntimeException with the library's reason when it cannot use it
   */
  NativeTokenizer(String json) {
    LibUtils.checkStatus();
    if (!whole(json).equals(json)) {
      throw new IllegalArgumentException("it holds half a character (a lone surrogate)");
    }
    handle = LIBRARY.createTokenizerFromString(json);
    OPEN.incrementAndGet();
  }

  int[] ids(String text) {
    return read(text, false).ids;
  }

  /**
   * @throws IllegalArgumentException where the library cannot: Unigram without an unknown token
   */
  Piece read(String text, boolean withStarts) {
    long encoding = encode(text);
    try {
      int[] ids = toInts(LIBRARY.getTokenIds(encoding));
      return new Piece(ids, withStarts ? starts(encoding, text) : null);
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  private long encode(String text) {
    try {
      return LIBRARY.encode(handle, whole(text), false);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "the model's tokenizer cannot read the text: " + e.getMessage(), e);
    }
  }

  /**
   * A text with U+FFFD for each half of a character that stands alone: over one of those the
   * library takes all that lies beyond the Basic Multilingual Plane for something else.
   */
  private static String whole(String text) {
    StringBuilder mended = null;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isSurrogate(c)) {
        if (at + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(at + 1))) {
          at++;
        } else {
          mended = mended == null ? new StringBuilder(text) : mended;
          mended.setCharAt(at, '\uFFFD');
        }
      }
    }
    return mended == null ? text : mended.toString();
  }

  /**
   * The library counts code points. Normalizers may leave a token a little before its neighbour.
   */
  private static int[] starts(long encoding, String text) {
    CharSpan[] spans = LIBRARY.getTokenCharSpans(encoding);
    int[] starts = new int[spans.length];
    int codePoint = 0;
    int at = 0;
    for (int i = 0; i < spans.length; i++) {
      int wanted = spans[i] == null ? codePoint : spans[i].getStart();
      while (codePoint < wanted && at < text.length()) {
        at += Character.charCount(text.codePointAt(at));
        codePoint++;
      }
      starts[i] = at;
    }
    return starts;
  }

  /** A short text with its special tokens; of a pair when there is a second text. */
  Tokens withSpecialTokens(String text, String pair) {
    long encoding =
        pair == null
            ? LIBRARY.encode(handle, text, true)
            : LIBRARY.encodeDual(handle, text, pair, true);
    try {
      return new Tokens(
          toInts(LIBRARY.getTokenIds(encoding)), toInts(LIBRARY.getTypeIds(encoding)), 0);
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  /** Special tokens before and behind a short text, as {@code {before, behind}}. */
  int[] specialTokensAround(String text) {
    long encoding = LIBRARY.encode(handle, text, true);
    try {
      long[] special = LIBRARY.getSpecialTokenMask(encoding);
      int before = 0;
      while (before < special.length && special[before] == 1) {
        before++;
      }
      int behind = 0;
      while (behind < special.length - before && special[special.length - 1 - behind] == 1) {
        behind++;
      }
      return new int[] {before, behind};
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  private static int[] toInts(long[] values) {
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      LIBRARY.deleteTokenizer(handle);
      OPEN.decrementAndGet();
    }
  }
}

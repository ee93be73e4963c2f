package org.semlux.encoders.text;

import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.program.Torch;

/**
 * A {@code tokenizer.json}, run by Hugging Face's own tokenizers library. Truncation and padding
 * that the file asks for are overridden: many ship with 128 tokens, whatever their model takes.
 *
 * <p>It calls the library below DJL's wrapper, which would fetch seven arrays for each text where a
 * model needs two.
 */
public final class FastTokenizer implements Tokenizer {
  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  /** Characters looked at for each token that fits: words average five. */
  private static final int CHARACTERS_PER_TOKEN = 32;

  /** Characters tokenized at once where the whole text is wanted: bounds native memory. */
  private static final int PIECE = 1 << 15;

  private final long handle;
  private final int maxTokens;
  private final int vocabularySize;
  private final Set<Integer> specialIds;

  /** Special tokens at the end of a text. */
  private final int ending;

  private boolean closed;

  private FastTokenizer(Vocabulary vocabulary, long handle, int maxTokens) {
    this.handle = handle;
    this.maxTokens = maxTokens;
    this.vocabularySize = vocabulary.size();
    this.specialIds = vocabulary.specialIds();
    this.ending = ending(handle);
  }

  private static int ending(long handle) {
    long probe = LIBRARY.encode(handle, "a", true);
    try {
      long[] special = LIBRARY.getSpecialTokenMask(probe);
      int first = special.length;
      while (first > 0 && special[first - 1] == 1) {
        first--;
      }
      return special.length - first;
    } finally {
      LIBRARY.deleteEncoding(probe);
    }
  }

  /**
   * Loads a tokenizer.
   *
   * @param file the parsed {@code tokenizer.json}
   * @param maxTokens where texts are cut, special tokens counted
   * @param lowerCase whether to lower-case texts first, as older folders ask for beside the file
   * @throws IOException when the library cannot use the file
   */
  public static FastTokenizer load(JsonFile file, int maxTokens, boolean lowerCase)
      throws IOException {
    Torch.start();
    JsonObject json = file.object().deepCopy();
    json.add("truncation", JsonNull.INSTANCE); // cut here, to the model's own length
    json.add("padding", JsonNull.INSTANCE);
    if (lowerCase) {
      json.add("normalizer", lowerCaseFirst(json.get("normalizer")));
    }
    try {
      LibUtils.checkStatus();
      long handle = LIBRARY.createTokenizerFromString(json.toString());
      return new FastTokenizer(Vocabulary.of(file), handle, maxTokens);
    } catch (RuntimeException e) {
      throw new IOException(file.file() + " is no usable tokenizer: " + e.getMessage(), e);
    }
  }

  private static JsonObject lowerCaseFirst(JsonElement normalizer) {
    JsonObject lowerCase = new JsonObject();
    lowerCase.addProperty("type", "Lowercase");
    JsonArray steps = new JsonArray();
    steps.add(lowerCase);
    if (normalizer != null && !normalizer.isJsonNull()) {
      steps.add(normalizer);
    }
    JsonObject sequence = new JsonObject();
    sequence.addProperty("type", "Sequence");
    sequence.add("normalizers", steps);
    return sequence;
  }

  @Override
  public Tokens tokenize(String text) {
    Tokens tokens = encode(text, true, maxTokens);
    return tokens.length() <= maxTokens ? tokens : cut(tokens);
  }

  private Tokens cut(Tokens tokens) {
    int kept = Math.max(0, maxTokens - ending);
    int[] ids = Arrays.copyOf(tokens.ids(), maxTokens);
    int[] types = Arrays.copyOf(tokens.types(), maxTokens);
    System.arraycopy(
        tokens.ids(), tokens.length() - (maxTokens - kept), ids, kept, maxTokens - kept);
    return new Tokens(ids, types, 0);
  }

  @Override
  public int[] ids(String text, int enough) {
    return encode(text, false, enough).ids();
  }

  /**
   * A text of a million characters would be tokenized whole to keep its first lines. A prefix that
   * fills the window, cut between words, gives the same tokens.
   */
  private Tokens encode(String text, boolean special, int enough) {
    long length = (long) enough * CHARACTERS_PER_TOKEN;
    while (length < text.length()) {
      String prefix = text.substring(0, wordEnd(text, 0, (int) length));
      Tokens tokens = take(LIBRARY.encode(handle, prefix, special));
      if (tokens.length() >= (long) enough + ending) {
        return tokens;
      }
      length *= 4;
    }
    return take(LIBRARY.encode(handle, text, special));
  }

  /** The last place between words in the second half of a range, else its end. */
  private static int wordEnd(String text, int from, int to) {
    int least = from + (to - from) / 2;
    int end = to;
    while (end > least && !Character.isWhitespace(text.charAt(end))) {
      end--;
    }
    if (end > least) {
      return end;
    }
    return Character.isLowSurrogate(text.charAt(to)) ? to - 1 : to;
  }

  @Override
  public int[] starts(String text, int enough) {
    IntStream.Builder starts = IntStream.builder();
    int count = 0;
    int from = 0;
    while (from < text.length() && count < enough) {
      int to = text.length() - from <= PIECE ? text.length() : wordEnd(text, from, from + PIECE);
      for (int start : startsOfPiece(text.substring(from, to))) {
        starts.add(from + start);
        count++;
      }
      from = to;
    }
    return starts.build().toArray();
  }

  private int[] startsOfPiece(String piece) {
    CharSpan[] spans;
    long encoding = LIBRARY.encode(handle, piece, false);
    try {
      spans = LIBRARY.getTokenCharSpans(encoding);
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
    // The library counts code points. Normalizers may leave a token a little before its neighbour.
    int[] starts = new int[spans.length];
    int codePoint = 0;
    int at = 0;
    for (int i = 0; i < spans.length; i++) {
      int wanted = spans[i] == null ? codePoint : spans[i].getStart();
      while (codePoint < wanted && at < piece.length()) {
        at += Character.charCount(piece.codePointAt(at));
        codePoint++;
      }
      starts[i] = at;
    }
    return starts;
  }

  @Override
  public Tokens tokenize(String text, String pair) {
    return take(LIBRARY.encodeDual(handle, text, pair, true));
  }

  private static Tokens take(long encoding) {
    try {
      return new Tokens(
          toInts(LIBRARY.getTokenIds(encoding)), toInts(LIBRARY.getTypeIds(encoding)), 0);
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
  public int prefixLength(String prompt) {
    int[] ids = tokenize(prompt).ids();
    return ids.length > 0 && specialIds.contains(ids[ids.length - 1]) ? ids.length - 1 : ids.length;
  }

  @Override
  public int maxTokens() {
    return maxTokens;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      LIBRARY.deleteTokenizer(handle);
    }
  }
}

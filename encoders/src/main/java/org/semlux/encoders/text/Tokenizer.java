package org.semlux.encoders.text;

import java.util.Arrays;
import java.util.Optional;
import org.semlux.encoders.api.InputType;

/**
 * Cuts texts into tokens. Thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("all-MiniLM-L6-v2"));
 * try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
 *   Tokens tokens = tokenizer.tokenize("Who plays?"); // 256 at most, [CLS] and [SEP] counted
 *   int[] starts = tokenizer.placed("Who plays?", 10).starts(); // {0, 4, 9}
 * }
 * }
 */
public interface Tokenizer extends AutoCloseable {
  /** A text on its way to tokens, at most {@link #maxTokens()}. */
  Reading<Tokens> reading(String text);

  /** Tokens of one text, at most {@link #maxTokens()}. */
  default Tokens tokenize(String text) {
    return reading(text).all();
  }

  /** Tokens of a short sample of a pair of texts, however many; empty where it reads no pairs. */
  Optional<Tokens> sampleOfPair(String text, String pair);

  /**
   * Ids of a text without special tokens, of the end that counts where it is too long.
   *
   * @param most how many come back at most
   */
  Reading<int[]> readingIds(String text, int most);

  /** The same, read to its end. */
  default int[] ids(String text, int most) {
    return readingIds(text, most).all();
  }

  /** What is left of a text's ids where it has at most so many. */
  default int[] cut(int[] ids, int most) {
    return ids.length <= most ? ids : Arrays.copyOf(ids, most);
  }

  /**
   * The first tokens of a text, without special tokens, and where they begin.
   *
   * @param enough how many the caller will read: all come back, or of a long text at least so many
   */
  Reading<Placed> readingPlaces(String text, int enough);

  /** The same, read to its end. */
  default Placed placed(String text, int enough) {
    return readingPlaces(text, enough).all();
  }

  /**
   * Tokens in their text.
   *
   * @param ids {@code [tokens]}
   * @param starts {@code [tokens]} where each begins, in UTF-16 units and ascending. Tokens that
   *     are parts of one character begin at the same place
   */
  record Placed(int[] ids, int[] starts) {}

  /**
   * Tokens that a prompt takes at a text's start: its own, without a special token at their end.
   */
  int prefixLength(String prompt);

  /** Special tokens that stand before every text, if any. */
  int specialTokensBefore();

  /** The same tokenizer with the length that one side of a search has. */
  default Tokenizer of(Optional<InputType> side) {
    return this;
  }

  /** The most tokens of a text, special tokens counted. */
  int maxTokens();

  /** The number that no id reaches. */
  int vocabularySize();

  @Override
  void close();
}

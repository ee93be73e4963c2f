package org.semlux.encoders.text;

/** Cuts texts into tokens. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
  /** Tokens of one text, at most {@link #maxTokens()}. */
  Tokens tokenize(String text);

  /** Tokens of a pair of texts, however many. */
  Tokens tokenize(String text, String pair);

  /**
   * Ids of a text without special tokens.
   *
   * @param enough how many the caller will read: all ids come back, or of a long text at least so
   *     many
   */
  int[] ids(String text, int enough);

  /**
   * Where the tokens of a text begin in it, without special tokens, in UTF-16 units and ascending.
   * Tokens that are parts of one character begin at the same place.
   *
   * @param enough as in {@link #ids}
   */
  int[] starts(String text, int enough);

  /**
   * Tokens that a prompt takes at the start of a text: its own, without a special token at their
   * end.
   */
  int prefixLength(String prompt);

  /** The most tokens of a text, special tokens counted. */
  int maxTokens();

  /** The number that no id reaches. */
  int vocabularySize();

  @Override
  void close();
}

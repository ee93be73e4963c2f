package org.semlux.encoders.text;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.semlux.encoders.api.InputType;

/** Cuts texts into tokens. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
  /**
   * A text on its way to tokens, at most {@link #maxTokens()}.
   *
   * @return reads a piece of the text at each call, in some tens of milliseconds; empty until all
   *     is read that matters. For one thread at a time
   */
  Supplier<Optional<Tokens>> reading(String text);

  /** Tokens of one text, at most {@link #maxTokens()}. */
  default Tokens tokenize(String text) {
    Supplier<Optional<Tokens>> reading = reading(text);
    while (true) {
      Optional<Tokens> tokens = reading.get();
      if (tokens.isPresent()) {
        return tokens.get();
      }
    }
  }

  /** Tokens of a short sample of a pair of texts, however many. */
  Tokens tokenize(String text, String pair);

  /**
   * Ids of a text without special tokens, of the end that counts where it is too long.
   *
   * @param most how many come back at most
   */
  int[] ids(String text, int most);

  /** What is left of a text's ids where it has at most so many. */
  default int[] cut(int[] ids, int most) {
    return ids.length <= most ? ids : Arrays.copyOf(ids, most);
  }

  /**
   * The first tokens of a text, without special tokens, and where they begin.
   *
   * @param enough how many the caller will read: all come back, or of a long text at least so many
   */
  Placed placed(String text, int enough);

  /**
   * Tokens in their text.
   *
   * @param ids {@code [tokens]}
   * @param starts {@code [tokens]} where each begins, in UTF-16 units and ascending. Tokens that
   *     are parts of one character begin at the same place
   */
  record Placed(int[] ids, int[] starts) {}

  /**
   * Tokens that a prompt takes at the start of a text: its own, without a special token at their
   * end.
   */
  int prefixLength(String prompt);

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

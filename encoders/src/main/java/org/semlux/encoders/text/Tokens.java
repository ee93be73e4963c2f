package org.semlux.encoders.text;

import org.semlux.encoders.api.TextSpan;

/**
 * A text as its model reads it, special tokens included.
 *
 * @param ids {@code [tokens]} places in the vocabulary; not copied, not to be changed
 * @param types {@code [tokens]} 0 for the first text of a pair, 1 for the second
 * @param prompt leading tokens that belong to the prompt and are left out of pooling; mostly 0
 * @param unseen tokens at the end that no other token attends to, such as those that fill a query
 *     up
 * @param span what they cover of a text that was read in windows; else {@link TextSpan#WHOLE}
 */
public record Tokens(int[] ids, int[] types, int prompt, int unseen, TextSpan span) {
  public Tokens(int[] ids, int[] types, int prompt) {
    this(ids, types, prompt, 0, TextSpan.WHOLE);
  }

  public int length() {
    return ids.length;
  }

  /** Ids of one text. */
  static Tokens of(int[] ids) {
    return new Tokens(ids, new int[ids.length], 0);
  }

  /** The same tokens as a window of a longer text. */
  Tokens withSpan(TextSpan window) {
    return new Tokens(ids, types, prompt, unseen, window);
  }

  /** The same tokens, the first ones of which belong to a prompt. */
  public Tokens withPrompt(int tokens) {
    return new Tokens(ids, types, tokens, unseen, span);
  }
}

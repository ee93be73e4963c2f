package org.semlux.encoders.network;

import java.util.Map;
import org.semlux.encoders.api.ModelException;

/**
 * Attention's sizes: what the fragment {@code attention} takes.
 *
 * @param keyValueHeads heads of keys and values, which several query heads may share
 * @param divisor of scores: mostly the root of the head's size
 * @param causal whether a token sees only those up to its own place
 * @param dropout the rate of its shares, in training
 */
record Attention(
    int heads, int keyValueHeads, int headSize, double divisor, boolean causal, double dropout) {
  /** As many heads of keys as of queries; each token sees all. */
  static Attention of(int heads, int headSize, double dropout) {
    return new Attention(heads, heads, headSize, Math.sqrt(headSize), false, dropout);
  }

  /**
   * Refuses heads that do not go together.
   *
   * @throws ModelException naming them
   */
  Attention checked(String model) {
    if (heads % keyValueHeads != 0) {
      throw ModelException.of(
          model,
          "its %s attention heads cannot share %s heads of keys".formatted(heads, keyValueHeads));
    }
    return this;
  }

  Attention withDivisor(double other) {
    return new Attention(heads, keyValueHeads, headSize, other, causal, dropout);
  }

  /** What all heads give a token. */
  int contextWidth() {
    return heads * headSize;
  }

  /** Queries, keys and values side by side. */
  long width() {
    return (heads + 2L * keyValueHeads) * headSize;
  }

  void addTo(Map<String, Object> constants) {
    constants.put("heads", heads);
    constants.put("key_value_heads", keyValueHeads);
    constants.put("head_size", headSize);
    constants.put("context_width", contextWidth());
    constants.put("score_divisor", divisor);
    constants.put("causal", causal ? "True" : "False");
    constants.put("attention_dropout", dropout);
  }
}

package org.semlux.encoders.api;

import java.util.Arrays;

/**
 * A text as weighted terms of a vocabulary, heaviest first; terms of equal weight by their ids. All
 * arrays are equally long and owned by the receiver.
 *
 * {@snippet lang=java :
 * TermWeights terms =
 *     new TermWeights(new int[] {7, 9}, new String[] {"play", "##s"}, new float[] {2, 1});
 * terms.first(1); // TermWeights{play=2.0}
 * }
 *
 * @param ids places in the vocabulary
 * @param tokens as {@code tokenizer.json} spells them: a piece inside a word has its mark
 * @param weights above 0, for trained weights of an inference-free encoder possibly below
 */
public record TermWeights(int[] ids, String[] tokens, float[] weights) implements Encoding {
  public TermWeights {
    if (ids.length != tokens.length || ids.length != weights.length) {
      throw new IllegalArgumentException(
          "%s ids, %s tokens and %s weights".formatted(ids.length, tokens.length, weights.length));
    }
  }

  /** How many terms there are. */
  public int size() {
    return ids.length;
  }

  /** The first, and so the heaviest terms. */
  public TermWeights first(int terms) {
    return new TermWeights(
        Arrays.copyOf(ids, terms), Arrays.copyOf(tokens, terms), Arrays.copyOf(weights, terms));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TermWeights that
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(tokens, that.tokens)
        && Arrays.equals(weights, that.weights);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(ids) + Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("TermWeights{");
    for (int i = 0; i < ids.length; i++) {
      text.append(i == 0 ? "" : ", ").append(tokens[i]).append('=').append(weights[i]);
    }
    return text.append('}').toString();
  }
}

package org.semlux.encoders.api;

import java.util.Arrays;

/**
 * A text as a vector for each of its tokens that count: what late interaction compares (Khattab and
 * Zaharia 2020, ColBERT). Two texts are compared by {@link MaxSim}.
 *
 * {@snippet lang=java :
 * TokenVectors text = new TokenVectors(new float[][] {{1, 0}, {.6f, .8f}});
 * text.tokens(); // 2
 * float[] second = text.vectors()[1]; // the numbers of its second token
 * }
 *
 * @param vectors {@code [tokens, dimensions]} float32, mostly of length 1; owned by the receiver.
 *     No tokens are left of a text that the model skips altogether
 */
public record TokenVectors(float[][] vectors) implements Encoding {
  /** How many tokens count. */
  public int tokens() {
    return vectors.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenVectors that && Arrays.deepEquals(vectors, that.vectors);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(vectors);
  }

  @Override
  public String toString() {
    return "TokenVectors" + Arrays.deepToString(vectors);
  }
}

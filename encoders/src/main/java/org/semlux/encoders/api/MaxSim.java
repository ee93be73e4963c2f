package org.semlux.encoders.api;

import java.util.Arrays;

/**
 * How well a document matches a query by their tokens' vectors: each token of the query looks for
 * the document's token with the largest dot product (Khattab and Zaharia 2020, ColBERT).
 *
 * {@snippet lang=java :
 * TokenVectors query = new TokenVectors(new float[][] {{1, 0}, {0, 2}, {-1, -1}});
 * TokenVectors document = new TokenVectors(new float[][] {{.5f, .25f}, {-3, 1}});
 * MaxSim.Query prepared = MaxSim.SUM.query(query); // for any number of documents
 * prepared.score(document); // 4.5: the largest products are .5, 2 and 2
 * MaxSim.MEAN.score(query, document); // 1.5
 * }
 */
public enum MaxSim {
  /** The sum over the query's tokens. */
  SUM("maxsim"),
  /** Their mean, which does not grow with the query. */
  MEAN("meanmaxsim");

  /** What the reference gives a document without any token, before a mean is taken. */
  static final float NOTHING = -1e9f;

  private final String name;

  MaxSim(String name) {
    this.name = name;
  }

  /** The name that a model's folder has for it. */
  @Override
  public String toString() {
    return name;
  }

  /** A query to be compared with any number of documents. */
  public Query query(TokenVectors query) {
    return new Query(this, query.vectors());
  }

  /** One query against one document. */
  public float score(TokenVectors query, TokenVectors document) {
    return query(query).score(document);
  }

  /**
   * A query's side. Thread-safe.
   *
   * @param tokens {@code [tokens, dimensions]}
   */
  public record Query(MaxSim similarity, float[][] tokens) {
    /**
     * The score of a document.
     *
     * @throws IllegalArgumentException when its vectors have other dimensions
     */
    public float score(TokenVectors document) {
      float sum = document.tokens() == 0 ? NOTHING : 0;
      if (document.tokens() > 0 && tokens.length > 0) {
        float[] turned = turned(document.vectors());
        float[] products = new float[document.tokens()];
        for (float[] token : tokens) {
          sum += largest(token, turned, products);
        }
      }
      return similarity == MEAN ? sum / Math.max(1, tokens.length) : sum;
    }

    /** {@code [dimensions, tokens]}: so the loop below runs over neighbours, and in vectors. */
    private float[] turned(float[][] document) {
      int dimensions = tokens[0].length;
      int count = document.length;
      float[] turned = new float[dimensions * count];
      for (int t = 0; t < count; t++) {
        if (document[t].length != dimensions) {
          throw new IllegalArgumentException(
              "a document's vectors have %s dimensions, the query's %s"
                  .formatted(document[t].length, dimensions));
        }
        for (int d = 0; d < dimensions; d++) {
          turned[d * count + t] = document[t][d];
        }
      }
      return turned;
    }

    private static float largest(float[] token, float[] turned, float[] products) {
      Arrays.fill(products, 0);
      for (int d = 0; d < token.length; d++) {
        float factor = token[d];
        int row = d * products.length;
        for (int t = 0; t < products.length; t++) {
          products[t] += factor * turned[row + t];
        }
      }
      float largest = products[0];
      for (float product : products) {
        largest = Math.max(largest, product);
      }
      return largest;
    }
  }
}

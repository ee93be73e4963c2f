package org.semlux.encoders.api;

/**
 * Which of a text's terms are worth keeping: light ones cost space and time in an index and change
 * little. All three bounds hold at once.
 *
 * {@snippet lang=java :
 * TermWeights terms =
 *     new TermWeights(
 *         new int[] {7, 9, 4}, new String[] {"play", "music", "the"}, new float[] {2, 1, .1f});
 * TermWeights kept = Pruning.none().withMaxTerms(64).withMinRatio(.4).apply(terms);
 * kept.size(); // 2: .1 is below .4 of the heaviest weight
 * }
 *
 * @param maxTerms the heaviest ones that are kept, at most
 * @param minRatio of the heaviest term's weight that a term must have, 0 to 1
 * @param minWeight that a term must have
 */
public record Pruning(int maxTerms, double minRatio, double minWeight) {
  private static final Pruning NONE = new Pruning(Integer.MAX_VALUE, 0, Double.NEGATIVE_INFINITY);

  public Pruning {
    if (maxTerms < 1 || !(minRatio >= 0 && minRatio <= 1) || Double.isNaN(minWeight)) {
      throw new IllegalArgumentException(
          "pruning keeps at least one term and a ratio of 0 to 1, not %s terms, ratio %s, weight %s"
              .formatted(maxTerms, minRatio, minWeight));
    }
  }

  /** All terms stay. */
  public static Pruning none() {
    return NONE;
  }

  public Pruning withMaxTerms(int terms) {
    return new Pruning(terms, minRatio, minWeight);
  }

  public Pruning withMinRatio(double ratio) {
    return new Pruning(maxTerms, ratio, minWeight);
  }

  public Pruning withMinWeight(double weight) {
    return new Pruning(maxTerms, minRatio, weight);
  }

  /** What stays of a text's terms. */
  public TermWeights apply(TermWeights terms) {
    int kept = kept(terms.weights());
    return kept == terms.size() ? terms : terms.first(kept);
  }

  /** How many of these weights stay, which are heaviest first. */
  public int kept(float[] weights) {
    int kept = Math.min(maxTerms, weights.length);
    double least =
        kept == 0 || minRatio == 0 ? minWeight : Math.max(minWeight, minRatio * weights[0]);
    while (kept > 0 && weights[kept - 1] < least) {
      kept--;
    }
    return kept;
  }
}

package org.semlux.plugin.retriever;

import java.util.Arrays;
import java.util.List;

/**
 * Maximal marginal relevance (Carbonell and Goldstein, 1998): the next document is the one whose
 * relevance is high and that is least like those before it.
 *
 * @param lambda what relevance counts, 0 to 1; the rest is what likeness takes away
 */
record Diversity(double lambda) {
  /** The next one, with the sum that it was chosen by. */
  record Choice(int index, double value) {}

  Diversity {
    if (!(lambda >= 0 && lambda <= 1)) {
      throw new IllegalArgumentException("[lambda] must be 0 to 1, not " + lambda);
    }
  }

  /**
   * Orders documents. From the second on values never rise; of equal values the better place comes
   * first. Takes time by the square of their number.
   *
   * @param scores by the places of the window, each 0 or more
   * @param vectors by the same places
   * @param look runs before each choice, and ends all by what it throws
   */
  Choice[] order(float[] scores, List<MeanVector> vectors, Runnable look) {
    int count = scores.length;
    double[] relevance = relevance(scores);
    double[] likeness = new double[count]; // to the most alike of those chosen
    boolean[] chosen = new boolean[count];
    Arrays.fill(likeness, Double.NEGATIVE_INFINITY);
    Choice[] order = new Choice[count];
    for (int place = 0; place < count; place++) {
      look.run();
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < count; i++) {
        double value = lambda * relevance[i] - (1 - lambda) * (place == 0 ? 0 : likeness[i]);
        if (!chosen[i] && value > most) {
          best = i;
          most = value;
        }
      }
      chosen[best] = true;
      order[place] = new Choice(best, most);
      for (int i = 0; i < count; i++) {
        if (!chosen[i]) {
          likeness[i] = Math.max(likeness[i], vectors.get(i).likeness(vectors.get(best)));
        }
      }
    }
    return order;
  }

  /** Between 0 and 1 over a window; all 1 where scores are alike. */
  private static double[] relevance(float[] scores) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
    boolean ties = Ranking.areTies(least, most, scores.length);
    double[] relevance = new double[scores.length];
    for (int i = 0; i < scores.length; i++) {
      relevance[i] = ties ? 1 : (scores[i] - least) / (most - least);
    }
    return relevance;
  }
}

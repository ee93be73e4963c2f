package org.semlux.training.adapt;

import java.util.Arrays;
import java.util.Random;

/**
 * How much a mean difference of two models over the same queries owes to the choice of queries: the
 * queries are drawn again, with replacement, {@value #SAMPLES} times (Sakai 2006,
 * https://doi.org/10.1145/1148170.1148261).
 *
 * {@snippet lang=java :
 * double[] differences = new double[100]; // of two models' NDCG, query by query
 * PairedBootstrap gain = PairedBootstrap.of(differences, 42);
 * System.out.println(gain.mean() + ", 95 percent from " + gain.low() + " to " + gain.high());
 * }
 *
 * @param queries that were asked
 * @param mean of the differences
 * @param low the interval that holds 95 percent of the means
 * @param high likewise
 */
public record PairedBootstrap(int queries, double mean, double low, double high) {
  /** Of fewer queries nothing is said: an interval of one has no width. */
  public static final int FEWEST = 20;

  private static final int SAMPLES = 10_000;
  private static final double TAIL = 0.025;

  /**
   * Of differences, one for each query; never empty.
   *
   * @param seed decides what is drawn
   */
  public static PairedBootstrap of(double[] differences, long seed) {
    Random random = new Random(seed);
    double[] means = new double[SAMPLES];
    for (int sample = 0; sample < SAMPLES; sample++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += differences[random.nextInt(differences.length)];
      }
      means[sample] = sum / differences.length;
    }
    Arrays.sort(means);
    return new PairedBootstrap(
        differences.length,
        Arrays.stream(differences).average().orElseThrow(),
        means[(int) (SAMPLES * TAIL)],
        means[SAMPLES - 1 - (int) (SAMPLES * TAIL)]);
  }

  /** Whether there are enough queries to tell. */
  public boolean isTelling() {
    return queries >= FEWEST;
  }

  /** Whether there are enough queries, and the whole interval lies above 0. */
  public boolean isBetter() {
    return isTelling() && low > 0;
  }

  /** Whether there are enough queries, and the whole interval lies below 0. */
  public boolean isWorse() {
    return isTelling() && high < 0;
  }
}

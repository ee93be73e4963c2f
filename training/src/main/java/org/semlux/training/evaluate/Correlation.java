package org.semlux.training.evaluate;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well one series of numbers follows another: -1 to 1, NaN where a series never changes.
 *
 * {@snippet lang=java :
 * Correlation.pearson(new double[] {1, 2, 3}, new double[] {10, 20, 40}); // .98
 * Correlation.spearman(new double[] {1, 2, 3}, new double[] {10, 20, 40}); // 1: the same order
 * }
 */
public final class Correlation {
  private Correlation() {}

  /**
   * Pearson's r: covariance over the product of the standard deviations, around the exact means.
   */
  public static double pearson(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "series of different length: " + x.length + " and " + y.length);
    }
    double meanX = mean(x);
    double meanY = mean(y);
    double covariance = 0;
    double varianceX = 0;
    double varianceY = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - meanX;
      double dy = y[i] - meanY;
      covariance += dx * dy;
      varianceX += dx * dx;
      varianceY += dy * dy;
    }
    return covariance / (Math.sqrt(varianceX) * Math.sqrt(varianceY));
  }

  /** Spearman's rho: Pearson's r of the ranks. */
  public static double spearman(double[] x, double[] y) {
    return pearson(ranks(x), ranks(y));
  }

  /** Ranks from 1; equal numbers share the mean of their ranks. */
  static double[] ranks(double[] x) {
    int[] order =
        IntStream.range(0, x.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> x[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[x.length];
    for (int start = 0, end; start < order.length; start = end) {
      end = start + 1;
      while (end < order.length && x[order[end]] == x[order[start]]) {
        end++;
      }
      for (int i = start; i < end; i++) {
        ranks[order[i]] = (start + 1 + end) / 2.0;
      }
    }
    return ranks;
  }

  private static double mean(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    return sum / x.length;
  }
}

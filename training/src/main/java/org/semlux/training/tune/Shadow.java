package org.semlux.training.tune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.training.index.Index.Found;

/**
 * What two searches found for the same queries.
 *
 * {@snippet lang=java :
 * Index.Found before = new Index.Found(List.of("a", "b"), new double[] {2, 1}, 5);
 * Index.Found after = new Index.Found(List.of("b", "a"), new double[] {2, 1}, 9);
 * Shadow shadow = Shadow.of(List.of(before), List.of(after));
 * shadow.meanOverlap(); // 1: the same documents
 * shadow.meanCorrelation(); // -1: in the opposite order
 * shadow.milliseconds(1, .5); // 9
 * }
 *
 * @param overlap of the first {@value #FIRST} of both, by query: 1 where they hold the same
 * @param correlation Kendall's tau of the order of what both found; NaN where that is less than two
 *     documents
 * @param milliseconds of each search, one array for each of the two
 */
public record Shadow(double[] overlap, double[] correlation, List<long[]> milliseconds) {
  /** How many documents of a search a reader looks at. */
  public static final int FIRST = 10;

  /** Compares query by query. */
  public static Shadow of(List<Found> some, List<Found> others) {
    double[] overlap = new double[some.size()];
    double[] correlation = new double[some.size()];
    for (int i = 0; i < overlap.length; i++) {
      overlap[i] = overlap(first(some.get(i)), first(others.get(i)));
      correlation[i] = tau(some.get(i).ids(), others.get(i).ids());
    }
    return new Shadow(overlap, correlation, List.of(times(some), times(others)));
  }

  private static long[] times(List<Found> found) {
    return found.stream().mapToLong(Found::milliseconds).sorted().toArray();
  }

  private static List<String> first(Found found) {
    return found.ids().subList(0, Math.min(FIRST, found.ids().size()));
  }

  private static double overlap(List<String> some, List<String> others) {
    Set<String> both = new HashSet<>(some);
    both.retainAll(others);
    int most = Math.max(some.size(), others.size());
    return most == 0 ? 1 : (double) both.size() / most;
  }

  private static double tau(List<String> some, List<String> others) {
    List<Integer> places = new ArrayList<>();
    for (String id : some) {
      if (others.contains(id)) {
        places.add(others.indexOf(id));
      }
    }
    long pairs = 0;
    long agreeing = 0;
    for (int i = 0; i < places.size(); i++) {
      for (int j = i + 1; j < places.size(); j++) {
        pairs++;
        agreeing += places.get(i) < places.get(j) ? 1 : 0;
      }
    }
    return pairs == 0 ? Double.NaN : 2.0 * agreeing / pairs - 1;
  }

  /** A quantile of a search's times. */
  public long milliseconds(int search, double quantile) {
    long[] sorted = milliseconds.get(search);
    return sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))];
  }

  /** Of the queries of which it can be told. */
  public double meanCorrelation() {
    return Arrays.stream(correlation)
        .filter(tau -> !Double.isNaN(tau))
        .average()
        .orElse(Double.NaN);
  }

  public double meanOverlap() {
    return Arrays.stream(overlap).average().orElseThrow();
  }

  /** The queries whose results differ most, the first ones first. */
  public int[] mostChanged(int count) {
    return IntStream.range(0, overlap.length)
        .boxed()
        .sorted((x, y) -> Double.compare(overlap[x], overlap[y]))
        .filter(i -> overlap[i] < 1)
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}

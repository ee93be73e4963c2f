package org.semlux.training.tune;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.semlux.training.adapt.PairedBootstrap;
import org.semlux.training.adapt.SearchQuality;
import org.semlux.training.data.Gains;
import org.semlux.training.index.Index.Found;
import org.semlux.training.run.Progress;

/**
 * The best fusion of rankings, and whether it is better than the best of them alone. Which one is
 * best is decided on some of the queries and judged on the others, each in turn (cross-validation):
 * the best of some thousand ways always looks good on the queries that chose it.
 *
 * {@snippet lang=java :
 * Tuning.ndcg(List.of("a", "b", "c"), Gains.equal(Set.of("b"))); // .63: the answer is the second
 * Map<Component, List<Index.Found>> rankings = new HashMap<>(); // of all queries, see Rankings
 * List<Gains> answers = new ArrayList<>(); // of each query
 * PrintWriter err = new PrintWriter(System.err, true);
 * Tuning tuning = Tuning.of(rankings, answers, List.of(20, 100), 5, 42, err);
 * JsonObject retriever = tuning.recommended().retriever("who plays"); // what to search with
 * }
 *
 * @param alone the best component
 * @param aloneQuality its NDCG@10, by query: chosen by the queries that judge it, which is in its
 *     favour, not in that of a fusion
 * @param best the fusion that all queries together choose
 * @param quality NDCG@10 of what the other queries chose, by query
 * @param seed of folds and bootstrap
 */
public record Tuning(
    Fusion alone, double[] aloneQuality, Fusion best, double[] quality, long seed) {

  /** Fusions whose numbers are held at once. */
  private static final int BLOCK = 64;

  /**
   * Tries all. A fusion's numbers are kept only while it leads.
   *
   * @param rankings of each component, by query
   * @param answers of each query
   * @param windows how many of each ranking may count
   * @param folds parts of the queries
   * @param err is told how far it has come
   */
  public static Tuning of(
      Map<Component, List<Found>> rankings,
      List<Gains> answers,
      List<Integer> windows,
      int folds,
      long seed,
      PrintWriter err) {
    List<Fusion> fusions = Fusions.of(List.copyOf(rankings.keySet()), windows);
    int[] every = IntStream.range(0, answers.size()).toArray();
    List<Integer> order = new ArrayList<>(Arrays.stream(every).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    Best alone = new Best(every);
    Best all = new Best(every);
    List<Best> chosen =
        IntStream.range(0, folds)
            .mapToObj(fold -> new Best(part(order, folds, fold, false)))
            .toList();
    try (Progress progress = new Progress(err, "Fusing", Progress.Unit.FUSIONS, fusions.size())) {
      for (int first = 0; first < fusions.size(); first += BLOCK) {
        List<Fusion> block = fusions.subList(first, Math.min(first + BLOCK, fusions.size()));
        List<double[]> qualities =
            block.parallelStream().map(fusion -> quality(fusion, rankings, answers)).toList();
        for (int i = 0; i < block.size(); i++) {
          Fusion fusion = block.get(i);
          double[] quality = qualities.get(i);
          if (first + i < rankings.size()) {
            alone.offer(fusion, quality);
          }
          all.offer(fusion, quality);
          chosen.forEach(best -> best.offer(fusion, quality));
        }
        progress.step(block.size());
      }
    }
    double[] judged = new double[answers.size()];
    for (int fold = 0; fold < folds; fold++) {
      for (int query : part(order, folds, fold, true)) {
        judged[query] = chosen.get(fold).quality[query];
      }
    }
    return new Tuning(alone.fusion, alone.quality, all.fusion, judged, seed);
  }

  private static int[] part(List<Integer> order, int folds, int fold, boolean inside) {
    return IntStream.range(0, order.size())
        .filter(i -> (i % folds == fold) == inside)
        .map(order::get)
        .toArray();
  }

  /** The first of the best that were offered. */
  private static final class Best {
    private final int[] queries;
    private Fusion fusion;
    private double[] quality;
    private double most = -1;

    /** Decided by some queries. */
    Best(int[] queries) {
      this.queries = queries;
    }

    void offer(Fusion other, double[] others) {
      double sum = Arrays.stream(queries).mapToDouble(query -> others[query]).sum();
      if (sum > most + 1e-9) {
        most = sum;
        fusion = other;
        quality = others;
      }
    }
  }

  private static double[] quality(
      Fusion fusion, Map<Component, List<Found>> rankings, List<Gains> answers) {
    double[] quality = new double[answers.size()];
    for (int query = 0; query < quality.length; query++) {
      int place = query;
      List<Found> some =
          fusion.components().stream().map(one -> rankings.get(one).get(place)).toList();
      quality[query] = ndcg(fusion.fused(some), answers.get(query));
    }
    return quality;
  }

  /** NDCG@10 of a ranking. */
  public static double ndcg(List<String> ids, Gains answers) {
    return SearchQuality.ndcg(answers.of(ids), answers.all());
  }

  /** NDCG@10 of each component alone. */
  public static Map<Component, double[]> alone(
      Map<Component, List<Found>> rankings, List<Gains> answers) {
    Map<Component, double[]> all = new HashMap<>();
    rankings
        .keySet()
        .forEach(
            one -> all.put(one, quality(Fusion.alone(one, Integer.MAX_VALUE), rankings, answers)));
    return all;
  }

  /** How much better the choice is than the best component. */
  public PairedBootstrap gain() {
    return PairedBootstrap.of(
        IntStream.range(0, quality.length)
            .mapToDouble(query -> quality[query] - aloneQuality[query])
            .toArray(),
        seed);
  }

  /** What to search with: the simpler one where nobody can tell that the other is better. */
  public Fusion recommended() {
    return gain().isBetter() ? best : alone;
  }
}

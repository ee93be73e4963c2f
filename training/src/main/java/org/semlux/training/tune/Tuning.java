package org.semlux.training.tune;

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

/**
 * The best fusion of rankings, and whether it is better than the best of them alone. Which one is
 * best is decided on some of the queries and judged on the others, each in turn (cross-validation):
 * the best of some thousand ways always looks good on the queries that chose it.
 *
 * {@snippet lang=java :
 * Tuning.ndcg(List.of("a", "b", "c"), Gains.equal(Set.of("b"))); // .63: the answer is the second
 * Map<Component, List<Index.Found>> rankings = new HashMap<>(); // of all queries, see Rankings
 * List<Gains> answers = new ArrayList<>(); // of each query
 * Tuning tuning = Tuning.of(rankings, answers, List.of(20, 100), 5, 42);
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

  /**
   * Tries all.
   *
   * @param rankings of each component, by query
   * @param answers of each query
   * @param windows how many of each ranking may count
   * @param folds parts of the queries
   */
  public static Tuning of(
      Map<Component, List<Found>> rankings,
      List<Gains> answers,
      List<Integer> windows,
      int folds,
      long seed) {
    List<Fusion> fusions = Fusions.of(List.copyOf(rankings.keySet()), windows);
    List<double[]> all =
        fusions.parallelStream().map(fusion -> quality(fusion, rankings, answers)).toList();
    int[] every = IntStream.range(0, answers.size()).toArray();
    int alone = best(all.subList(0, rankings.size()), every);
    List<Integer> order = new ArrayList<>(Arrays.stream(every).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    double[] judged = new double[answers.size()];
    for (int fold = 0; fold < folds; fold++) {
      int[] choosing = part(order, folds, fold, false);
      double[] chosen = all.get(best(all, choosing));
      for (int query : part(order, folds, fold, true)) {
        judged[query] = chosen[query];
      }
    }
    return new Tuning(
        fusions.get(alone), all.get(alone), fusions.get(best(all, every)), judged, seed);
  }

  private static int[] part(List<Integer> order, int folds, int fold, boolean inside) {
    return IntStream.range(0, order.size())
        .filter(i -> (i % folds == fold) == inside)
        .map(order::get)
        .toArray();
  }

  /** The first of the best. */
  private static int best(List<double[]> all, int[] queries) {
    int best = 0;
    double most = -1;
    for (int i = 0; i < all.size(); i++) {
      double[] quality = all.get(i);
      double sum = Arrays.stream(queries).mapToDouble(query -> quality[query]).sum();
      if (sum > most + 1e-9) {
        most = sum;
        best = i;
      }
    }
    return best;
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

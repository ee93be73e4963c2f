package org.semlux.training.tune;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.semlux.training.index.Index.Found;

/**
 * How rankings become one, as the retriever {@code semlux_fusion} takes it and computes it.
 *
 * {@snippet lang=java :
 * List<Component> components =
 *     List.of(Component.words("body"), Component.dense("vector", "mini", 100));
 * Fusion fusion = new Fusion(components, Fusion.Method.rrf(60), List.of(1f, 2f), 100);
 * fusion.retriever("who plays"); // {"semlux_fusion": {"method": "rrf", "weights": [1.0, 2.0] …}}
 * }
 *
 * @param components of which kinds and settings
 * @param method how rankings are added up
 * @param weights one for each component
 * @param window how many of each ranking count
 */
public record Fusion(List<Component> components, Method method, List<Float> weights, int window) {
  /**
   * Adds ranks up, or scores.
   *
   * @param normalizer of scores; empty where ranks count
   * @param rankConstant what is added to a rank before it divides 1; 0 where scores count
   */
  public record Method(String normalizer, int rankConstant) {
    /** Reciprocal ranks. */
    public static Method rrf(int rankConstant) {
      return new Method("", rankConstant);
    }

    /** Scores, normalized. */
    public static Method linear(String normalizer) {
      return new Method(normalizer, 0);
    }

    private boolean isRanks() {
      return normalizer.isEmpty();
    }

    @Override
    public String toString() {
      return isRanks() ? "rrf, rank constant " + rankConstant : "linear, " + normalizer;
    }
  }

  /** One ranking as it is. */
  static Fusion alone(Component one, int window) {
    return new Fusion(List.of(one), Method.linear("none"), List.of(1f), window);
  }

  /** What one ranking gives its documents, as the retriever computes it. */
  private static double[] parts(double[] scores, Method method) {
    double low = Arrays.stream(scores).min().orElse(0);
    double range = Arrays.stream(scores).max().orElse(0) - low;
    double length = Math.sqrt(Arrays.stream(scores).map(score -> score * score).sum());
    double[] parts = new double[scores.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          switch (method.normalizer) {
            case "" -> 1.0 / (method.rankConstant + i + 1);
            case "minmax" -> range > 0 ? (scores[i] - low) / range : 1;
            case "l2" -> length > 0 ? scores[i] / length : 0;
            default -> scores[i];
          };
    }
    return parts;
  }

  /**
   * The fused ranking.
   *
   * @param rankings one for each component
   */
  List<String> fused(List<Found> rankings) {
    Map<String, Sum> sums = new HashMap<>();
    for (int i = 0; i < rankings.size(); i++) {
      Found ranking = rankings.get(i);
      int size = Math.min(window, ranking.ids().size());
      double[] parts = parts(Arrays.copyOf(ranking.scores(), size), method);
      for (int rank = 0; rank < size; rank++) {
        Sum sum = sums.computeIfAbsent(ranking.ids().get(rank), id -> new Sum(id, rankings.size()));
        sum.score += (float) (weights.get(i) * parts[rank]);
        sum.ranks[i] = rank;
      }
    }
    return sums.values().stream().sorted().limit(window).map(sum -> sum.id).toList();
  }

  /** A document's score and its rank in each ranking, by which ties go; the best first. */
  private static final class Sum implements Comparable<Sum> {
    private final String id;
    private final int[] ranks;
    private float score;

    Sum(String id, int rankings) {
      this.id = id;
      ranks = new int[rankings];
      Arrays.fill(ranks, Integer.MAX_VALUE);
    }

    @Override
    public int compareTo(Sum other) {
      int order = Float.compare(other.score, score);
      return order != 0 ? order : Arrays.compare(ranks, other.ranks);
    }
  }

  /** The retriever of a query; of one component alone its own. */
  public JsonObject retriever(String query) {
    if (components.size() == 1) {
      return components.get(0).form().retriever(query);
    }
    JsonArray retrievers = new JsonArray();
    components.forEach(component -> retrievers.add(component.form().retriever(query)));
    JsonObject fusion = new JsonObject();
    if (method.isRanks()) {
      fusion.addProperty("method", "rrf");
      fusion.addProperty("rank_constant", method.rankConstant);
    } else {
      fusion.addProperty("method", "linear");
      fusion.addProperty("normalizer", method.normalizer);
    }
    JsonArray numbers = new JsonArray();
    weights.forEach(numbers::add);
    fusion.add("weights", numbers);
    fusion.addProperty("rank_window_size", window);
    fusion.add("retrievers", retrievers);
    return Component.wrapped("semlux_fusion", fusion);
  }

  /** The body of a search for a query. */
  public JsonObject search(String query) {
    return Component.wrapped("retriever", retriever(query));
  }

  @Override
  public String toString() {
    if (components.size() == 1) {
      return components.get(0).toString();
    }
    String parts =
        IntStream.range(0, components.size())
            .mapToObj(i -> weights.get(i) + " " + components.get(i))
            .collect(Collectors.joining(" + "));
    return "%s of %s, window %s".formatted(method, parts, window);
  }
}

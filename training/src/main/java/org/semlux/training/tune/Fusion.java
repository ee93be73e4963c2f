package org.semlux.training.tune;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Comparator;
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
 * Fusion fusion = new Fusion(components, "", List.of(1f, 2f), 100);
 * fusion.retriever("who plays"); // {"semlux_fusion": {"method": "rrf", "weights": [1.0, 2.0] …}}
 * }
 *
 * @param components of which kinds and settings
 * @param normalizer of scores; empty: the method is {@code rrf}
 * @param weights one for each component
 * @param window how many of each ranking count
 */
public record Fusion(
    List<Component> components, String normalizer, List<Float> weights, int window) {
  private static final int RANK_CONSTANT = 60;

  /** What one ranking gives its documents, as the retriever computes it. */
  private static double[] parts(double[] scores, String normalizer) {
    double low = Arrays.stream(scores).min().orElse(0);
    double range = Arrays.stream(scores).max().orElse(0) - low;
    double length = Math.sqrt(Arrays.stream(scores).map(score -> score * score).sum());
    return IntStream.range(0, scores.length)
        .mapToDouble(
            i ->
                switch (normalizer) {
                  case "" -> 1.0 / (RANK_CONSTANT + i + 1);
                  case "minmax" -> range > 0 ? (scores[i] - low) / range : 1;
                  case "l2" -> length > 0 ? scores[i] / length : 0;
                  default -> scores[i];
                })
        .toArray();
  }

  /**
   * The fused ranking.
   *
   * @param rankings one for each component
   */
  List<String> fused(List<Found> rankings) {
    Map<String, Float> scores = new HashMap<>();
    Map<String, int[]> ranks = new HashMap<>();
    for (int i = 0; i < rankings.size(); i++) {
      Found ranking = rankings.get(i);
      int size = Math.min(window, ranking.ids().size());
      double[] parts = parts(Arrays.copyOf(ranking.scores(), size), normalizer);
      for (int rank = 0; rank < size; rank++) {
        String id = ranking.ids().get(rank);
        scores.merge(id, (float) (weights.get(i) * parts[rank]), Float::sum);
        ranks.computeIfAbsent(id, any -> none(rankings.size()))[i] = rank;
      }
    }
    Comparator<String> order = Comparator.comparing((String id) -> -scores.get(id));
    for (int i = 0; i < rankings.size(); i++) {
      int place = i;
      order = order.thenComparing(id -> ranks.get(id)[place]);
    }
    return scores.keySet().stream().sorted(order).limit(window).toList();
  }

  private static int[] none(int size) {
    int[] ranks = new int[size];
    Arrays.fill(ranks, Integer.MAX_VALUE);
    return ranks;
  }

  /** The retriever of a query; of one component alone its own. */
  public JsonObject retriever(String query) {
    if (components.size() == 1) {
      return components.get(0).form().retriever(query);
    }
    JsonArray retrievers = new JsonArray();
    components.forEach(component -> retrievers.add(component.form().retriever(query)));
    JsonObject fusion = new JsonObject();
    fusion.addProperty("method", normalizer.isEmpty() ? "rrf" : "linear");
    if (!normalizer.isEmpty()) {
      fusion.addProperty("normalizer", normalizer);
    }
    JsonArray numbers = new JsonArray();
    weights.forEach(numbers::add);
    fusion.add("weights", numbers);
    fusion.addProperty("rank_window_size", window);
    fusion.add("retrievers", retrievers);
    return Component.wrapped("semlux_fusion", fusion);
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
    return "%s of %s, window %d"
        .formatted(normalizer.isEmpty() ? "rrf" : "linear, " + normalizer, parts, window);
  }
}

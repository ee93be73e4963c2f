package org.semlux.training.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.semlux.training.tune.Fusion.Method;

/** All fusions that are tried, the simplest first. */
final class Fusions {
  private static final float[] WEIGHTS = {.0625f, .125f, .25f, .5f, 1, 2, 4};
  private static final float[] FEW_WEIGHTS = {.125f, .25f, .5f, 1, 2};
  private static final List<Method> METHODS =
      List.of(
          Method.rrf(60),
          Method.rrf(10),
          Method.linear("minmax"),
          Method.linear("l2"),
          Method.linear("none"));

  /** Rankings that are fused: one more would be tried in as many ways as all others together. */
  private static final int MOST = 3;

  private Fusions() {}

  /**
   * Each component alone, and each choice of one component of two or three kinds in every way.
   *
   * @param windows how many of each ranking count
   */
  static List<Fusion> of(List<Component> components, List<Integer> windows) {
    int largest = windows.stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<Fusion> all = new ArrayList<>();
    components.forEach(one -> all.add(Fusion.alone(one, largest)));
    Map<String, List<Component>> kinds =
        components.stream().collect(Collectors.groupingBy(Component::kind));
    List<List<Component>> choices = new ArrayList<>(List.of(List.of()));
    for (String kind : List.of("dense", "words", "sparse", "semlux_text")) {
      List<List<Component>> more = new ArrayList<>();
      for (List<Component> choice : choices) {
        if (choice.size() == MOST) {
          continue;
        }
        for (Component one : kinds.getOrDefault(kind, List.of())) {
          List<Component> longer = new ArrayList<>(choice);
          longer.add(one);
          more.add(longer);
        }
      }
      choices.addAll(more);
    }
    for (List<Component> choice : choices) {
      if (choice.size() > 1) {
        for (List<Float> weights : weights(choice.size())) {
          for (Method method : METHODS) {
            windows.forEach(window -> all.add(new Fusion(choice, method, weights, window)));
          }
        }
      }
    }
    return all;
  }

  /** Of the first 1, of the others all. */
  private static List<List<Float>> weights(int size) {
    List<List<Float>> all = new ArrayList<>(List.of(List.of(1f)));
    for (int i = 1; i < size; i++) {
      List<List<Float>> longer = new ArrayList<>();
      for (List<Float> some : all) {
        for (float weight : size > 2 ? FEW_WEIGHTS : WEIGHTS) {
          List<Float> more = new ArrayList<>(some);
          more.add(weight);
          longer.add(more);
        }
      }
      all = longer;
    }
    return all;
  }
}

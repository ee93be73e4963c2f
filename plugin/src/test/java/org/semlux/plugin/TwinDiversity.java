package org.semlux.plugin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.SearchTwin.Ambiguous;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Field;

/** Documents spread out by looking at all that are left for each place. */
final class TwinDiversity {
  private TwinDiversity() {}

  /** Maximal marginal relevance. */
  static Map<Doc, Double> spread(
      SearchTwin twin, Map<Doc, Double> docs, String field, double lambda) {
    double most = docs.values().stream().mapToDouble(s -> s).max().orElse(0);
    double least = docs.values().stream().mapToDouble(s -> s).min().orElse(0);
    Map<Doc, Map<String, Double>> vectors = new HashMap<>();
    docs.keySet().forEach(doc -> vectors.put(doc, vector(twin, doc, field)));
    List<Doc> left = new ArrayList<>(docs.keySet());
    Map<Doc, Double> order = new LinkedHashMap<>();
    while (!left.isEmpty()) {
      Map<Doc, Double> values = new LinkedHashMap<>();
      for (Doc doc : left) {
        double relevance = most > least ? (docs.get(doc) - least) / (most - least) : 1;
        double likeness =
            order.keySet().stream()
                .mapToDouble(better -> product(vectors.get(doc), vectors.get(better)))
                .max()
                .orElse(0);
        values.put(doc, lambda * relevance - (1 - lambda) * likeness);
      }
      List<Double> sorted = values.values().stream().sorted(Comparator.reverseOrder()).toList();
      if (sorted.size() > 1
          && !sorted.get(0).equals(sorted.get(1))
          && sorted.get(0) - sorted.get(1) < (field.equals("vec") ? 1e-4 : 2e-3)) {
        throw new Ambiguous();
      }
      Doc next =
          left.stream().filter(doc -> values.get(doc).equals(sorted.get(0))).findFirst().get();
      order.put(next, 1 + sorted.get(0));
      left.remove(next);
    }
    return order;
  }

  /** The direction of a document; empty where it has none. */
  private static Map<String, Double> vector(SearchTwin twin, Doc doc, String name) {
    List<Map<String, Double>> all = new ArrayList<>();
    Field field = doc.index().fields.get(name);
    if (field != null) {
      String model = doc.models().get(name);
      for (String chunk : SearchTwin.chunks(doc, field)) {
        all.add(
            field.dense()
                ? numbers(twin.models().vector(model, chunk, InputType.DOCUMENT))
                : terms(twin.models().terms(model, chunk, InputType.DOCUMENT)));
      }
    } else if (doc.source().get(name) instanceof float[] vector) {
      all.add(numbers(vector));
    } else if (doc.source().get(name) instanceof Map<?, ?> weights) {
      all.add(terms(weights));
    }
    Map<String, Double> sum = new HashMap<>();
    all.forEach(one -> unit(one).forEach((key, value) -> sum.merge(key, value, Double::sum)));
    return unit(sum);
  }

  private static Map<String, Double> numbers(float[] vector) {
    Map<String, Double> numbers = new HashMap<>();
    for (int i = 0; i < vector.length; i++) {
      numbers.put("dimension " + i, (double) vector[i]); // no term is called so
    }
    return numbers;
  }

  private static Map<String, Double> terms(Map<?, ?> weights) {
    Map<String, Double> terms = new HashMap<>();
    weights.forEach((term, weight) -> terms.put("" + term, ((Number) weight).doubleValue()));
    return terms;
  }

  private static Map<String, Double> unit(Map<String, Double> vector) {
    double length = Math.sqrt(product(vector, vector));
    Map<String, Double> unit = new HashMap<>();
    vector.forEach((key, value) -> unit.put(key, length > 0 ? value / length : value));
    return unit;
  }

  private static double product(Map<String, Double> one, Map<String, Double> other) {
    return one.entrySet().stream()
        .mapToDouble(e -> e.getValue() * other.getOrDefault(e.getKey(), 0.0))
        .sum();
  }
}

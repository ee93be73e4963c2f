package org.semlux.training.train;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where a step's time goes, by what its operators are for.
 *
 * @param millis of a step on one thread, by part; timing included, which small operators suffer
 *     from
 */
public record StepProfile(Map<String, Double> millis) {
  private static final String OTHER = "other";

  /** The first pattern that an operator's name matches decides. */
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("aten::(mm|addmm|linear|mkldnn_linear|addmv|matmul)", "products");
    PARTS.put("aten::(bmm|baddbmm|_softmax.*|softmax|constant_pad_nd)", "attention");
    PARTS.put("aten::(mul|bernoulli.*|random.*|mul_)", "dropout");
    PARTS.put("aten::(to|_to_copy|copy_|contiguous|clone)", "casts and copies");
    PARTS.put("aten::(embedding.*|index_add.*|index_put.*)", "embedding and its gradient");
    PARTS.put("aten::(_fused_adamw_|_foreach_.*|add_|norm|linalg_vector_norm)", "optimiser");
    PARTS.put(
        "aten::(gelu.*|native_layer_norm.*|layer_norm|add|tanh.*)", "norms, sums, activation");
    PARTS.put("aten::(addcmul|sigmoid.*)", "LSTM gates");
    PARTS.put("aten::(max|amax|value_selecting.*|log1p|scatter.*)", "pooling");
  }

  /** An operator that has begun. */
  private static final class Open {
    private final String name;
    private final double end;
    private double own;

    Open(String name, double end, double own) {
      this.name = name;
      this.end = end;
      this.own = own;
    }
  }

  /** Reads a trace of so many steps. */
  static StepProfile read(Path trace, int steps) throws IOException {
    JsonArray events;
    try (Reader reader = Files.newBufferedReader(trace)) {
      events = new Gson().fromJson(reader, JsonArray.class);
    }
    List<JsonObject> sorted = new ArrayList<>();
    for (JsonElement event : events) {
      if (event.getAsJsonObject().has("dur")) {
        sorted.add(event.getAsJsonObject());
      }
    }
    sorted.sort(
        Comparator.comparingDouble((JsonObject event) -> event.get("ts").getAsDouble())
            .thenComparing(event -> -event.get("dur").getAsDouble()));
    Map<String, Double> millis = new LinkedHashMap<>();
    PARTS.values().forEach(part -> millis.put(part, 0.0));
    millis.put(OTHER, 0.0);
    Deque<Open> open = new ArrayDeque<>();
    for (JsonObject event : sorted) {
      double start = event.get("ts").getAsDouble();
      double duration = event.get("dur").getAsDouble();
      while (!open.isEmpty() && open.peek().end <= start) {
        count(open.pop(), steps, millis);
      }
      if (!open.isEmpty()) {
        open.peek().own -= duration; // its own time is what its operators leave
      }
      open.push(new Open(event.get("name").getAsString(), start + duration, duration));
    }
    open.forEach(operator -> count(operator, steps, millis));
    return new StepProfile(millis);
  }

  private static void count(Open operator, int steps, Map<String, Double> millis) {
    String part =
        PARTS.entrySet().stream()
            .filter(entry -> operator.name.matches(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(OTHER);
    millis.merge(part, operator.own / 1000 / steps, Double::sum);
  }

  /** A line a part, the longest first. */
  @Override
  public String toString() {
    double all = millis.values().stream().mapToDouble(Double::doubleValue).sum();
    StringBuilder lines = new StringBuilder();
    lines.append(String.format(Locale.ROOT, "A step on one thread, timed: %.1f ms%n", all));
    millis.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .forEach(
            entry ->
                lines.append(
                    String.format(
                        Locale.ROOT,
                        "  %-28s %7.1f ms %5.1f%%%n",
                        entry.getKey(),
                        entry.getValue(),
                        100 * entry.getValue() / all)));
    return lines.toString();
  }
}

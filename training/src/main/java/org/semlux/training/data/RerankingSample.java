package org.semlux.training.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A query and texts to bring into an order.
 *
 * {@snippet lang=java :
 * // {"query": "Who plays?", "positive": ["A man plays."], "negative": ["It rains."]}
 * for (RerankingSample sample : RerankingSample.read(Path.of("samples.jsonl"))) {
 *   System.out.println(sample.query() + " " + sample.texts()); // the positive ones first
 * }
 * }
 *
 * @param positive those that answer it
 * @param negative those that do not; empty where {@code ranked} holds them
 * @param ranked texts in the order in which some first search found them, positive and negative;
 *     empty where there was none
 */
public record RerankingSample(
    String query, List<String> positive, List<String> negative, List<String> ranked) {
  public RerankingSample {
    positive = List.copyOf(positive);
    negative = List.copyOf(negative);
    ranked = List.copyOf(ranked);
  }

  /** All texts, the positive ones first: also those that the first search missed. */
  public List<String> texts() {
    Stream<String> others =
        ranked.isEmpty()
            ? negative.stream()
            : ranked.stream().filter(text -> !positive.contains(text));
    return Stream.concat(positive.stream(), others).toList();
  }

  /**
   * Reads JSON lines with {@code query}, {@code positive} and either {@code negative} or {@code
   * documents}, the last three a text or a list of texts; compressed by gzip or not.
   *
   * @throws IOException when the file cannot be read or holds nothing; a bad line is named
   */
  public static List<RerankingSample> read(Path file) throws IOException {
    List<RerankingSample> samples = new ArrayList<>();
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          samples.add(sample(lines.where(), StrictJson.object(lines.where(), line.get())));
        }
      }
    }
    if (samples.isEmpty()) {
      throw new IOException("[" + file + "] holds no samples");
    }
    return samples;
  }

  private static RerankingSample sample(String where, JsonObject object) throws IOException {
    if (!object.has("query") || !object.get("query").isJsonPrimitive()) {
      throw new IOException(where + ": " + StrictJson.lacks(object, "query", "text"));
    }
    if (object.has("negative") == object.has("documents")) {
      throw new IOException(where + ": either [negative] or [documents], found " + object.keySet());
    }
    return new RerankingSample(
        object.get("query").getAsString(),
        texts(where, object, "positive"),
        object.has("negative") ? texts(where, object, "negative") : List.of(),
        object.has("documents") ? texts(where, object, "documents") : List.of());
  }

  private static List<String> texts(String where, JsonObject object, String key)
      throws IOException {
    JsonElement value = object.get(key);
    if (value != null && value.isJsonPrimitive()) {
      return List.of(value.getAsString());
    }
    if (value == null
        || !value.isJsonArray()
        || !value.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonPrimitive)) {
      throw new IOException(where + ": [" + key + "] is no text and no list of texts");
    }
    return value.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
  }
}

package org.semlux.plugin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.elasticsearch.core.Nullable;
import org.semlux.encoders.api.InputType;

/** What some indices hold, searched by looking at each document. */
final class SearchTwin {
  /** Of scores that are nearer than this nobody knows the order. */
  static final double NEAR = 2e-5;

  /** An answer that depends on the order of scores that are too near. */
  static final class Ambiguous extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * A {@code semlux_text} field.
   *
   * @param sources whose values it takes, in their order
   * @param model as the mapping names it
   * @param flat whether all vectors are looked at, of which Elasticsearch finds all, not {@code k}
   * @param size of its chunks in words, and the overlap of these
   */
  record Field(
      String path,
      List<String> sources,
      String model,
      boolean dense,
      boolean flat,
      String similarity,
      int size,
      int overlap) {}

  /**
   * @param models by which fields were encoded, by their paths
   */
  record Doc(
      Index index, String id, int shard, Map<String, Object> source, Map<String, String> models) {
    int number() {
      return (int) source.get("n");
    }

    @Nullable String keyword(String name) {
      return (String) source.get(name);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return index.name + "/" + id + " in " + shard + models.values() + source;
    }
  }

  /** An index; documents are those that a search sees. */
  static final class Index {
    final String name;
    final Map<String, Field> fields = new TreeMap<>();
    final Map<String, Doc> docs = new TreeMap<>();

    Index(String name) {
      this.name = name;
    }
  }

  /**
   * Documents of a shard that a search may find.
   *
   * @param window how many hits any part of the search looks at
   */
  record Shard(Index index, List<Doc> docs, int window) {}

  private final TwinModels models;

  SearchTwin(TwinModels models) {
    this.models = models;
  }

  /** Of some indices, those documents that an alias lets through. */
  static List<Shard> shards(List<Index> indices, Predicate<Doc> alias, int window) {
    List<Shard> shards = new ArrayList<>();
    for (Index index : indices) {
      Map<Integer, List<Doc>> by = new TreeMap<>();
      index.docs.values().stream()
          .filter(alias)
          .forEach(doc -> by.computeIfAbsent(doc.shard, s -> new ArrayList<>()).add(doc));
      by.values().forEach(docs -> shards.add(new Shard(index, docs, window)));
    }
    return shards;
  }

  /** The texts at a path, whose names may stand in objects or have dots. */
  static List<String> texts(Map<?, ?> source, String path) {
    List<String> texts = new ArrayList<>();
    source.forEach(
        (key, value) -> {
          if (key.equals(path)) {
            (value instanceof List<?> list ? list.stream() : Stream.of(value))
                .filter(one -> one != null && !one.toString().isBlank())
                .forEach(one -> texts.add(one.toString()));
          } else if (value instanceof Map<?, ?> inner && path.startsWith(key + ".")) {
            texts.addAll(texts(inner, path.substring(key.toString().length() + 1)));
          }
        });
    return texts;
  }

  static List<String> chunks(Doc doc, Field field) {
    List<String> chunks = new ArrayList<>();
    for (String source : field.sources) {
      for (String text : texts(doc.source, source)) {
        String[] words = text.trim().split(" +");
        for (int from = 0; ; ) {
          int to = Math.min(words.length, from + field.size);
          chunks.add(String.join(" ", List.of(words).subList(from, to)));
          if (to == words.length) {
            break;
          }
          from = to - field.overlap;
        }
      }
    }
    return chunks;
  }

  /** Documents by their best chunk, as a {@code semlux} query has it. */
  Map<Doc, Double> semlux(
      Shard shard, String name, String query, @Nullable Integer k, Predicate<Doc> filter) {
    Field field = shard.index.fields.get(name);
    if (field == null) {
      return Map.of();
    }
    Map<String, Map<Doc, Double>> byModel = new TreeMap<>();
    for (Doc doc : shard.docs) {
      String model = doc.models.get(name);
      for (String chunk : chunks(doc, field)) {
        double score = filter.test(doc) ? score(field, model, query, chunk) : 0;
        if (score > 0) {
          byModel.computeIfAbsent(model, m -> new LinkedHashMap<>()).merge(doc, score, Math::max);
        }
      }
    }
    int most = !field.dense || field.flat ? Integer.MAX_VALUE : k != null ? k : shard.window;
    Map<Doc, Double> found = new LinkedHashMap<>();
    byModel.values().forEach(scores -> found.putAll(best(scores, most)));
    return found;
  }

  /** Of a chunk; 0 where it does not match. */
  double score(Field field, String model, String query, String chunk) {
    if (!field.dense) {
      Map<String, Float> wanted = models.terms(model, query, InputType.QUERY);
      return product(wanted, models.terms(model, chunk, InputType.DOCUMENT));
    }
    return likeness(
        field.similarity,
        models.vector(model, query, InputType.QUERY),
        models.vector(model, chunk, InputType.DOCUMENT));
  }

  static double product(Map<String, Float> wanted, Map<String, Float> weights) {
    double sum = 0;
    for (Map.Entry<String, Float> term : wanted.entrySet()) {
      sum += term.getValue() * weights.getOrDefault(term.getKey(), 0f);
    }
    return sum;
  }

  /** As a {@code dense_vector} makes a score of it. */
  static double likeness(String similarity, float[] a, float[] b) {
    double product = 0;
    double left = 0;
    double right = 0;
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      left += a[i] * a[i];
      right += b[i] * b[i];
      square += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return switch (similarity) {
      case "cosine" -> (1 + product / Math.sqrt(left * right)) / 2;
      case "l2_norm" -> 1 / (1 + square);
      case "max_inner_product" -> product < 0 ? 1 / (1 - product) : product + 1;
      default -> throw new AssertionError(similarity);
    };
  }

  /**
   * The best ones, in their order.
   *
   * @throws Ambiguous where it is not sure which ones these are
   */
  static Map<Doc, Double> best(Map<Doc, Double> scores, int count) {
    return best(scores, count, NEAR);
  }

  /** The same where scores are as exact as that, relative to 1 more than they are. */
  static Map<Doc, Double> best(Map<Doc, Double> scores, int count, double near) {
    List<Map.Entry<Doc, Double>> sorted =
        scores.entrySet().stream()
            .sorted(Map.Entry.<Doc, Double>comparingByValue(Comparator.reverseOrder()))
            .toList();
    if (count > 0
        && sorted.size() > count
        && sorted.get(count - 1).getValue() - sorted.get(count).getValue()
            < near * (1 + sorted.get(count).getValue())) {
      throw new Ambiguous();
    }
    Map<Doc, Double> best = new LinkedHashMap<>();
    sorted.stream().limit(count).forEach(one -> best.put(one.getKey(), one.getValue()));
    return best;
  }

  TwinModels models() {
    return models;
  }
}

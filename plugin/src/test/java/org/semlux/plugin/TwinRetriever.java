package org.semlux.plugin;

import static org.elasticsearch.test.ESTestCase.between;
import static org.elasticsearch.test.ESTestCase.randomBoolean;
import static org.elasticsearch.test.ESTestCase.randomFrom;
import static org.elasticsearch.test.ESTestCase.randomList;
import static org.elasticsearch.test.ESTestCase.rarely;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.SearchTwin.Ambiguous;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Field;
import org.semlux.plugin.SearchTwin.Index;
import org.semlux.plugin.SearchTwin.Shard;

/**
 * Random retrievers within each other, and what they rank.
 *
 * @param own how many hits it ranks; none where it ranks nothing by itself
 * @param window how many hits any part of it looks at
 * @param least whether any part of it leaves hits out by their scores
 */
record TwinRetriever(String json, int own, int window, boolean least, Ranks ranks) {
  /**
   * @param docs best first, with their scores
   * @param matches all that its queries find
   */
  record Ranked(Map<Doc, Double> docs, Set<Doc> matches) {}

  /** What comes of some shards. */
  @FunctionalInterface
  interface Ranks {
    /**
     * @param size as many as the search or the retriever above takes
     * @param filter of all retrievers above
     */
    Ranked of(List<Shard> shards, int size, Predicate<Doc> filter);
  }

  /** A search that is answered 400. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final List<String> CHUNKED = List.of("body", "o.note", "name.meaning");

  /**
   * @param indices that are searched
   * @param above the window of the retriever above, which none may look at less than
   */
  static TwinRetriever any(SearchTwin twin, List<Index> indices, int depth, int above) {
    return switch (depth == 0 ? 0 : between(0, 5)) {
      case 1, 2 -> fusion(twin, indices, depth, above);
      case 3 -> reranked(twin, indices, depth, above);
      case 4, 5 -> diversified(twin, indices, depth, above);
      default -> rarely() ? knn(twin) : leaf(twin);
    };
  }

  private record Filtered(String json, Predicate<Doc> accepts) {
    static Filtered any() {
      TwinQuery.Filter filter = rarely() ? TwinQuery.filter() : null;
      return filter == null
          ? new Filtered("", doc -> true)
          : new Filtered(",\"filter\":" + filter.json(), filter.accepts());
    }
  }

  /** Of all shards together, unlike the query of that name. */
  private static TwinRetriever knn(SearchTwin twin) {
    String text = TwinQuery.words(between(1, 5));
    int k = between(1, 20);
    Filtered filtered = Filtered.any();
    String json =
        "{\"knn\":{\"field\":\"vec\",\"k\":%s,\"num_candidates\":5000,\"query_vector_builder\":{\"semlux\":{\"model_id\":\"%s\",\"model_text\":\"%s\"}}%s}}"
            .formatted(k, TwinQuery.VECTOR_MODEL, text, filtered.json);
    return new TwinRetriever(
        json,
        0,
        0,
        false,
        (shards, size, filter) -> {
          float[] query = twin.models().vector(TwinQuery.VECTOR_MODEL, text, InputType.QUERY);
          Map<Doc, Double> scores = new LinkedHashMap<>();
          shards.stream()
              .flatMap(shard -> shard.docs().stream())
              .filter(filter.and(filtered.accepts))
              .forEach(
                  doc -> {
                    if (doc.source().get("vec") instanceof float[] vector) {
                      scores.put(doc, SearchTwin.likeness("cosine", query, vector));
                    }
                  });
          Map<Doc, Double> best = SearchTwin.best(scores, Math.min(k, size));
          requireOrder(best, SearchTwin.NEAR);
          return new Ranked(best, best.keySet());
        });
  }

  private static TwinRetriever leaf(SearchTwin twin) {
    TwinQuery query = between(0, 3) > 0 ? TwinQuery.byNumber() : TwinQuery.semlux(twin);
    Filtered filtered = Filtered.any();
    int least = rarely() ? between(1, 30) : 0;
    String json =
        "{\"standard\":{\"query\":%s%s%s}}"
            .formatted(query.json(), filtered.json, least > 0 ? ",\"min_score\":" + least : "");
    return new TwinRetriever(
        json,
        0,
        0,
        least > 0,
        (shards, size, filter) -> {
          Map<Doc, Double> scores = TwinSearchTestCase.scores(shards, query.scores());
          scores.keySet().removeIf(filter.and(filtered.accepts).negate());
          Set<Doc> matches = Set.copyOf(scores.keySet());
          if (scores.values().stream().anyMatch(score -> Math.abs(score - least) < 1e-3)
              && !query.json().contains("function_score")) {
            throw new Ambiguous();
          }
          scores.values().removeIf(score -> score < least);
          Map<Doc, Double> best = SearchTwin.best(scores, size);
          requireOrder(best, query.json().contains("function_score") ? 0 : SearchTwin.NEAR);
          return new Ranked(best, matches);
        });
  }

  /** As the inner ones are asked by a retriever that takes so many hits of each. */
  private static List<Ranked> each(
      List<TwinRetriever> inner, List<Shard> shards, int size, Predicate<Doc> filter) {
    return inner.stream().map(one -> one.ranks.of(shards, size, filter)).toList();
  }

  private static Set<Doc> union(List<Ranked> lists) {
    Set<Doc> all = new LinkedHashSet<>();
    lists.forEach(list -> all.addAll(list.matches));
    return all;
  }

  private static int window(int own, List<TwinRetriever> inner) {
    return inner.stream().mapToInt(TwinRetriever::window).reduce(own, Math::max);
  }

  private static Ranked cut(Map<Doc, Double> docs, Set<Doc> matches, int size) {
    Map<Doc, Double> best = new LinkedHashMap<>();
    docs.entrySet().stream().limit(size).forEach(e -> best.put(e.getKey(), e.getValue()));
    return new Ranked(best, matches);
  }

  private static void requireOrder(Map<Doc, Double> docs, double near) {
    double before = Double.POSITIVE_INFINITY;
    for (double score : docs.values()) {
      if (before - score <= near * (1 + score)) {
        throw new Ambiguous();
      }
      before = score;
    }
  }

  private static TwinRetriever fusion(SearchTwin twin, List<Index> indices, int depth, int above) {
    int window = between(above, above + 20);
    Filtered filtered = Filtered.any();
    List<TwinRetriever> inner = randomList(1, 3, () -> any(twin, indices, depth - 1, window));
    int constant = between(1, 60);
    boolean linear = rarely() || randomBoolean();
    List<Integer> weights = randomList(inner.size(), inner.size(), () -> between(0, 3));
    String json =
        "{\"semlux_fusion\":{\"retrievers\":%s,\"weights\":%s,\"rank_window_size\":%s,%s%s}}"
            .formatted(
                inner.stream().map(TwinRetriever::json).toList(),
                weights,
                window,
                linear
                    ? "\"method\":\"linear\",\"normalizer\":\"none\""
                    : "\"rank_constant\":" + constant,
                filtered.json);
    return new TwinRetriever(
        json,
        window,
        window(window, inner),
        inner.stream().anyMatch(TwinRetriever::least),
        (shards, size, filter) -> {
          List<Ranked> lists = each(inner, shards, window, filter.and(filtered.accepts));
          Map<Doc, Double> sums = new LinkedHashMap<>();
          for (int i = 0; i < lists.size(); i++) {
            int rank = 0;
            for (Map.Entry<Doc, Double> one : lists.get(i).docs.entrySet()) {
              double part = linear ? one.getValue() : 1.0 / (constant + ++rank);
              sums.merge(one.getKey(), (double) (float) (weights.get(i) * part), Double::sum);
            }
          }
          List<List<Doc>> orders = lists.stream().map(l -> List.copyOf(l.docs.keySet())).toList();
          Comparator<Doc> order =
              Comparator.comparing((Doc doc) -> (float) (double) sums.get(doc)).reversed();
          for (List<Doc> one : orders) {
            order =
                order.thenComparing(
                    doc -> one.contains(doc) ? one.indexOf(doc) : Integer.MAX_VALUE);
          }
          Map<Doc, Double> fused = new LinkedHashMap<>();
          sums.keySet().stream()
              .sorted(order)
              .limit(window)
              .forEach(doc -> fused.put(doc, sums.get(doc)));
          if (linear) {
            requireOrder(fused, 1e-4);
          }
          return cut(fused, union(lists), size);
        });
  }

  private static TwinRetriever reranked(
      SearchTwin twin, List<Index> indices, int depth, int above) {
    int window = between(above, above + 20);
    Filtered filtered = Filtered.any();
    TwinRetriever inner = any(twin, indices, depth - 1, window);
    boolean chunked = randomBoolean();
    int chunks = between(1, 3);
    String field = chunked ? randomFrom(CHUNKED) : randomFrom("title", "name", "tag");
    String asked = TwinQuery.words(between(1, 5));
    String json =
        "{\"semlux_rerank\":{\"retriever\":%s,\"model_id\":\"%s\",\"field\":\"%s\",\"query\":\"%s\",\"rank_window_size\":%s%s%s}}"
            .formatted(
                inner.json,
                TwinModels.CROSS,
                field,
                asked,
                window,
                chunked ? ",\"chunks\":" + chunks : "",
                filtered.json);
    return new TwinRetriever(
        json,
        window,
        window(window, List.of(inner)),
        inner.least,
        (shards, size, filter) -> {
          Ranked before = inner.ranks.of(shards, window, filter.and(filtered.accepts));
          if (chunked) {
            requireMapped(indices, field);
          }
          Map<Doc, Double> scores = new LinkedHashMap<>();
          List<Doc> silent = new ArrayList<>();
          for (Doc doc : before.docs.keySet()) {
            List<String> texts =
                chunked
                    ? chunks(twin, doc, field, asked, chunks)
                    : List.of(String.join("\n", SearchTwin.texts(doc.source(), field)));
            texts.stream()
                .filter(text -> !text.isBlank())
                .mapToDouble(text -> twin.models().score(asked, text))
                .max()
                .ifPresentOrElse(score -> scores.put(doc, score), () -> silent.add(doc));
          }
          // Equal texts have equal scores, and stay as they were.
          Map<Doc, Double> ranked = SearchTwin.best(scores, Integer.MAX_VALUE);
          double last = Double.POSITIVE_INFINITY;
          for (double score : ranked.values()) {
            if (last != score && last - score < SearchTwin.NEAR) {
              throw new Ambiguous();
            }
            last = score;
          }
          silent.forEach(doc -> ranked.put(doc, 0.0));
          return cut(ranked, before.matches, size);
        });
  }

  /** Those of a document that a highlighter chooses. */
  private static List<String> chunks(
      SearchTwin twin, Doc doc, String name, String asked, int count) {
    Field field = doc.index().fields.get(name);
    if (field == null) {
      return List.of();
    }
    ToDoubleFunction<String> score =
        chunk -> twin.score(field, doc.models().get(name), asked, chunk);
    List<String> best =
        SearchTwin.chunks(doc, field).stream()
            .filter(chunk -> score.applyAsDouble(chunk) > 0)
            .sorted(Comparator.comparingDouble(score).reversed())
            .toList();
    if (best.size() <= count) {
      return best;
    }
    String last = best.get(count - 1);
    String next = best.get(count);
    double near = (field.dense() ? SearchTwin.NEAR : 0.01) * (1 + score.applyAsDouble(next));
    if (!last.equals(next) && score.applyAsDouble(last) - score.applyAsDouble(next) < near) {
      throw new Ambiguous();
    }
    return best.subList(0, count);
  }

  private static void requireMapped(List<Index> indices, String field) {
    if (indices.stream().noneMatch(index -> index.fields.containsKey(field))) {
      throw new Refused();
    }
  }

  private static TwinRetriever diversified(
      SearchTwin twin, List<Index> indices, int depth, int above) {
    int window = between(above, above + 20);
    Filtered filtered = Filtered.any();
    TwinRetriever inner = any(twin, indices, depth - 1, window);
    double lambda = randomFrom(0.0, 0.3, 0.5, 0.7, 1.0);
    String field = randomFrom("body", "name.meaning", "vec", "terms");
    String json =
        "{\"semlux_diversify\":{\"retriever\":%s,\"field\":\"%s\",\"lambda\":%s,\"rank_window_size\":%s%s}}"
            .formatted(inner.json, field, lambda, window, filtered.json);
    return new TwinRetriever(
        json,
        window,
        window(window, List.of(inner)),
        inner.least,
        (shards, size, filter) -> {
          Ranked before = inner.ranks.of(shards, window, filter.and(filtered.accepts));
          if (CHUNKED.contains(field)) {
            requireMapped(indices, field);
          }
          return cut(TwinDiversity.spread(twin, before.docs, field, lambda), before.matches, size);
        });
  }
}

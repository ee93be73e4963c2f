package org.semlux.plugin;

import static org.elasticsearch.test.ESTestCase.between;
import static org.elasticsearch.test.ESTestCase.randomBoolean;
import static org.elasticsearch.test.ESTestCase.randomFrom;
import static org.elasticsearch.test.ESTestCase.randomList;
import static org.elasticsearch.test.ESTestCase.rarely;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Shard;

/**
 * A random query and what it finds.
 *
 * @param names of queries within it
 */
record TwinQuery(String json, Scores scores, Map<String, Scores> names) {
  /** Documents of a shard that a query finds, and their scores. */
  @FunctionalInterface
  interface Scores {
    Map<Doc, Double> of(Shard shard);
  }

  /** One that scores nothing. */
  record Filter(String json, Predicate<Doc> accepts) {}

  static final List<String> TAGS = List.of("red", "green", "blue");
  static final List<String> KINDS = List.of("note", "mark", "link");
  static final List<String> FIELDS = List.of("body", "o.note", "name.meaning", "absent");
  static final String VECTOR_MODEL = "dense-bert-prompts";
  static final String TERMS_MODEL = "sparse-bert";

  /** More than an index has vectors: so neighbours are found exactly. */
  private static final int CANDIDATES = 5_000;

  private static final List<String> WORDS =
      List.of(
          "river rain water sea snow wind storm bread baker kitchen soup train bike road city music song piano"
              .split(" "));

  static String words(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> randomFrom(WORDS))
        .collect(Collectors.joining(" "));
  }

  private static TwinQuery of(String json, Scores scores) {
    return new TwinQuery(json, scores, Map.of());
  }

  static Filter filter() {
    return switch (between(0, 6)) {
      case 0, 1 -> {
        String tag = randomFrom(TAGS);
        yield new Filter(
            "{\"term\":{\"tag\":\"" + tag + "\"}}", doc -> tag.equals(doc.keyword("tag")));
      }
      case 2 -> {
        int least = between(0, 60);
        yield new Filter(
            "{\"range\":{\"n\":{\"gte\":" + least + "}}}", doc -> doc.number() >= least);
      }
      case 3 -> {
        String kind = randomFrom(KINDS);
        yield new Filter(
            "{\"nested\":{\"path\":\"notes\",\"query\":{\"term\":{\"notes.kind\":\""
                + kind
                + "\"}}}}",
            doc ->
                doc.source().get("notes") instanceof List<?> notes
                    && notes.stream()
                        .anyMatch(note -> kind.equals(((Map<?, ?>) note).get("kind"))));
      }
      case 4 -> {
        Filter none = filter();
        yield new Filter("{\"bool\":{\"must_not\":" + none.json + "}}", none.accepts.negate());
      }
      case 5 -> {
        String field = randomFrom(FIELDS);
        yield new Filter(
            "{\"exists\":{\"field\":\"" + field + "\"}}",
            doc ->
                doc.index().fields.get(field) != null
                    && !SearchTwin.chunks(doc, doc.index().fields.get(field)).isEmpty());
      }
      default -> new Filter("{\"match_all\":{}}", doc -> true);
    };
  }

  /** Options that are the same for all queries, and what they do. */
  private static TwinQuery leaf(String type, String options, Scores scores) {
    String more = "";
    Scores boosted = scores;
    if (rarely()) {
      int boost = between(2, 4);
      more += ",\"boost\":" + boost;
      boosted = shard -> map(scores.of(shard), score -> boost * score);
    }
    Map<String, Scores> names = Map.of();
    if (rarely()) {
      String name = "q" + between(0, 99_999);
      more += ",\"_name\":\"" + name + "\"";
      names = Map.of(name, scores);
    }
    return new TwinQuery("{\"%s\":{%s%s}}".formatted(type, options, more), boosted, names);
  }

  static Map<Doc, Double> map(Map<Doc, Double> scores, DoubleUnaryOperator change) {
    Map<Doc, Double> changed = new LinkedHashMap<>();
    scores.forEach((doc, score) -> changed.put(doc, change.applyAsDouble(score)));
    return changed;
  }

  static TwinQuery semlux(SearchTwin twin) {
    String field = randomFrom(FIELDS);
    String text = words(between(1, 6));
    Integer k = randomBoolean() ? between(1, 30) : null;
    Filter filter = rarely() ? filter() : null;
    String options =
        "\"field\":\"%s\",\"query\":\"%s\"".formatted(field, text)
            + (k == null ? "" : ",\"k\":" + k)
            + ",\"num_candidates\":"
            + CANDIDATES
            + (filter == null ? "" : ",\"filter\":" + filter.json);
    Predicate<Doc> accepts = filter == null ? doc -> true : filter.accepts;
    return leaf("semlux", options, shard -> twin.semlux(shard, field, text, k, accepts));
  }

  private static TwinQuery sparse(SearchTwin twin) {
    String text = words(between(1, 5));
    return leaf(
        "semlux_sparse",
        "\"field\":\"terms\",\"model_id\":\"%s\",\"query\":\"%s\",\"prune\":false"
            .formatted(TERMS_MODEL, text),
        shard ->
            scores(
                shard,
                doc -> {
                  if (!(doc.source().get("terms") instanceof Map<?, ?>)) {
                    return 0;
                  }
                  @SuppressWarnings("unchecked") // as it was put
                  Map<String, Float> weights = (Map<String, Float>) doc.source().get("terms");
                  return SearchTwin.product(
                      twin.models().terms(TERMS_MODEL, text, InputType.QUERY), weights);
                }));
  }

  private static TwinQuery knn(SearchTwin twin) {
    String text = words(between(1, 5));
    int k = between(1, 20);
    Filter filter = rarely() ? filter() : null;
    return leaf(
        "knn",
        "\"field\":\"vec\",\"k\":%s,\"num_candidates\":%s,\"query_vector_builder\":{\"semlux\":{\"model_id\":\"%s\",\"model_text\":\"%s\"}}"
                .formatted(k, CANDIDATES, VECTOR_MODEL, text)
            + (filter == null ? "" : ",\"filter\":" + filter.json),
        shard ->
            SearchTwin.best(
                scores(
                    shard,
                    doc -> {
                      if (!(doc.source().get("vec") instanceof float[] vector)
                          || (filter != null && !filter.accepts.test(doc))) {
                        return 0;
                      }
                      float[] query = twin.models().vector(VECTOR_MODEL, text, InputType.QUERY);
                      return SearchTwin.likeness("cosine", query, vector);
                    }),
                k));
  }

  private static Map<Doc, Double> scores(Shard shard, ToDoubleFunction<Doc> score) {
    Map<Doc, Double> scores = new LinkedHashMap<>();
    for (Doc doc : shard.docs()) {
      double one = score.applyAsDouble(doc);
      if (one > 0) {
        scores.put(doc, one);
      }
    }
    return scores;
  }

  /** Scores no two documents alike. */
  static TwinQuery byNumber() {
    Filter filter = filter();
    return of(
        "{\"function_score\":{\"query\":%s,\"field_value_factor\":{\"field\":\"n\"},\"boost_mode\":\"replace\"}}"
            .formatted(filter.json),
        shard -> scores(shard, doc -> filter.accepts.test(doc) ? doc.number() : 0));
  }

  static TwinQuery leaf(SearchTwin twin) {
    return switch (between(0, 9)) {
      case 0 -> {
        Filter filter = filter();
        int boost = between(1, 3);
        yield of(
            "{\"constant_score\":{\"filter\":%s,\"boost\":%s}}".formatted(filter.json, boost),
            shard -> scores(shard, doc -> filter.accepts.test(doc) ? boost : 0));
      }
      case 1 -> byNumber();
      case 2, 3 -> sparse(twin);
      case 4 -> knn(twin);
      default -> semlux(twin);
    };
  }

  static TwinQuery any(SearchTwin twin, int depth) {
    if (depth == 0 || randomBoolean()) {
      return leaf(twin);
    }
    return switch (between(0, 3)) {
      case 0 -> {
        List<TwinQuery> of = randomList(1, 3, () -> any(twin, depth - 1));
        yield combined(
            "{\"dis_max\":{\"tie_breaker\":0.5,\"queries\":%s}}",
            of,
            shard -> {
              Map<Doc, Double> best = sum(of, shard, Math::max);
              Map<Doc, Double> all = sum(of, shard, Double::sum);
              best.replaceAll((doc, score) -> score + 0.5 * (all.get(doc) - score));
              return best;
            });
      }
      case 1 -> {
        TwinQuery positive = any(twin, depth - 1);
        Filter negative = filter();
        yield new TwinQuery(
            "{\"boosting\":{\"positive\":%s,\"negative\":%s,\"negative_boost\":0.5}}"
                .formatted(positive.json, negative.json),
            shard -> {
              Map<Doc, Double> scores = new LinkedHashMap<>(positive.scores.of(shard));
              scores.replaceAll((doc, score) -> negative.accepts.test(doc) ? 0.5 * score : score);
              return scores;
            },
            positive.names);
      }
      default -> bool(twin, depth);
    };
  }

  private static TwinQuery bool(SearchTwin twin, int depth) {
    List<TwinQuery> must = new ArrayList<>(randomList(0, 2, () -> any(twin, depth - 1)));
    List<TwinQuery> should = new ArrayList<>(randomList(0, 2, () -> any(twin, depth - 1)));
    if (must.isEmpty() && should.isEmpty()) {
      must.add(semlux(twin));
    }
    List<Filter> filters = randomList(0, 1, TwinQuery::filter);
    List<TwinQuery> not = rarely() ? List.of(semlux(twin)) : List.of();
    String json =
        "{\"bool\":{\"must\":%s,\"should\":%s,\"filter\":[%s],\"must_not\":%s}}"
            .formatted(
                list(must),
                list(should),
                filters.stream().map(Filter::json).collect(Collectors.joining(",")),
                list(not));
    Map<String, Scores> names = new TreeMap<>();
    must.forEach(query -> names.putAll(query.names));
    should.forEach(query -> names.putAll(query.names));
    return new TwinQuery(
        json,
        shard -> {
          List<Map<Doc, Double>> needed = must.stream().map(q -> q.scores.of(shard)).toList();
          List<TwinQuery> all = new ArrayList<>(must);
          all.addAll(should);
          Map<Doc, Double> found = sum(all, shard, Double::sum);
          if (must.isEmpty() && !filters.isEmpty()) {
            shard.docs().forEach(doc -> found.putIfAbsent(doc, 0.0));
          }
          needed.forEach(one -> found.keySet().retainAll(one.keySet()));
          filters.forEach(filter -> found.keySet().removeIf(filter.accepts.negate()));
          not.forEach(query -> found.keySet().removeAll(query.scores.of(shard).keySet()));
          return found;
        },
        names);
  }

  private static String list(List<TwinQuery> queries) {
    return queries.stream().map(TwinQuery::json).collect(Collectors.joining(",", "[", "]"));
  }

  private static Map<Doc, Double> sum(
      List<TwinQuery> queries, Shard shard, BinaryOperator<Double> add) {
    Map<Doc, Double> all = new LinkedHashMap<>();
    queries.forEach(
        query -> query.scores.of(shard).forEach((d, score) -> all.merge(d, score, add)));
    return all;
  }

  private static TwinQuery combined(String json, List<TwinQuery> of, Scores scores) {
    Map<String, Scores> names = new TreeMap<>();
    of.forEach(query -> names.putAll(query.names));
    return new TwinQuery(json.formatted(list(of)), scores, names);
  }
}

package org.semlux.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.search.ShardSearchFailure;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.aggregations.bucket.terms.Terms;
import org.semlux.plugin.SearchTwin.Ambiguous;
import org.semlux.plugin.SearchTwin.Doc;
import org.semlux.plugin.SearchTwin.Shard;

/** Retrievers and rescorers over random queries, with any windows and pages of them. */
public class RandomRankingsTests extends TwinSearchTestCase {
  private static final List<String> READ = List.of("title", "name", "tag", "o.note", "n", "absent");

  public void testRankingsAreThoseOfAllDocuments() throws Exception {
    searchAll();
  }

  @Override
  void search() {
    switch (between(0, 6)) {
      case 0 -> fused();
      case 1 -> rescored();
      case 2, 3, 4 -> composed();
      default -> reranked();
    }
  }

  /** How exact the scores of a query are: those of terms have few bits. */
  private static double near(Target target, TwinQuery query) {
    boolean sparse =
        query.json().contains("semlux_sparse")
            || target.indices().stream()
                .flatMap(index -> index.fields.values().stream())
                .anyMatch(field -> !field.dense() && query.json().contains(field.path()));
    return sparse ? 0.01 : SearchTwin.NEAR;
  }

  private TwinQuery query() {
    return randomBoolean() ? TwinQuery.byNumber() : TwinQuery.any(twin, 1);
  }

  /** What a reranker reads of a document. */
  private static String text(Doc doc, List<String> fields) {
    return fields.stream()
        .filter(field -> !field.equals("o.note") || doc.index().fields.containsKey(field))
        .flatMap(field -> SearchTwin.texts(doc.source(), field).stream())
        .collect(Collectors.joining("\n"));
  }

  private static boolean isMapped(Target target, String field) {
    return !field.equals("absent")
        && (!field.equals("o.note")
            || target.indices().stream().anyMatch(index -> index.fields.containsKey(field)));
  }

  private List<String> fields() {
    return randomList(1, 2, () -> randomFrom(READ)).stream().distinct().toList();
  }

  private static String list(List<String> names) {
    return names.stream().map(n -> "\"" + n + "\"").collect(Collectors.joining(",", "[", "]"));
  }

  /** Where no index has a field to be read. */
  private void assertRefused(Target target, String body) {
    assertBadRequest(
        expectThrows(AssertionError.class, () -> run(target, body, response -> {})), body);
  }

  /** The same where shards refuse: those that see no document in the query have nothing to read. */
  private void assertRefusedByShards(Target target, String body, boolean finds) {
    try {
      runPartially(
          target,
          body,
          response -> {
            assertEquals(body, 0, response.getHits().getHits().length);
            assertTrue(body, response.getFailedShards() > 0 || !finds);
            for (ShardSearchFailure failure : response.getShardFailures()) {
              assertEquals(body, RestStatus.BAD_REQUEST, failure.status());
            }
          });
    } catch (AssertionError e) {
      assertBadRequest(e, body);
    }
  }

  private static void assertBadRequest(AssertionError e, String body) {
    if (!(e.getCause() instanceof Exception refusal)) {
      throw e;
    }
    assertEquals(body, RestStatus.BAD_REQUEST, ExceptionsHelper.status(refusal));
  }

  private void reranked() {
    Target target = target();
    TwinQuery query = query();
    int rankWindow = between(1, 40);
    int size = between(1, Math.min(15, rankWindow));
    int from = rarely() ? between(0, rankWindow) : 0;
    List<String> fields = fields();
    String asked = TwinQuery.words(between(1, 5));
    int window = Math.max(10, Math.max(from + size, rankWindow));
    Map<Doc, Double> inner =
        SearchTwin.best(
            scores(target.shards(window), query.scores()), rankWindow, near(target, query));
    Map<Doc, Double> ranked = new LinkedHashMap<>();
    for (Doc doc : inner.keySet()) {
      String text = text(doc, fields);
      ranked.put(doc, text.isEmpty() ? 0.0 : (double) models.score(asked, text));
    }
    String least = "";
    if (rarely() && !ranked.isEmpty()) {
      double score = randomFrom(ranked.values()) - 1e-4;
      if (ranked.values().stream().anyMatch(one -> Math.abs(one - score) < 5e-5)) {
        throw new Ambiguous();
      }
      ranked.values().removeIf(one -> one == 0 || one < score);
      least = ",\"min_score\":" + score;
    }
    String body =
        """
        {"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":%s}},"model_id":"%s",
        "field":%s,"query":"%s","rank_window_size":%s%s}},"size":%s,"from":%s}"""
            .formatted(
                query.json(), TwinModels.CROSS, list(fields), asked, rankWindow, least, size, from);
    if (!fields.stream().allMatch(field -> isMapped(target, field))) {
      assertRefused(target, body);
      return;
    }
    run(target, body, response -> assertPage(ranked, from, size, response.getHits().getHits()));
  }

  private void fused() {
    Target target = target();
    List<TwinQuery> queries = randomList(1, 3, this::query);
    int rankWindow = between(1, 40);
    int size = between(1, rankWindow);
    int from = rarely() ? between(0, rankWindow) : 0;
    int window = Math.max(10, Math.max(from + size, rankWindow));
    boolean byRank = randomBoolean();
    int constant = between(1, 60);
    String normalizer = randomFrom("minmax", "l2", "none");
    List<Integer> weights = new ArrayList<>();
    Map<Doc, Double> sum = new LinkedHashMap<>();
    for (TwinQuery query : queries) {
      int weight = between(0, 3);
      weights.add(weight);
      double near = near(target, query);
      Map<Doc, Double> list =
          SearchTwin.best(scores(target.shards(window), query.scores()), rankWindow, near);
      double[] parts =
          byRank ? ranks(list, near, constant) : normalized(list.values(), normalizer, near);
      int i = 0;
      for (Doc doc : list.keySet()) {
        sum.merge(doc, weight * parts[i++], Double::sum);
      }
    }
    Map<Doc, Double> fused = SearchTwin.best(sum, rankWindow, byRank ? 1e-9 : 1e-5);
    String method =
        byRank
            ? "\"method\":\"rrf\",\"rank_constant\":" + constant
            : "\"method\":\"linear\",\"normalizer\":\"" + normalizer + "\"";
    String body =
        "{\"retriever\":{\"semlux_fusion\":{\"retrievers\":%s,%s,\"weights\":%s,\"rank_window_size\":%s}},\"size\":%s,\"from\":%s}"
            .formatted(
                queries.stream()
                    .map(query -> "{\"standard\":{\"query\":" + query.json() + "}}")
                    .toList(),
                method,
                weights,
                rankWindow,
                size,
                from);
    run(target, body, response -> assertPage(fused, from, size, response.getHits().getHits()));
  }

  /** Retrievers within each other, with what a search counts beside them. */
  private void composed() {
    Target target = target();
    TwinRetriever retriever = TwinRetriever.any(twin, target.indices(), between(1, 3), 1);
    int size = between(1, retriever.own() == 0 ? 15 : retriever.own());
    int from = rarely() ? between(0, 20) : 0;
    boolean counting = retriever.own() > 0 && !retriever.least() && randomBoolean();
    String body =
        "{\"retriever\":%s,\"size\":%s,\"from\":%s%s}"
            .formatted(
                retriever.json(),
                size,
                from,
                counting
                    ? ",\"track_total_hits\":true,\"aggs\":{\"tags\":{\"terms\":{\"field\":\"tag\"}}}"
                    : "");
    TwinRetriever.Ranked expected;
    try {
      int window = Math.max(10, Math.max(from + size, retriever.window()));
      expected =
          retriever
              .ranks()
              .of(
                  target.shards(window),
                  retriever.own() == 0 ? Math.max(10, from + size) : retriever.own(),
                  doc -> true);
    } catch (TwinRetriever.Refused e) {
      assertRefused(target, body);
      return;
    }
    List<Doc> page = expected.docs().keySet().stream().skip(from).limit(size).toList();
    run(
        target,
        body,
        response -> {
          List<Found> hits = Arrays.stream(response.getHits().getHits()).map(Found::of).toList();
          assertEquals(
              expected.docs().toString(),
              page.stream().map(doc -> doc.index().name + "/" + doc.id()).toList(),
              hits.stream().map(hit -> hit.index() + "/" + hit.id()).toList());
          for (int i = 0; i < page.size(); i++) {
            double score = expected.docs().get(page.get(i));
            assertEquals(hits + " of " + expected.docs(), score, hits.get(i).score(), near(score));
          }
          if (counting) {
            assertEquals(expected.matches().size(), response.getHits().getTotalHits().value());
            Map<String, Long> tags = new TreeMap<>();
            Terms terms = response.getAggregations().get("tags");
            terms.getBuckets().forEach(b -> tags.put(b.getKeyAsString(), b.getDocCount()));
            assertEquals(
                expected.matches().stream()
                    .collect(
                        Collectors.groupingBy(
                            doc -> doc.keyword("tag"), TreeMap::new, Collectors.counting())),
                tags);
          }
        });
  }

  private static double[] ranks(Map<Doc, Double> list, double near, int constant) {
    double before = Double.POSITIVE_INFINITY;
    double[] parts = new double[list.size()];
    int i = 0;
    for (double score : list.values()) {
      if (before - score < near * (1 + score)) {
        throw new Ambiguous();
      }
      before = score;
      parts[i] = 1.0 / (constant + ++i);
    }
    return parts;
  }

  private static double[] normalized(Collection<Double> scores, String normalizer, double near) {
    double[] parts = scores.stream().mapToDouble(score -> score).toArray();
    if (parts.length == 0 || normalizer.equals("none")) {
      return parts;
    }
    double high = parts[0];
    double low = parts[parts.length - 1];
    double squares = 0;
    for (double part : parts) {
      squares += part * part;
    }
    if (normalizer.equals("minmax") && high > low && high - low < 200 * near * (1 + high)) {
      throw new Ambiguous(); // what scores lack in digits is blown up
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          normalizer.equals("l2")
              ? parts[i] / (squares > 0 ? Math.sqrt(squares) : 1)
              : high > low ? (parts[i] - low) / (high - low) : 1;
    }
    return parts;
  }

  private void rescored() {
    Target target = target();
    TwinQuery query = TwinQuery.byNumber();
    TwinQuery second = TwinQuery.semlux(twin);
    boolean byModel = randomBoolean();
    int rescoreWindow = between(1, 20);
    int size = between(1, 15);
    int from = rarely() ? between(1, 10) : 0;
    int window = Math.max(10, Math.max(from + size, rescoreWindow));
    List<String> fields = fields();
    String asked = TwinQuery.words(between(1, 5));
    int first = between(0, 2);
    int again = between(1, 50);
    Map<Doc, Double> all = new LinkedHashMap<>();
    for (Shard shard : target.shards(window)) {
      Map<Doc, Double> hits =
          SearchTwin.best(query.scores().of(shard), Math.max(from + size, rescoreWindow));
      Map<Doc, Double> inWindow = SearchTwin.best(hits, rescoreWindow);
      Map<Doc, Double> found = second.scores().of(shard);
      Map<Doc, Double> changed = new LinkedHashMap<>();
      inWindow.forEach(
          (doc, score) -> {
            String text = text(doc, fields);
            double add =
                byModel
                    ? text.isEmpty() ? 0 : models.score(asked, text)
                    : found.getOrDefault(doc, 0.0);
            changed.put(doc, first * score + again * add);
          });
      double lowest = changed.values().stream().min(Comparator.naturalOrder()).orElse(0.0);
      hits.forEach(
          (doc, score) ->
              changed.putIfAbsent(doc, byModel ? Math.min(lowest, first * score) : first * score));
      all.putAll(changed);
    }
    String weights = "\"query_weight\":%s,\"rescore_query_weight\":%s".formatted(first, again);
    String body =
        "{\"query\":%s,\"size\":%s,\"from\":%s,\"rescore\":{\"window_size\":%s,%s}}"
            .formatted(
                query.json(),
                size,
                from,
                rescoreWindow,
                byModel
                    ? "\"semlux_cross_encoder\":{\"model_id\":\"%s\",\"field\":%s,\"query\":\"%s\",%s}"
                        .formatted(TwinModels.CROSS, list(fields), asked, weights)
                    : "\"query\":{\"rescore_query\":%s,%s}".formatted(second.json(), weights));
    if (byModel && !fields.stream().allMatch(field -> isMapped(target, field))) {
      assertRefusedByShards(target, body, !all.isEmpty());
      return;
    }
    run(target, body, response -> assertPage(all, from, size, response.getHits().getHits()));
  }
}

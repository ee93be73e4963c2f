package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.oneOf;
import static org.semlux.plugin.ModelCalls.deploy;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.search.SearchType;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.query.QueryBuilder;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.search.rescore.QueryRescorerBuilder;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TermWeights;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.query.QueryCacheStats;
import org.semlux.plugin.query.SparseGolden;

/** Sparse queries over several shards on two nodes, against scores computed from the documents. */
public class SparseSearchTests extends TwoNodesTestCase {
  private static final int SHARDS = 3;
  private static final int FREQUENT = 10; // of the tokens t0 to t39
  // What a stored weight loses: it has 9 significant bits.
  private static final double PRECISION = 1.0 / 256;

  private final Map<String, Map<String, Float>> documents = new TreeMap<>();

  private void index(String options) throws Exception {
    prepareCreate("docs")
        .setSettings(
            Settings.builder().put("number_of_shards", SHARDS).put("number_of_replicas", 0))
        .setMapping(
            "{\"properties\":{\"terms\":{\"type\":\"sparse_vector\""
                + options
                + "},\"title\":{\"type\":\"text\"}}}")
        .get();
    for (int i = 0; i < 120; i++) {
      Map<String, Float> weights = new HashMap<>();
      for (int t = 0; t < 40; t++) {
        if (random().nextInt(20) < (t < FREQUENT ? 18 : 1)) {
          weights.put("t" + t, 0.1f + 3 * random().nextFloat());
        }
      }
      documents.put("d" + i, weights);
      prepareIndex("docs").setId("d" + i).setSource("terms", weights, "title", "document").get();
    }
    // Pruning counts the tokens of the largest segment.
    client().admin().indices().prepareForceMerge("docs").setMaxNumSegments(1).get();
    refresh("docs");
  }

  private static String weights(Map<String, Float> weights) throws IOException {
    try (XContentBuilder builder = JsonXContent.contentBuilder()) {
      return Strings.toString(builder.map(weights));
    }
  }

  private static QueryBuilder sparse(String fields) {
    return QueryBuilders.wrapperQuery("{\"semlux_sparse\":{\"field\":\"terms\"," + fields + "}}");
  }

  private static Map<String, Float> search(QueryBuilder query) {
    return search(new SearchSourceBuilder().query(query), SearchType.QUERY_THEN_FETCH);
  }

  private static Map<String, Float> search(SearchSourceBuilder source, SearchType type) {
    Map<String, Float> scores = new HashMap<>();
    assertResponse(
        client().prepareSearch("docs").setSource(source.size(1_000)).setSearchType(type),
        response -> {
          assertEquals(0, response.getFailedShards());
          for (SearchHit hit : response.getHits()) {
            scores.put(hit.getId(), hit.getScore());
          }
        });
    return scores;
  }

  private void assertScores(Map<String, Double> query, Map<String, Float> found) {
    Map<String, Double> expected = new HashMap<>();
    documents.forEach(
        (id, weights) -> {
          double score = 0;
          for (Map.Entry<String, Double> term : query.entrySet()) {
            score += term.getValue() * weights.getOrDefault(term.getKey(), 0f);
          }
          if (score > 0) {
            expected.put(id, score);
          }
        });
    assertEquals(expected.keySet(), found.keySet());
    found.forEach((id, score) -> assertEquals(id, expected.get(id), score, PRECISION * score));
  }

  private static final Map<String, Float> QUERY =
      Map.of("t0", 0.3f, "t1", 2f, "t4", 0.5f, "t20", 1f, "t39", 0.2f, "absent", 3f);

  private static Map<String, Double> asDoubles(Map<String, Float> weights) {
    Map<String, Double> doubles = new HashMap<>();
    weights.forEach((token, weight) -> doubles.put(token, (double) weight));
    return doubles;
  }

  public void testPlainScoresAreProductsOfWeights() throws Exception {
    index("");
    String vector = "\"query_vector\":" + weights(QUERY);
    assertScores(asDoubles(QUERY), search(sparse(vector + ",\"prune\":false")));

    Map<String, Float> boosted = search(sparse(vector + ",\"prune\":false,\"boost\":2"));
    Map<String, Double> doubled = asDoubles(QUERY);
    doubled.replaceAll((token, weight) -> 2 * weight);
    assertScores(doubled, boosted);
  }

  public void testIdfIsThatOfAllShardsAfterDfs() throws Exception {
    index("");
    Map<String, Double> weighted = new HashMap<>();
    QUERY.forEach(
        (token, weight) -> {
          long n = documents.values().stream().filter(d -> d.containsKey(token)).count();
          double idf = Math.log(1 + (documents.size() - n + 0.5) / (n + 0.5));
          weighted.put(token, weight * idf * idf);
        });
    String query = "\"query_vector\":" + weights(QUERY) + ",\"prune\":false,\"idf\":2";
    assertScores(
        weighted,
        search(new SearchSourceBuilder().query(sparse(query)), SearchType.DFS_QUERY_THEN_FETCH));
  }

  /** A frequent token of little weight goes; what pruning leaves out, rescoring brings back. */
  public void testPruningAndRescoring() throws Exception {
    index("");
    String vector = "\"query_vector\":" + weights(QUERY);
    String config =
        "\"pruning_config\":{\"tokens_freq_ratio_threshold\":1,"
            + "\"tokens_weight_threshold\":0.5%s}";
    String pruned = vector + ",\"prune\":true," + config.formatted("");
    // Above half of the best weight, which is absent's 3, is t1 alone; of the others, t0 and t4
    // are more frequent than the average token.
    Map<String, Double> kept = asDoubles(QUERY);
    kept.remove("t0");
    kept.remove("t4");
    assertScores(kept, search(sparse(pruned)));

    String others =
        vector + ",\"prune\":true," + config.formatted(",\"only_score_pruned_tokens\":true");
    var source =
        new SearchSourceBuilder()
            .query(sparse(pruned))
            .addRescorer(new QueryRescorerBuilder(sparse(others)).windowSize(200));
    documents.keySet().retainAll(search(sparse(pruned)).keySet());
    assertScores(asDoubles(QUERY), search(source, SearchType.QUERY_THEN_FETCH));
  }

  public void testOmittedPruningIsTheFields() throws Exception {
    index(
        ",\"index_options\":{\"prune\":true,\"pruning_config\":"
            + "{\"tokens_freq_ratio_threshold\":1,\"tokens_weight_threshold\":0.5}}");
    String vector = "\"query_vector\":" + weights(QUERY);
    Map<String, Double> kept = asDoubles(QUERY);
    kept.remove("t0");
    kept.remove("t4");
    assertScores(kept, search(sparse(vector)));
    assertScores(asDoubles(QUERY), search(sparse(vector + ",\"prune\":false")));
  }

  public void testTextIsEncodedOnceOnTheAskingNode() throws Exception {
    index("");
    new TinyModel(50_000, SparseGolden.FOLDER).upload(client(), "splade");
    deploy(client(), "splade");
    String text = "A baker sells warm bread before sunrise.";
    TermWeights encoded =
        (TermWeights)
            client()
                .execute(
                    EncodeAction.TYPE,
                    new EncodeAction.Request(
                        "splade", List.of(text), Optional.of(InputType.QUERY), Optional.empty()))
                .actionGet()
                .encodings()
                .get(0);
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < encoded.size(); i++) {
      weights.put(encoded.tokens()[i], encoded.weights()[i]);
      if (i % 7 == 0) {
        String id = "baker" + i;
        documents.put(id, Map.of(encoded.tokens()[i], 1f + i));
        prepareIndex("docs").setId(id).setSource("terms", documents.get(id)).get();
      }
    }
    refresh("docs");
    String node = internalCluster().getNodeNames()[0];
    String query = "\"model_id\":\"splade\",\"query\":\"" + text + "\",\"prune\":false";
    long before = texts();
    for (int i = 0; i < 3; i++) {
      Map<String, Float> scores = new HashMap<>();
      assertResponse(
          internalCluster()
              .client(node)
              .prepareSearch("docs")
              .setSize(1_000)
              .setQuery(QueryBuilders.boolQuery().should(sparse(query)).should(sparse(query))),
          response -> response.getHits().forEach(hit -> scores.put(hit.getId(), hit.getScore())));
      Map<String, Double> twice = asDoubles(weights);
      twice.replaceAll((token, weight) -> 2 * weight);
      assertScores(twice, scores);
    }
    assertEquals(before + 1, texts());
    QueryCacheStats cache = cache(node);
    // The second clause of the first search either waits for the first one's answer or finds it.
    assertEquals(6, cache.hits() + cache.misses());
    assertThat(cache.misses(), is(oneOf(1L, 2L)));
    assertEquals(1, cache.entries());
  }

  private static List<StatsAction.NodeResponse> stats() {
    return client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes();
  }

  private static long texts() {
    return stats().stream().mapToLong(node -> node.models().get("splade").stats().texts()).sum();
  }

  private static QueryCacheStats cache(String name) {
    return stats().stream()
        .filter(node -> node.getNode().getName().equals(name))
        .findFirst()
        .orElseThrow()
        .queryCache();
  }

  public void testWhatCannotBeSearched() throws Exception {
    index("");
    new TinyModel(50_000).upload(client(), "dense");
    deploy(client(), "dense");
    fails(RestStatus.NOT_FOUND, "\"model_id\":\"absent\",\"query\":\"x\"", "no model [absent]");
    fails(RestStatus.BAD_REQUEST, "\"model_id\":\"dense\",\"query\":\"x\"", "[dense] is of kind");
    assertTrue(
        search(
                QueryBuilders.wrapperQuery(
                    "{\"semlux_sparse\":{\"field\":\"nowhere\",\"query_vector\":{\"a\":1}}}"))
            .isEmpty());
    var e =
        expectThrows(
            Exception.class,
            () ->
                search(
                    QueryBuilders.wrapperQuery(
                        "{\"semlux_sparse\":{\"field\":\"title\",\"query_vector\":{\"a\":1}}}")));
    assertEquals(RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
    assertThat(
        ExceptionsHelper.unwrapCause(e).getCause().toString(),
        containsString("field [title] must be of type [sparse_vector], not [text]"));
  }

  private static void fails(RestStatus status, String fields, String message) {
    var e = expectThrows(Exception.class, () -> search(sparse(fields)));
    assertEquals(status, ExceptionsHelper.status(e));
    assertThat(ExceptionsHelper.unwrapCause(e).getMessage(), containsString(message));
  }

  /** Explain and named queries see the query that the text became. */
  public void testExplainTellsTheIdf() throws Exception {
    index("");
    String query = "\"query_vector\":{\"t1\":2,\"t20\":1},\"idf\":1,\"_name\":\"terms\"";
    assertResponse(
        client().prepareSearch("docs").setQuery(sparse(query)).setExplain(true),
        response -> {
          SearchHit best = response.getHits().getAt(0);
          assertEquals(best.getScore(), best.getExplanation().getValue().floatValue(), 1e-4f);
          assertThat(
              best.getExplanation().toString(), containsString("N, total number of documents"));
          assertArrayEquals(new String[] {"terms"}, best.getMatchedQueries());
        });
  }
}

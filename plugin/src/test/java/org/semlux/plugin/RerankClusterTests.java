package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ClusterSearches.ids;
import static org.semlux.plugin.ClusterSearches.request;
import static org.semlux.plugin.ClusterSearches.search;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.TransportSearchAction;
import org.elasticsearch.action.support.WriteRequest;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.SearchHit;
import org.semlux.encoders.api.EncoderStats;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.RerankAction;
import org.semlux.plugin.action.StatsAction;

/** Cross-encoders over the hits of three shards on two nodes, with the real PyTorch. */
public class RerankClusterTests extends SharedNodesTestCase {
  private static final Path CROSS =
      Path.of("../tests/src/test/resources/goldens/cross-bert").toAbsolutePath();
  private static final String QUERY = "The river rises after three days of rain.";

  /** Each is one token, so that a passage reads by itself as it does within its text. */
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");

  private static final int DOCUMENTS = 60;

  /** The model reads 32 tokens. */
  private static final int LONG = 50;

  private final List<String> texts = new ArrayList<>();

  @Override
  protected int numberOfShards() {
    return 3;
  }

  private void deploy() throws Exception {
    new TinyModel(50_000, CROSS).upload(client(), "cross");
    ModelCalls.deploy(client(), "cross");
  }

  /** Every tenth document is without text or has a blank one; some are longer than the model. */
  private void index() throws Exception {
    deploy();
    createIndex();
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < DOCUMENTS; i++) {
      String text = i % 10 == 0 ? "" : words(i % 10 == 5 ? 2 * LONG : between(1, 12));
      texts.add(text);
      Map<String, Object> source =
          i % 20 == 0 ? Map.of("n", i) : Map.of("n", i, "text", text, "all", "all");
      bulk.add(client().prepareIndex("docs").setId("" + i).setSource(source));
    }
    assertFalse(bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get().hasFailures());
  }

  private void createIndex() {
    client()
        .admin()
        .indices()
        .prepareCreate("docs")
        .setSettings(
            Settings.builder()
                .put(indexSettings())
                .put("number_of_shards", 3)
                .put("number_of_replicas", 0))
        .setMapping("text", "type=text", "n", "type=integer", "all", "type=keyword")
        .get();
    ensureGreen("docs");
  }

  private static String words(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> randomFrom(WORDS))
        .collect(Collectors.joining(" "));
  }

  public void testOrderIsThatOfScoringEveryText() throws Exception {
    index();
    for (String node : internalCluster().getNodeNames()) {
      List<Integer> silent = new ArrayList<>();
      Map<Integer, Float> scores = expected(silent);
      search(
          node,
          rerank("\"rank_window_size\":100") + ",\"size\":100,\"_source\":false",
          response -> {
            SearchHit[] hits = response.getHits().getHits();
            assertEquals(DOCUMENTS, hits.length);
            for (int i = 0; i < hits.length; i++) {
              int id = Integer.parseInt(hits[i].getId());
              assertEquals(silent.contains(id), i >= scores.size());
              if (i < scores.size()) {
                assertEquals(scores.get(id), hits[i].getScore(), 1e-4f);
              }
              assertEquals(id % 10 == 5, hits[i].getHighlightFields().containsKey("text"));
            }
          });
    }
  }

  /** What {@code _rerank} gives each text; the best window of those that are too long for it. */
  private Map<Integer, Float> expected(List<Integer> silent) {
    List<Integer> read = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      (texts.get(i).isBlank() ? silent : read).add(i);
    }
    Map<Integer, Float> scores =
        score(read.stream().map(texts::get).toList()).entrySet().stream()
            .collect(Collectors.toMap(e -> read.get(e.getKey()), Map.Entry::getValue));
    search(
        internalCluster().getNodeNames()[0],
        rerank("\"rank_window_size\":100") + ",\"size\":100",
        response ->
            response
                .getHits()
                .forEach(
                    hit ->
                        hit.getHighlightFields()
                            .forEach(
                                (field, passage) -> {
                                  String window = passage.fragments()[0].string();
                                  int id = Integer.parseInt(hit.getId());
                                  assertThat(texts.get(id), containsString(window));
                                  assertThat(window.length(), lessThan(texts.get(id).length()));
                                  scores.put(id, score(List.of(window)).get(0));
                                })));
    return scores;
  }

  private static Map<Integer, Float> score(List<String> texts) {
    var request = new RerankAction.Request("cross", QUERY, texts, texts.size());
    return client().execute(RerankAction.TYPE, request).actionGet().results().stream()
        .collect(Collectors.toMap(RerankAction.Result::index, RerankAction.Result::score));
  }

  public void testPagesAndMinScoreAndRawScores() throws Exception {
    index();
    String node = randomFrom(internalCluster().getNodeNames());
    List<String> all = ids(node, rerank("\"rank_window_size\":40") + ",\"size\":40");
    assertEquals(40, all.size());
    List<String> pages = new ArrayList<>();
    for (int from = 0; from < 50; from += 7) {
      pages.addAll(ids(node, rerank("\"rank_window_size\":40") + ",\"size\":7,\"from\":" + from));
    }
    assertEquals(all, pages);
    search(
        node,
        rerank("\"rank_window_size\":40,\"min_score\":0.6") + ",\"size\":40",
        response -> {
          assertThat(response.getHits().getHits().length, lessThan(40));
          for (SearchHit hit : response.getHits()) {
            assertTrue(hit.getScore() >= 0.6f);
          }
          assertEquals(
              response.getHits().getHits().length, response.getHits().getTotalHits().value());
        });
    assertEquals(
        all, ids(node, rerank("\"rank_window_size\":40,\"scores\":\"raw\"") + ",\"size\":40"));
  }

  public void testEqualTextsAreScoredOnce() throws Exception {
    deploy();
    long before = texts();
    Map<Integer, Float> scores = score(List.of("rain", "a dog", "rain", "rain"));
    assertEquals(scores.get(0), scores.get(2));
    assertEquals(scores.get(0), scores.get(3));
    assertEquals(before + 2, texts());
    assertEquals(scores.get(1), score(List.of("a dog")).get(0));
  }

  private static long texts() {
    return client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes().stream()
        .mapToLong(node -> node.models().get("cross").stats().texts())
        .sum();
  }

  public void testSeveralFieldsAndExplain() throws Exception {
    index();
    search(
        internalCluster().getNodeNames()[1],
        ("{\"retriever\":{\"semlux_rerank\":{\"retriever\":{\"standard\":{\"query\":{\"ids\":"
                + "{\"values\":[\"1\",\"20\"]}}}},\"model_id\":\"cross\",\"field\":[\"all\",\"text\"],"
                + "\"query\":\"%s\"}},\"explain\":true")
            .formatted(QUERY),
        response -> {
          SearchHit[] hits = response.getHits().getHits();
          assertEquals(List.of("1", "20"), Arrays.stream(hits).map(SearchHit::getId).toList());
          assertEquals(score(List.of("all\n" + texts.get(1))).get(0), hits[0].getScore(), 1e-4f);
          String first = hits[0].getExplanation().toString();
          assertThat(first, containsString("rank [1]"));
          assertThat(first, containsString("of model [cross] for the query and [all,text]"));
          assertThat(
              hits[1].getExplanation().toString(),
              containsString("ranked last: the document has no text for model [cross]"));
        });
  }

  public void testFusionOfRerankedAndPlainHits() throws Exception {
    index();
    String standard = "{\"standard\":{\"query\":{\"match\":{\"text\":\"river\"}}}}";
    String reranked = rerank("").substring("{\"retriever\":".length());
    String body =
        "{\"retriever\":{\"semlux_fusion\":{\"retrievers\":[%s,%s],\"rank_window_size\":30}}"
            .formatted(standard, reranked);
    for (String node : internalCluster().getNodeNames()) {
      List<String> all = ids(node, body + ",\"size\":30");
      assertEquals(30, all.size());
      assertEquals(all.subList(10, 20), ids(node, body + ",\"size\":10,\"from\":10"));
      search(
          node,
          body + ",\"size\":30,\"explain\":true",
          response -> {
            int passages = 0;
            for (SearchHit hit : response.getHits()) {
              assertThat(hit.getExplanation().toString(), containsString("retriever 1"));
              passages += hit.getHighlightFields().size();
            }
            assertThat(passages, greaterThan(0));
          });
    }
  }

  public void testRescorer() throws Exception {
    index();
    String query = "{\"query\":{\"match\":{\"text\":\"river\"}},\"size\":60";
    String rescore =
        ",\"rescore\":{\"window_size\":4,\"semlux_cross_encoder\":{\"model_id\":\"cross\","
            + "\"field\":\"text\",\"query\":\"%s\",\"query_weight\":0}},\"explain\":true";
    for (String node : internalCluster().getNodeNames()) {
      List<String> before = new ArrayList<>();
      Map<String, List<String>> shards = new HashMap<>();
      search(
          node,
          query + ",\"explain\":true",
          response -> {
            for (SearchHit hit : response.getHits()) {
              before.add(hit.getId());
              shards
                  .computeIfAbsent(hit.getShard().getShardId().toString(), s -> new ArrayList<>())
                  .add(hit.getId());
            }
          });
      search(
          node,
          query + rescore.formatted(QUERY),
          response -> {
            assertEquals(before.size(), response.getHits().getHits().length);
            Map<String, List<SearchHit>> after =
                Arrays.stream(response.getHits().getHits())
                    .collect(Collectors.groupingBy(hit -> hit.getShard().getShardId().toString()));
            after.forEach((shard, hits) -> assertRescored(shards.get(shard), hits));
          });
    }
  }

  /**
   * The first four by the model, all others as they were, with the lowest of its scores at most.
   */
  private void assertRescored(List<String> before, List<SearchHit> after) {
    int window = Math.min(4, before.size());
    List<String> texts =
        before.subList(0, window).stream().map(id -> this.texts.get(Integer.parseInt(id))).toList();
    for (int i = 0; i < after.size(); i++) {
      SearchHit hit = after.get(i);
      if (i < window) {
        assertTrue(before.subList(0, window).contains(hit.getId()));
        assertThat(hit.getExplanation().toString(), containsString("score of model [cross]"));
        float value = hit.getExplanation().getValue().floatValue();
        assertEquals(value, hit.getScore(), 1e-4f);
        if (texts.stream().allMatch(text -> text.split(" ").length < 12)) {
          List<Float> best =
              score(texts).values().stream().sorted(Comparator.reverseOrder()).toList();
          assertEquals(best.get(i), hit.getScore(), 1e-4f);
        }
      } else {
        assertEquals(before.get(i), hit.getId());
        assertThat(hit.getExplanation().toString(), containsString("beyond the window"));
      }
    }
  }

  /**
   * Vectors of a field stand in sources, which are put together in the order of documents alone.
   */
  public void testARescorerReadsDocumentsThatHaveVectors() throws Exception {
    deploy();
    new TinyModel(50_000).upload(client(), "dense");
    ModelCalls.deploy(client(), "dense");
    prepareCreate("docs")
        .setSettings(Settings.builder().put("number_of_shards", 1).put("number_of_replicas", 0))
        .setMapping(
            """
            {"properties":{"n":{"type":"integer"},"vector":{"type":"dense_vector"},
              "text":{"type":"semlux_text","model_id":"dense"}}}""")
        .get();
    ensureGreen("docs");
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < 6; i++) {
      texts.add(words(4));
      bulk.add(
          prepareIndex("docs")
              .setId("" + i)
              .setSource("n", i + 1, "text", texts.get(i), "vector", List.of(1, i)));
    }
    assertFalse(bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get().hasFailures());
    Map<Integer, Float> scores = score(texts);
    search(
        randomFrom(internalCluster().getNodeNames()),
        ("{\"query\":{\"function_score\":{\"field_value_factor\":{\"field\":\"n\"}}},\"explain\":true,"
                + "\"rescore\":{\"window_size\":6,\"semlux_cross_encoder\":{\"model_id\":\"cross\","
                + "\"field\":\"text\",\"query\":\"%s\",\"query_weight\":0}}")
            .formatted(QUERY),
        response -> {
          assertEquals(6, response.getHits().getHits().length);
          for (SearchHit hit : response.getHits()) {
            assertEquals(scores.get(Integer.parseInt(hit.getId())), hit.getScore(), 1e-4f);
          }
        });
  }

  public void testRefusals() throws Exception {
    index();
    String node = internalCluster().getNodeNames()[0];
    String rerank = rerank("");
    assertRefused(node, rerank.replace("\"cross\"", "\"none\""), RestStatus.NOT_FOUND, "[none]");
    assertRefused(
        node,
        rerank.replace("\"field\":\"text\"", "\"field\":\"txet\""),
        RestStatus.BAD_REQUEST,
        "[field] names [txet]");
    String rescore =
        "{\"rescore\":{\"semlux_cross_encoder\":{\"model_id\":\"cross\",\"field\":\"txet\",\"query\":\"q\"}}";
    assertRefused(node, rescore, RestStatus.BAD_REQUEST, "[field] names [txet]");
    assertRefused(
        node,
        rescore.replace("\"cross\"", "\"none\"").replace("txet", "text"),
        RestStatus.NOT_FOUND,
        "[none]");
    new TinyModel(50_000).upload(client(), "dense");
    ModelCalls.deploy(client(), "dense");
    assertRefused(
        node,
        rerank.replace("\"cross\"", "\"dense\""),
        RestStatus.BAD_REQUEST,
        "[dense] is of kind");
    assertRefused(
        node,
        rerank + ",\"timeout\":\"1nanos\"",
        RestStatus.REQUEST_TIMEOUT,
        "the deadline passed before the texts were encoded");
  }

  private void assertRefused(String node, String body, RestStatus status, String message) {
    Exception e = expectThrows(Exception.class, () -> search(node, body, response -> {}));
    assertEquals(e.toString(), status, ExceptionsHelper.status(e));
    assertThat(ExceptionsHelper.stackTrace(e), containsString(message));
  }

  public void testCancelledSearchStopsEncoding() throws Exception {
    deploy();
    createIndex();
    int documents = 400;
    BulkRequestBuilder bulk = client().prepareBulk();
    String text = words(2_000);
    for (int i = 0; i < documents; i++) {
      bulk.add(client().prepareIndex("docs").setSource("text", text + " " + i));
    }
    bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get();
    String node = internalCluster().getNodeNames()[0];
    ActionFuture<SearchResponse> search =
        request(node, rerank("\"rank_window_size\":1000") + ",\"size\":1").execute();
    assertBusy(() -> assertThat(stats(node).texts(), greaterThan(0L)), 30, TimeUnit.SECONDS);
    client().admin().cluster().prepareCancelTasks().setActions(TransportSearchAction.NAME).get();
    expectThrows(Exception.class, () -> search.actionGet(30, TimeUnit.SECONDS));
    assertBusy(() -> assertEquals(0, stats(node).queuedTexts()));
    assertThat(stats(node).texts(), lessThan(64L * documents));
  }

  private static EncoderStats stats(String node) {
    String id = internalCluster().clusterService(node).localNode().getId();
    return client()
        .execute(StatsAction.TYPE, new AllNodesRequest())
        .actionGet()
        .getNodesMap()
        .get(id)
        .models()
        .get("cross")
        .stats();
  }

  /** A search for every document, reranked; open for more to be added. */
  private static String rerank(String options) {
    return ("{\"retriever\":{\"semlux_rerank\":{\"retriever\":{\"standard\":{\"query\":"
            + "{\"match_all\":{}}}},\"model_id\":\"cross\",\"field\":\"text\",\"query\":\"%s\"%s}}")
        .formatted(QUERY, options.isEmpty() ? "" : "," + options);
  }
}

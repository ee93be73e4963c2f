package org.semlux.plugin;

import static org.elasticsearch.test.hamcrest.ElasticsearchAssertions.assertResponse;
import static org.semlux.plugin.ClusterSearches.ids;
import static org.semlux.plugin.ClusterSearches.request;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.support.WriteRequest;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.search.SearchHit;
import org.semlux.encoders.api.Precision;

/** Documents many of which are alike, ranked again by searches that share the models' batches. */
public class RerankOrderTests extends TwoNodesTestCase {
  private static final Path CROSS =
      Path.of("../tests/src/test/resources/goldens/cross-bert").toAbsolutePath();
  private static final List<Precision> PRECISIONS =
      List.of(Precision.FLOAT32, Precision.BFLOAT16, Precision.INT8);
  private static final List<String> QUERIES =
      List.of("The river rises after three days of rain.", "a dog", "walk by the river and cat");
  private static final String[] WORDS =
      "the dog and cat walk by river in rain after day of".split(" ");
  private static final int TEXTS = 40;
  private static final int DOCUMENTS = 3 * TEXTS;
  private static final int SEARCHES = 200;
  private static final int PAGE = 7;
  private static final int PAGES = Math.ceilDiv(DOCUMENTS, PAGE);

  /** However slow the machine is, none of so many searches is refused. */
  @Override
  protected Settings nodeSettings(int ordinal, Settings otherSettings) {
    return Settings.builder()
        .put(super.nodeSettings(ordinal, otherSettings))
        .put("semlux.queue.max_wait.rerank", "10m")
        .build();
  }

  /** Each text three times. */
  private void index() {
    prepareCreate("docs")
        .setSettings(Settings.builder().put("number_of_shards", 3).put("number_of_replicas", 0))
        .setMapping("text", "type=text")
        .get();
    ensureGreen("docs");
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < TEXTS; i++) {
      String text =
          IntStream.range(0, between(1, 20))
              .mapToObj(word -> randomFrom(WORDS))
              .collect(Collectors.joining(" "));
      for (int copy = 0; copy < 3; copy++) {
        bulk.add(client().prepareIndex("docs").setId(i + "-" + copy).setSource("text", text));
      }
    }
    assertFalse(bulk.setRefreshPolicy(WriteRequest.RefreshPolicy.IMMEDIATE).get().hasFailures());
  }

  public void testManySearchesAtOnceFindOneOrder() throws Exception {
    index();
    for (Precision precision : PRECISIONS) {
      new TinyModel(50_000, CROSS, precision).upload(client(), precision.toString());
      ModelCalls.deploy(client(), precision.toString());
      String node = randomFrom(internalCluster().getNodeNames());
      List<List<String>> orders = new ArrayList<>();
      for (String query : QUERIES) {
        List<String> order = ids(node, rerank(precision, query) + ",\"size\":" + DOCUMENTS);
        assertEquals(DOCUMENTS, Set.copyOf(order).size());
        orders.add(order);
      }
      assertPagesAreOf(orders, precision, node);
    }
  }

  /** Pages of the same order hold nothing twice and leave nothing out. */
  private static void assertPagesAreOf(List<List<String>> orders, Precision precision, String node)
      throws Exception {
    List<ActionFuture<SearchResponse>> running = new ArrayList<>();
    for (int i = 0; i < SEARCHES; i++) {
      String page = ",\"size\":%s,\"from\":%s".formatted(PAGE, PAGE * (i % PAGES));
      running.add(
          request(node, rerank(precision, QUERIES.get(i % QUERIES.size())) + page).execute());
    }
    for (int i = 0; i < SEARCHES; i++) {
      int from = PAGE * (i % PAGES);
      List<String> order = orders.get(i % QUERIES.size());
      List<String> expected = order.subList(from, Math.min(DOCUMENTS, from + PAGE));
      assertResponse(
          running.get(i),
          response ->
              assertEquals(
                  precision.toString(),
                  expected,
                  Arrays.stream(response.getHits().getHits()).map(SearchHit::getId).toList()));
    }
  }

  private static String rerank(Precision precision, String query) {
    return """
    {"retriever":{"semlux_rerank":{"retriever":{"standard":{"query":{"match_all":{}}}},
    "model_id":"%s","field":"text","query":"%s","rank_window_size":200}}\
    """
        .formatted(precision, query);
  }
}

package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.rest.RestStatus;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;

/** Texts that are small themselves: of a hundred chunks of a word each, some 20 kB of vectors. */
public class VectorMemoryTests extends SingleNodeTestCase {
  private static final String LIMIT = "indices.breaker.request.limit";

  private void limit(Settings.Builder settings) {
    clusterAdmin()
        .prepareUpdateSettings(TEST_REQUEST_TIMEOUT, TEST_REQUEST_TIMEOUT)
        .setPersistentSettings(settings)
        .get();
  }

  /** Writes documents in one bulk; gives back those that there was no memory for. */
  private List<String> refused(List<String> ids) {
    BulkRequestBuilder bulk = client().prepareBulk();
    for (String id : ids) {
      bulk.add(client().prepareIndex("notes").setId(id).setSource("body", "rain ".repeat(100)));
    }
    List<String> refused = new ArrayList<>();
    for (BulkItemResponse item : bulk.get().getItems()) {
      if (item.isFailed()) {
        assertEquals(RestStatus.TOO_MANY_REQUESTS, item.status());
        assertThat(item.getFailureMessage(), containsString("[vectors of [notes][0]]"));
        refused.add(item.getId());
      }
    }
    return refused;
  }

  public void testDocumentsThatThereIsNoMemoryForAreRefused() throws Exception {
    new TinyModel(20_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    indicesAdmin()
        .prepareCreate("notes")
        .setMapping(
            """
            {"properties":{"body":{"type":"semlux_text","model_id":"tiny",
              "chunking":{"strategy":"words","size":1,"overlap":0}}}}""")
        .get();
    List<String> all = IntStream.range(0, 10).mapToObj(String::valueOf).toList();
    CircuitBreaker breaker =
        getInstanceFromNode(CircuitBreakerService.class).getBreaker(CircuitBreaker.REQUEST);
    limit(Settings.builder().put(LIMIT, "100kb"));
    try {
      List<String> left = refused(all);
      assertThat(left.size(), greaterThan(0));
      assertThat(left.size(), lessThan(all.size()));
      assertEquals("nothing is held any more", 0, breaker.getUsed());
      while (!left.isEmpty()) {
        List<String> still = refused(left);
        assertThat(still.size(), lessThan(left.size()));
        left = still;
      }
    } finally {
      limit(Settings.builder().putNull(LIMIT));
    }
    for (String id : all) {
      assertTrue(id, client().prepareGet("notes", id).get().isExists());
    }
  }
}

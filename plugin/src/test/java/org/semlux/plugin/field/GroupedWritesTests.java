package org.semlux.plugin.field;

import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.action.DocWriteRequest;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.bulk.TransportBulkAction;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.cluster.coordination.Coordinator;
import org.elasticsearch.common.bytes.BytesReference;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.transport.MockTransportService;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.TwoNodesTestCase;

/** All that a bulk does to a document of which it updates a text: one after the other. */
public class GroupedWritesTests extends TwoNodesTestCase {
  private static final String TEXTS =
      """
      {"dynamic_templates":[{"texts":{"match":"*_text","mapping":
        {"type":"semlux_text","model_id":"tiny"}}}]}""";

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  private String create() throws Exception {
    String master = internalCluster().getMasterName();
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    prepareCreate("notes")
        .setSettings(
            Settings.builder()
                .put("number_of_shards", 1)
                .put("number_of_replicas", 0)
                .put("index.routing.allocation.require._name", master))
        .setMapping(TEXTS)
        .get();
    prepareIndex("notes").setId("0").setSource("known_text", "rain").get();
    return Arrays.stream(internalCluster().getNodeNames())
        .filter(name -> !name.equals(master))
        .findFirst()
        .orElseThrow();
  }

  private static BulkRequest grouped(String field) {
    BulkRequest bulk = new BulkRequest();
    for (int i = 0; i < 4; i++) {
      bulk.add(new IndexRequest("notes").id("1").source(Map.of(field, "rain " + i)));
    }
    return bulk.add(new UpdateRequest("notes", "1").doc("known_text", "wind"))
        .add(
            new UpdateRequest("notes", "2").doc("known_text", "wind").upsert(Map.of(field, "sun")));
  }

  /** Where the mapping is not heard of, each of them would wait as long as the bulk may take. */
  public void testTheyShareTheTimeOfTheirBulk() throws Exception {
    String other = create();
    MockTransportService deaf = MockTransportService.getInstance(other);
    deaf.addRequestHandlingBehavior(
        Coordinator.COMMIT_STATE_ACTION_NAME,
        (handler, request, channel, task) ->
            channel.sendResponse(new ElasticsearchException("this state is not heard of")));
    try {
      long begin = System.nanoTime();
      BulkItemResponse[] items =
          internalCluster()
              .client(other)
              .execute(
                  TransportBulkAction.TYPE,
                  grouped("late_text").timeout(TimeValue.timeValueSeconds(6)))
              .get(1, TimeUnit.MINUTES)
              .getItems();
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
      assertEquals(RestStatus.TOO_MANY_REQUESTS, items[0].status());
      assertThat(seconds, lessThan(18L)); // each for itself: five times six
    } finally {
      deaf.clearAllRules();
    }
  }

  /** Each was counted while it was written; what has its answer takes no memory any more. */
  public void testTheirVectorsDoNotStayInMemory() throws Exception {
    create();
    String master = internalCluster().getMasterName(); // what is written there is not copied
    BulkRequest bulk = grouped("known_text");
    IdentityHashMap<IndexRequest, BytesReference> sent = new IdentityHashMap<>();
    for (DocWriteRequest<?> item : bulk.requests()) {
      switch (item) {
        case IndexRequest document -> sent.put(document, document.source());
        case UpdateRequest update -> {
          sent.put(update.doc(), update.doc().source());
          if (update.upsertRequest() != null) {
            sent.put(update.upsertRequest(), update.upsertRequest().source());
          }
        }
        default -> fail("a bulk that writes");
      }
    }
    BulkItemResponse[] items =
        internalCluster().client(master).execute(TransportBulkAction.TYPE, bulk).get().getItems();
    for (BulkItemResponse item : items) {
      assertFalse(item.getFailureMessage(), item.isFailed());
    }
    sent.forEach((document, source) -> assertEquals(source, document.source()));
  }

  /** They are refused on the thread that asks: each below the one before would take its stack. */
  public void testManyThatAreRefusedAtOnceAreAnswered() throws Exception {
    create();
    updateIndexSettings(Settings.builder().put("index.blocks.write", true), "notes");
    BulkRequest bulk = new BulkRequest();
    for (int i = 0; i < 2000; i++) {
      bulk.add(new UpdateRequest("notes", "0").doc("known_text", "wind " + i));
    }
    BulkItemResponse[] items =
        client().execute(TransportBulkAction.TYPE, bulk).get(1, TimeUnit.MINUTES).getItems();
    assertEquals(2000, items.length);
    for (BulkItemResponse item : items) {
      assertEquals(item.getFailureMessage(), RestStatus.FORBIDDEN, item.status());
    }
    updateIndexSettings(Settings.builder().put("index.blocks.write", false), "notes");
  }

  /** Vectors take time: a new field would be refused behind them, which no client tries again. */
  public void testNewFieldsAreMappedWhenTheTimeIsOver() throws Exception {
    create();
    BulkRequest bulk = new BulkRequest();
    for (int i = 0; i < 4; i++) {
      bulk.add(new IndexRequest("notes").id("1").source("known_text", "rain " + i, "new" + i, i))
          .add(new UpdateRequest("notes", "1").doc("known_text", "wind " + i, "late" + i, i));
    }
    BulkItemResponse[] items =
        client()
            .execute(TransportBulkAction.TYPE, bulk.timeout(TimeValue.timeValueMillis(1)))
            .get(1, TimeUnit.MINUTES)
            .getItems();
    for (BulkItemResponse item : items) {
      assertFalse(item.getFailureMessage(), item.isFailed());
    }
  }
}

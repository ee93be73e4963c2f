package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.ingest.IngestPipelineTestUtils;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;

/** Long texts are cut by few threads, before which not all that comes may wait. */
public class ChunkPoolTests extends SingleNodeTestCase {
  private static final String LONG = "rain ".repeat(1_000);

  @Override
  protected Settings nodeSettings() {
    return Settings.builder()
        .put(super.nodeSettings())
        .put("thread_pool.semlux_chunk.size", 1)
        .put("thread_pool.semlux_chunk.queue_size", 4)
        .build();
  }

  private ThreadPoolExecutor pool() {
    return (ThreadPoolExecutor) getInstanceFromNode(ThreadPool.class).executor(Chunker.POOL);
  }

  private BulkRequestBuilder bulk(String index, String text) {
    BulkRequestBuilder bulk = client().prepareBulk();
    for (int i = 0; i < 20; i++) {
      bulk.add(client().prepareIndex(index).setId("" + i).setSource("body", text));
    }
    return bulk;
  }

  private void create() throws Exception {
    new TinyModel(20_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    indicesAdmin()
        .prepareCreate("notes")
        .setSettings(Settings.builder().put("number_of_shards", 3))
        .setMapping("{\"properties\":{\"body\":{\"type\":\"semlux_text\",\"model_id\":\"tiny\"}}}")
        .get();
    IngestPipelineTestUtils.putJsonPipeline(
        client(),
        "encoded",
        """
        {"processors":[{"semlux":{"model_id":"tiny","chunking":{"strategy":"tokens"},
          "input_output":[{"input_field":"body","output_field":"passages"}]}}]}""");
    indicesAdmin()
        .prepareCreate("piped")
        .setSettings(Settings.builder().put("index.default_pipeline", "encoded"))
        .get();
  }

  public void testTheShardsOfABulkNeedNotMoreThanOneThread() throws Exception {
    create();
    for (String index : List.of("notes", "piped")) {
      long before = pool().getTaskCount();
      BulkResponse response = bulk(index, LONG).get();
      assertFalse(response.buildFailureMessage(), response.hasFailures());
      assertThat(index, pool().getTaskCount(), greaterThan(before));
    }
  }

  public void testWhatFindsTheQueueFullIsRefused() throws Exception {
    create();
    CountDownLatch go = new CountDownLatch(1);
    for (int i = 0; i < 5; i++) {
      pool().execute(() -> awaitSafely(go));
    }
    try {
      for (String index : List.of("notes", "piped")) {
        BulkResponse refused = bulk(index, LONG).get();
        for (BulkItemResponse item : refused.getItems()) {
          assertEquals(index, RestStatus.TOO_MANY_REQUESTS, item.status());
          assertThat(item.getFailureMessage(), containsString("semlux_chunk, queue capacity = 4"));
          assertThat(item.getFailureMessage(), containsString("try again in 1 s"));
        }
        assertFalse("short ones are not cut", bulk(index, "rain").get().hasFailures());
      }
      Exception one =
          expectThrows(
              Exception.class, () -> client().prepareIndex("notes").setSource("body", LONG).get());
      assertEquals(RestStatus.TOO_MANY_REQUESTS, ExceptionsHelper.status(one));
    } finally {
      go.countDown();
    }
    assertBusy(() -> assertEquals(0, pool().getQueue().size()));
    assertFalse(bulk("notes", LONG).get().hasFailures());
  }

  private static void awaitSafely(CountDownLatch go) {
    try {
      go.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

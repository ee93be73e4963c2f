package org.semlux.plugin.field;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.not;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.bulk.BulkItemRequest;
import org.elasticsearch.action.bulk.BulkItemResponse;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.bulk.BulkResponse;
import org.elasticsearch.action.bulk.BulkShardRequest;
import org.elasticsearch.action.bulk.BulkShardResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.cluster.routing.SplitShardCountSummary;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.breaker.NoopCircuitBreaker;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.shard.ShardId;
import org.elasticsearch.ingest.IngestPipelineTestUtils;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.chunk.Chunker;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;
import org.semlux.plugin.model.ClusterModels;

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
    ActionFuture<BulkResponse> waiting;
    try {
      BulkResponse refused = bulk("notes", LONG).get();
      for (BulkItemResponse item : refused.getItems()) {
        assertEquals(RestStatus.TOO_MANY_REQUESTS, item.status());
        assertThat(item.getFailureMessage(), containsString("semlux_chunk, queue capacity = 4"));
        assertThat(item.getFailureMessage(), containsString("try again in 1 s"));
      }
      waiting = bulk("piped", LONG).execute();
      assertBusy(() -> assertEquals("one a thread, beyond the bound", 5, pool().getQueue().size()));
      for (String index : List.of("notes", "piped")) {
        assertFalse("short ones are not cut", bulk(index, "rain").get().hasFailures());
      }
      assertFalse(waiting.isDone());
      Exception one =
          expectThrows(
              Exception.class, () -> client().prepareIndex("notes").setSource("body", LONG).get());
      assertEquals(RestStatus.TOO_MANY_REQUESTS, ExceptionsHelper.status(one));
    } finally {
      go.countDown();
    }
    BulkResponse written = waiting.get();
    assertFalse(written.buildFailureMessage(), written.hasFailures());
    assertBusy(() -> assertEquals(0, pool().getQueue().size()));
    assertFalse(bulk("notes", LONG).get().hasFailures());
  }

  /** The node's models, which are not known at once, and by which threads they are asked for. */
  private EncoderSource later(CompletableFuture<Void> known, List<String> threads) {
    ClusterModels models = getInstanceFromNode(ClusterModels.class);
    return new EncoderSource() {
      @Override
      public Encoder encoder(String modelId) {
        return models.encoder(modelId);
      }

      @Override
      public CompletableFuture<Void> ready(String modelId) {
        return known.copy();
      }

      @Override
      public DeployedModel model(String modelId) {
        threads.add(Thread.currentThread().getName());
        return models.model(modelId);
      }

      @Override
      public String id(String idOrAlias) {
        return models.id(idOrAlias);
      }

      @Override
      public String version(String modelId) {
        return models.version(modelId);
      }
    };
  }

  public void testWhoWaitsForAModelIsCutByThePoolToo() throws Exception {
    create();
    CompletableFuture<Void> known = new CompletableFuture<>();
    List<String> threads = new CopyOnWriteArrayList<>();
    ThreadPool pools = getInstanceFromNode(ThreadPool.class);
    IndexFields indices = new IndexFields(() -> getInstanceFromNode(ClusterService.class).state());
    ShardId shard = new ShardId(resolveIndex("notes"), 0);
    IndexRequest document = new IndexRequest("notes").id("1").source("body", LONG);
    BulkItemRequest item = new BulkItemRequest(0, document);
    PlainActionFuture<BulkShardResponse> written = new PlainActionFuture<>();

    ShardWrite.start(
        new BulkShardRequest(
            shard, SplitShardCountSummary.UNSET, RefreshPolicy.NONE, new BulkItemRequest[] {item}),
        indices.of(shard.getIndex()).values(),
        new TextEncoding(later(known, threads), pools.getThreadContext()),
        new VectorMappings(client(), indices),
        new VectorMemory(new NoopCircuitBreaker("test"), shard),
        client(),
        (rest, l) -> l.onResponse(new BulkShardResponse(shard, new BulkItemResponse[0])),
        written);
    pool().submit(() -> {}).get(); // what came before is over
    pools.generic().execute(() -> known.complete(null));
    written.get();

    assertTrue(EncodedSource.mentions(document.source(), StoredChunksMapper.NAME));
    assertThat(threads, not(empty()));
    assertThat(threads, everyItem(containsString("[semlux_chunk]")));
  }

  private static void awaitSafely(CountDownLatch go) {
    try {
      go.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

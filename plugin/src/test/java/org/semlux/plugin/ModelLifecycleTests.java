package org.semlux.plugin;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.encode;
import static org.semlux.plugin.ModelCalls.get;
import static org.semlux.plugin.ModelCalls.request;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.cluster.snapshots.features.ResetFeatureStateRequest;
import org.elasticsearch.action.admin.cluster.snapshots.features.TransportResetFeatureStateAction;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ConcurrentCollections;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.env.NodeEnvironment;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.elasticsearch.threadpool.ThreadPool;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.batch.InTurn;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.program.Torch;
import org.semlux.ingest.chunk.Chunk;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.DeleteModelAction;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.GetModelsAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.ModelStats;
import org.semlux.plugin.action.PutPartAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.action.UndeployModelAction;
import org.semlux.plugin.action.UpdateAliasAction;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.model.EncoderLoader;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStatus;
import org.semlux.plugin.model.NodeModels;
import org.semlux.plugin.model.PartSet;
import org.semlux.plugin.model.SemluxMetadata;

/** A model's life on one node, with the real PyTorch. */
public class ModelLifecycleTests extends ESSingleNodeTestCase {
  private static final int PART_SIZE = 10_000;

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class);
  }

  @Override
  protected Settings nodeSettings() {
    return Settings.builder().put("semlux.queue.size", "100kb").build();
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  public void testFromUploadToDelete() throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    int parts = model.manifest().parts();
    model.putManifest(client(), "tiny");
    assertEquals(ModelState.UPLOADING, get(client(), "tiny").state());
    for (int part = parts - 1; part > 0; part--) {
      model.putPart(client(), "tiny", part);
    }
    assertEquals(PartSet.all(1), get(client(), "tiny").received().missingOf(parts));
    model.putPart(client(), "tiny", 0);
    model.putPart(client(), "tiny", 0);
    assertEquals(ModelState.UPLOADED, get(client(), "tiny").state());

    deploy(client(), "tiny");
    ModelStatus deployed = get(client(), "tiny");
    assertEquals(ModelState.DEPLOYED, deployed.state());
    assertEquals(PartSet.all(parts), deployed.received());
    assertEquals(
        32, deployed.nodes().values().iterator().next().shape().orElseThrow().dimensions());
    assertGolden(client(), "tiny");
    deploy(client(), "tiny");

    undeploy(client(), "tiny");
    assertEquals(ModelState.UPLOADED, get(client(), "tiny").state());
    assertFails(RestStatus.CONFLICT, () -> encode(client(), "tiny", List.of("x")), "_deploy");
    deploy(client(), "tiny");
    assertGolden(client(), "tiny");

    delete(client(), "tiny");
    assertFails(RestStatus.NOT_FOUND, () -> get(client(), "tiny"), "[tiny]");
    assertBusy(() -> assertEquals(List.of(), copies()));
  }

  public void testModelInUseIsKept() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    client()
        .execute(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, "live", Optional.of("tiny")))
        .actionGet();
    putJsonPipeline(
        "nested",
        """
        {"processors": [{"semlux": {
          "model_id": "other",
          "input_output": [{"input_field": "a", "output_field": "b"}],
          "on_failure": [{"semlux": {
            "model_id": "live",
            "input_output": [{"input_field": "a", "output_field": "b"}]}}]}}]}""");
    for (ThrowingRunnable call :
        List.<ThrowingRunnable>of(
            () -> undeploy(client(), "tiny"), () -> delete(client(), "tiny"))) {
      assertFails(
          RestStatus.CONFLICT,
          call,
          "model [tiny] is in use by the aliases [live] and the pipelines [nested]");
    }
    assertGolden(client(), "live");
    client()
        .execute(UndeployModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny", true))
        .actionGet();
    assertFails(RestStatus.CONFLICT, () -> encode(client(), "live", List.of("x")), "_deploy");
    client()
        .execute(DeleteModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny", true))
        .actionGet();
    assertFails(RestStatus.NOT_FOUND, () -> get(client(), "live"), "[live]");
    var project =
        getInstanceFromNode(ClusterService.class)
            .state()
            .metadata()
            .getProject(Metadata.DEFAULT_PROJECT_ID);
    assertNull("nothing is left in the cluster's state", project.custom(SemluxMetadata.TYPE));
    deletePipeline("nested");
  }

  /** Between being cut and being encoded nothing of a document waits in the model's queue. */
  public void testADocumentIsCutAndEncodedByAModelThatIsDeletedMeanwhile() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    DeployedModel model = getInstanceFromNode(ClusterModels.class).model("tiny");
    List<String> document = List.of("The river rises after three days of rain. ".repeat(40_000));
    Chunking chunking = new Chunking(Chunking.Strategy.TOKENS, 1_000, 0, 10_000);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch deleted = new CountDownLatch(1);
    var encoded =
        CompletableFuture.supplyAsync(
            () ->
                model
                    .<List<? extends Encoding>>ask(
                        asked ->
                            InTurn.of(
                                asked.cut(document, InputType.DOCUMENT, chunking),
                                cut -> {
                                  begun.countDown();
                                  safeAwait(deleted, TIME);
                                  return asked.encode(first(document, cut));
                                }))
                    .join(),
            task -> new Thread(task).start());
    safeAwait(begun, TIME);
    delete(client(), "tiny");
    deleted.countDown();
    assertEquals(1, encoded.get(60, SECONDS).size());
    assertBusy(() -> assertEquals(0, Torch.openHandles()));
  }

  private static EncodeRequest first(List<String> texts, List<List<Chunk>> cut) {
    return EncodeRequest.of(List.of(cut.get(0).get(0).of(texts.get(0))));
  }

  /** A file lies where the copies should: as with a full disk, nothing can be written. */
  public void testDiskThatComesBack() throws Exception {
    Path data = getInstanceFromNode(NodeEnvironment.class).nodeDataPaths()[0].resolve("semlux");
    Files.writeString(data, "in the way");
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    assertFails(
        RestStatus.BAD_REQUEST, () -> deploy(client(), "tiny"), "Not a directory", "tried again");
    assertFails(
        RestStatus.SERVICE_UNAVAILABLE,
        () -> encode(client(), "tiny", List.of("x")),
        "tried again");
    Files.delete(data);
    assertBusy(
        () -> assertEquals(ModelState.DEPLOYED, get(client(), "tiny").state()), 130, SECONDS);
    assertGolden(client(), "tiny");
    assertTrue(copies().stream().noneMatch(copy -> copy.toString().endsWith(".partial")));
  }

  public void testModelThatDoesNotFitIsRefusedUntilThereIsRoom() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    new TinyModel(PART_SIZE).upload(client(), "other");
    deploy(client(), "tiny");
    StatsAction.NodeResponse node = nodeStats();
    long one = node.models().get("tiny").reserved();
    assertTrue("with room for batches", node.reserved() > one);
    assertTrue("its weights and more", one > node.models().get("tiny").bytes());
    try {
      setting("semlux.memory.limit", (node.reserved() + 100) + "b");
      assertFails(
          RestStatus.BAD_REQUEST,
          () -> deploy(client(), "other"),
          "it needs ",
          "of memory outside of the heap, 100b of ",
          "undeploy other models, or raise semlux.memory.limit",
          "tried again");
      assertEquals(ModelState.FAILED, get(client(), "other").state());
      assertFails(
          RestStatus.SERVICE_UNAVAILABLE,
          () -> encode(client(), "other", List.of("x")),
          "it needs ");
      assertGolden(client(), "tiny");
      undeploy(client(), "tiny"); // what it needed for a moment is more than what it held
      setting("semlux.memory.limit", "1gb");
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, get(client(), "other").state()));
      assertGolden(client(), "other");
      assertBusy(() -> assertEquals(node.reserved(), nodeStats().reserved()));
      undeploy(client(), "other");
      assertBusy(() -> assertEquals(0, nodeStats().reserved()));
    } finally {
      setting("semlux.memory.limit", null);
    }
  }

  /** Its memory comes back when what it was asked before has been answered. */
  public void testDeployWaitsForTheRoomOfAModelThatGoes() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    new TinyModel(PART_SIZE).upload(client(), "other");
    deploy(client(), "tiny");
    StatsAction.NodeResponse node = nodeStats();
    long batches = node.reserved() - node.models().get("tiny").reserved();
    long loading =
        new EncoderLoader(Optional.empty(), EncoderOptions.defaults())
            .need(copies().get(0).resolve("tiny"), new TinyModel(PART_SIZE).manifest().options())
            .whileLoading();
    try {
      setting("semlux.memory.limit", (loading + batches) + "b");
      assertFails(RestStatus.BAD_REQUEST, () -> deploy(client(), "other"), "it needs ");
      undeploy(client(), "other");
      undeploy(client(), "tiny");
      deploy(client(), "other");
      assertGolden(client(), "other");
    } finally {
      setting("semlux.memory.limit", null);
    }
  }

  private void setting(String name, String value) {
    client()
        .admin()
        .cluster()
        .prepareUpdateSettings(TIME, TIME)
        .setPersistentSettings(Settings.builder().put(name, value))
        .get();
  }

  public void testUndeployedModelsLeaveNoNativeMemory() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    undeploy(client(), "tiny");
    NodeModels models = getInstanceFromNode(NodeModels.class);
    assertBusy(() -> assertEquals(Map.of(), models.loaded()));
    long idle = 0;
    assertBusy(() -> assertEquals(idle, Torch.openHandles())); // closing goes on for a moment
    for (int round = 0; round < 3; round++) {
      deploy(client(), "tiny");
      assertGolden(client(), "tiny");
      assertTrue("a loaded model has native memory", Torch.openHandles() > idle);
      undeploy(client(), "tiny");
      assertBusy(() -> assertEquals(idle, Torch.openHandles()));
    }
  }

  public void testResetOfFeaturesForgetsModels() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    long former = get(client(), "tiny").model().generation();
    client()
        .execute(TransportResetFeatureStateAction.TYPE, new ResetFeatureStateRequest(TIME))
        .actionGet();
    assertFails(RestStatus.NOT_FOUND, () -> get(client(), "tiny"), "[tiny]");
    ThreadPool clock = getInstanceFromNode(ThreadPool.class); // of which it is, and which lags
    assertBusy(() -> assertThat(clock.absoluteTimeInMillis(), greaterThan(former)));
    new TinyModel(PART_SIZE).putManifest(client(), "tiny");
    ModelStatus fresh = get(client(), "tiny");
    assertEquals(0, fresh.received().count());
    assertThat(fresh.model().generation(), greaterThan(former));
  }

  private List<Path> copies() throws Exception {
    Path root =
        getInstanceFromNode(NodeEnvironment.class)
            .nodeDataPaths()[0]
            .resolve("semlux")
            .resolve("models");
    try (var copies = Files.list(root)) {
      return copies.toList();
    }
  }

  public void testUnknownModel() {
    List<ThrowingRunnable> calls =
        List.of(
            () -> get(client(), "none"),
            () -> deploy(client(), "none"),
            () -> undeploy(client(), "none"),
            () -> delete(client(), "none"),
            () -> encode(client(), "none", List.of("x")),
            () -> new TinyModel(PART_SIZE).putPart(client(), "none", 0));
    for (ThrowingRunnable call : calls) {
      assertFails(RestStatus.NOT_FOUND, call, "no model [none]");
    }
    var all = new GetModelsAction.Request(Optional.empty());
    assertEquals(List.of(), client().execute(GetModelsAction.TYPE, all).actionGet().models());
  }

  public void testUnfinishedUploadIsNotDeployed() throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    model.putManifest(client(), "tiny");
    int parts = model.manifest().parts();
    assertFails(
        RestStatus.CONFLICT,
        () -> deploy(client(), "tiny"),
        parts + " of " + parts + " parts are missing (0-" + (parts - 1) + ")");
    model.putPart(client(), "tiny", 1);
    assertFails(
        RestStatus.CONFLICT, () -> deploy(client(), "tiny"), "missing (0, 2-" + (parts - 1) + ")");
    assertEquals(ModelState.UPLOADING, get(client(), "tiny").state());
  }

  public void testBadParts() throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    model.putManifest(client(), "tiny");
    byte[] data = model.part(0);
    String hash = TinyModel.sha256(data);
    String other = TinyModel.sha256(model.part(1));
    assertFails(
        RestStatus.BAD_REQUEST, () -> put(0, Optional.of(other), data), "part [0]", hash, other);
    assertFails(RestStatus.BAD_REQUEST, () -> put(99, Optional.empty(), data), "no part [99]");
    assertFails(RestStatus.BAD_REQUEST, () -> put(0, Optional.empty(), new byte[3]), "it has 3");
    assertEquals(0, get(client(), "tiny").received().count());
  }

  private void put(int part, Optional<String> sha256, byte[] data) {
    client()
        .execute(
            PutPartAction.TYPE,
            new PutPartAction.Request("tiny", part, sha256, new BytesArray(data)))
        .actionGet();
  }

  public void testPartsChangedOnTheWayAreFound() throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    model.upload(client(), "tiny");
    byte[] changed = model.part(3);
    changed[7]++;
    put(3, Optional.empty(), changed);
    assertFails(
        RestStatus.BAD_REQUEST,
        () -> deploy(client(), "tiny"),
        "model.safetensors",
        "sha256",
        "upload the model again");
  }

  public void testModelThatCannotBeLoaded() throws Exception {
    new TinyModel(PART_SIZE).withNaN().upload(client(), "tiny");
    assertFails(RestStatus.BAD_REQUEST, () -> deploy(client(), "tiny"), "[tiny]", "NaN");
    ModelStatus failed = get(client(), "tiny");
    assertEquals(ModelState.FAILED, failed.state());
    assertThat(failed.nodes().values().iterator().next().reason(), containsString("NaN"));
    assertFails(
        RestStatus.SERVICE_UNAVAILABLE,
        () -> encode(client(), "tiny", List.of("x")),
        "NaN",
        "POST /_semlux/models/tiny/_deploy tries again");

    TinyModel good = new TinyModel(PART_SIZE);
    assertFails(RestStatus.CONFLICT, () -> good.putManifest(client(), "tiny"), "undeploy");
    undeploy(client(), "tiny");
    good.upload(client(), "tiny");
    deploy(client(), "tiny");
    assertGolden(client(), "tiny");
  }

  public void testModelWithoutTokenizer() throws Exception {
    new TinyModel(PART_SIZE).without("tokenizer.json").upload(client(), "tiny");
    assertFails(RestStatus.BAD_REQUEST, () -> deploy(client(), "tiny"), "[tiny]", "tokenizer.json");
  }

  public void testUploadGoesOnOrBeginsAnew() throws Exception {
    TinyModel model = new TinyModel(PART_SIZE);
    model.putManifest(client(), "tiny");
    model.putPart(client(), "tiny", 2);
    model.putManifest(client(), "tiny");
    assertEquals("the same manifest", 1, get(client(), "tiny").received().count());
    long generation = get(client(), "tiny").model().generation();

    new TinyModel(PART_SIZE + 1).putManifest(client(), "tiny");
    assertEquals("another manifest", 0, get(client(), "tiny").received().count());
    assertThat(get(client(), "tiny").model().generation(), greaterThan(generation));
  }

  public void testDeployTellsThatItGoesOn() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    ModelRequest hasty = new ModelRequest(TIME, TimeValue.ZERO, "tiny");
    assertFails(
        RestStatus.REQUEST_TIMEOUT,
        () -> client().execute(DeployModelAction.TYPE, hasty).actionGet(),
        "goes on in the background");
    deploy(client(), "tiny");
    assertGolden(client(), "tiny");
  }

  /** The master makes both in one change of the cluster's state, so that no node sees the first. */
  @SuppressWarnings("deprecation") // nothing else holds the master up between two changes
  public void testADeploymentThatIsUndoneAtOnceEnds() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    ClusterService clusterService = getInstanceFromNode(ClusterService.class);
    CountDownLatch held = new CountDownLatch(1);
    clusterService.submitUnbatchedStateUpdateTask(
        "hold",
        new ClusterStateUpdateTask() {
          @Override
          public ClusterState execute(ClusterState state) throws Exception {
            assertTrue(held.await(60, SECONDS));
            return state;
          }

          @Override
          public void onFailure(Exception e) {
            throw new AssertionError(e);
          }
        });
    ModelRequest endless = new ModelRequest(TIME, TimeValue.MINUS_ONE, "tiny");
    var deployment = client().execute(DeployModelAction.TYPE, endless);
    awaitPending(clusterService, "deploy model [tiny]");
    var undone = client().execute(UndeployModelAction.TYPE, new ModelRequest(TIME, TIME, "tiny"));
    awaitPending(clusterService, "undeploy model [tiny]");
    held.countDown();
    undone.actionGet(30, SECONDS);
    assertFails(
        RestStatus.CONFLICT, () -> deployment.actionGet(30, SECONDS), "undeployed or replaced");
  }

  private static void awaitPending(ClusterService clusterService, String task) throws Exception {
    assertBusy(
        () ->
            assertTrue(
                clusterService.getMasterService().pendingTasks().stream()
                    .anyMatch(pending -> pending.getSource().string().startsWith(task))));
  }

  public void testDeployMayWaitWithoutEnd() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    TimeValue endless = TimeValue.MINUS_ONE;
    client()
        .execute(DeployModelAction.TYPE, new ModelRequest(endless, endless, "tiny"))
        .actionGet();
    assertGolden(client(), "tiny");
  }

  public void testFullQueue() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    List<String> tooMuch = Collections.nCopies(100, "y".repeat(1_000));
    assertFails(
        RestStatus.TOO_MANY_REQUESTS, () -> encode(client(), "tiny", tooMuch), "[tiny]", "full");
    ElasticsearchException refused =
        expectThrows(ElasticsearchException.class, () -> encode(client(), "tiny", tooMuch));
    assertEquals(List.of("1"), refused.getBodyHeader("Retry-After"));
    assertEquals(1, encode(client(), "tiny", List.of("x")).size());
    ModelStats stats = stats().get("tiny");
    assertEquals(2, stats.stats().rejected());
    assertEquals(1, stats.stats().texts());
    assertEquals(0, stats.stats().queuedTexts());
  }

  private Map<String, ModelStats> stats() {
    return nodeStats().models();
  }

  private StatsAction.NodeResponse nodeStats() {
    return client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes().get(0);
  }

  public void testUnknownPromptIsTheCallersFault() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    var asked =
        new EncodeAction.Request("tiny", List.of("x"), Optional.empty(), Optional.of("none"));
    assertFails(
        RestStatus.BAD_REQUEST,
        () -> client().execute(EncodeAction.TYPE, asked).actionGet(),
        "none");
  }

  /** Callers whose texts are encoded in one batch each go on as themselves. */
  public void testAnswersKeepTheirCallersContext() throws Exception {
    new TinyModel(PART_SIZE).upload(client(), "tiny");
    deploy(client(), "tiny");
    ThreadContext context = client().threadPool().getThreadContext();
    int callers = 40;
    Map<Integer, String> seen = ConcurrentCollections.newConcurrentMap();
    Map<Integer, String> threads = ConcurrentCollections.newConcurrentMap();
    CountDownLatch answers = new CountDownLatch(callers);
    CountDownLatch all = holdEncoding();
    for (int i = 0; i < callers; i++) {
      int caller = i;
      ThreadContext.StoredContext before = context.stashContext();
      try {
        context.putHeader("user", "user-" + caller);
        client()
            .execute(
                EncodeAction.TYPE,
                request("tiny", List.of("text " + caller)),
                ActionListener.releaseAfter(
                    ActionListener.wrap(
                        response -> {
                          seen.put(caller, context.getHeader("user"));
                          threads.put(caller, Thread.currentThread().getName());
                        },
                        e -> seen.put(caller, e.toString())),
                    answers::countDown));
      } finally {
        before.restore();
      }
    }
    all.countDown();
    assertTrue(answers.await(60, TimeUnit.SECONDS));
    for (int i = 0; i < callers; i++) {
      assertEquals("user-" + i, seen.get(i));
      assertFalse(threads.get(i), threads.get(i).contains(EncodePool.NAME));
    }
    assertTrue("some shared a batch", stats().get("tiny").stats().batches() < callers);
  }

  /** Keeps all threads from encoding until it is counted down. */
  private CountDownLatch holdEncoding() throws Exception {
    ThreadPool threads = getInstanceFromNode(ThreadPool.class);
    int count = threads.info(EncodePool.NAME).getMax();
    CountDownLatch held = new CountDownLatch(count);
    CountDownLatch end = new CountDownLatch(1);
    for (int i = 0; i < count; i++) {
      threads
          .executor(EncodePool.NAME)
          .execute(
              () -> {
                held.countDown();
                safeAwait(end, TIME);
              });
    }
    safeAwait(held, TIME);
    return end;
  }

  private static void assertFails(RestStatus status, ThrowingRunnable call, String... named) {
    Throwable e = ExceptionsHelper.unwrapCause(expectThrows(Exception.class, call));
    assertEquals(e.toString(), status, ExceptionsHelper.status(e));
    for (String name : named) {
      assertThat(e.getMessage(), containsString(name));
    }
  }
}

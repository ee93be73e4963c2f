package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.admin.indices.settings.put.UpdateSettingsRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.env.NodeEnvironment;
import org.elasticsearch.ingest.IngestService;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.InternalTestCluster;
import org.elasticsearch.test.MockLog;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.NodeModels;

/** Models across nodes that come, go and come back, with the real PyTorch. */
public class ModelClusterTests extends TwoNodesTestCase {
  public void testEveryNodeLoadsAndAnswers() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    assertEquals(2, get(client(), "tiny").nodes().size());
    for (Client each : internalCluster().getClients()) {
      assertGolden(each, "tiny");
    }
    var stats = client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet();
    int texts = TinyModel.Expected.read().texts().size();
    assertEquals(2, stats.getNodes().size());
    for (StatsAction.NodeResponse node : stats.getNodes()) {
      assertEquals(texts, node.models().get("tiny").stats().texts());
    }
    undeploy(client(), "tiny");
    for (NodeModels models : internalCluster().getInstances(NodeModels.class)) {
      assertBusy(() -> assertTrue(models.loaded().isEmpty()));
    }
    delete(client(), "tiny");
  }

  public void testNodesCatchUpAfterARestart() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    internalCluster().fullRestart();
    ensureGreen();
    awaitDeployed(2);
    for (Client each : internalCluster().getClients()) {
      assertGolden(each, "tiny");
    }
    delete(client(), "tiny");
  }

  private interface Damage {
    void to(Path file) throws Exception;
  }

  public void testBadCopiesAreFetchedAnew() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    String node = internalCluster().getNodeNames()[0];
    for (Damage damage :
        List.<Damage>of(
            ModelClusterTests::flip,
            ModelClusterTests::cut,
            Files::delete,
            ModelClusterTests::replaceByFolder)) {
      String file = randomFrom("model.safetensors", "config.json", "tokenizer.json");
      Path damaged = copyOn(node).resolve(file);
      byte[] before = Files.readAllBytes(damaged);
      try (MockLog log = MockLog.capture("org.semlux.plugin.model.ModelCopies")) {
        log.addExpectation(
            new MockLog.SeenEventExpectation(
                file,
                "org.semlux.plugin.model.ModelCopies",
                Level.WARN,
                "the copy of model [tiny] in "
                    + damaged.getParent()
                    + " has gone bad and is fetched anew: *"
                    + file
                    + "*"));
        internalCluster()
            .restartNode(
                node,
                new InternalTestCluster.RestartCallback() {
                  @Override
                  public Settings onNodeStopped(String name) throws Exception {
                    damage.to(damaged);
                    return Settings.EMPTY;
                  }
                });
        awaitDeployed(2);
        log.assertAllExpectationsMatched();
      }
      assertArrayEquals(file, before, Files.readAllBytes(damaged));
      assertEquals(
          "loaded there",
          Set.of("tiny"),
          internalCluster().getInstance(NodeModels.class, node).loaded().keySet());
      assertGolden(internalCluster().client(node), "tiny");
    }
    delete(client(), "tiny");
  }

  private static void flip(Path file) throws Exception {
    byte[] data = Files.readAllBytes(file);
    data[data.length / 2]++;
    Files.write(file, data);
  }

  private static void cut(Path file) throws Exception {
    byte[] data = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(data, data.length - 1));
  }

  private static void replaceByFolder(Path file) throws Exception {
    Files.delete(file);
    Files.createDirectory(file);
  }

  private static Path copyOn(String node) throws Exception {
    Path root =
        internalCluster()
            .getInstance(NodeEnvironment.class, node)
            .nodeDataPaths()[0]
            .resolve("semlux")
            .resolve("models");
    try (var uploads = Files.list(root)) {
      return uploads.findFirst().orElseThrow().resolve("tiny");
    }
  }

  public void testNodeThatJoinsLoadsWhatIsDeployed() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    String joined = internalCluster().startNode();
    awaitDeployed(3);
    assertGolden(internalCluster().client(joined), "tiny");
    delete(client(), "tiny");
  }

  /** Others answer for it; where there are none it says why. */
  public void testNodeThatTakesNoPart() throws Exception {
    String disabled =
        internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false).build());
    new TinyModel(50_000).upload(internalCluster().client(disabled), "tiny");
    deploy(internalCluster().client(disabled), "tiny");
    assertEquals(2, get(internalCluster().client(disabled), "tiny").nodes().size());
    assertGolden(internalCluster().client(disabled), "tiny");
    undeploy(client(), "tiny");
    var e =
        expectThrows(
            ElasticsearchStatusException.class,
            () -> assertGolden(internalCluster().client(disabled), "tiny"));
    assertEquals(RestStatus.CONFLICT, e.status());
    assertThat(e.getMessage(), containsString("model [tiny] is not deployed"));
    delete(client(), "tiny");
  }

  /** Others answer for it, once somebody has said that they may. */
  public void testANodeThatCannotLoadForbidsNoAlias() throws Exception {
    String small =
        internalCluster().startNode(Settings.builder().put("semlux.memory.limit", "1kb").build());
    new TinyModel(50_000).upload(client(), "tiny");
    assertFails(
        RestStatus.BAD_REQUEST,
        () -> deploy(client(), "tiny"),
        "could not be loaded on node [" + small + "] (failed: it needs ",
        "; the other nodes answer for these: PUT /_semlux/aliases/<alias>?force=true");
    assertFails(
        RestStatus.CONFLICT,
        () -> alias(client(), "live", "tiny", false),
        "1 of 3 nodes have not loaded model [tiny]: node [" + small + "] (failed: it needs ",
        "force=true to have the others answer");
    alias(client(), "live", "tiny", true);
    assertGolden(internalCluster().client(small), "live");

    setReadBlock(true); // so that one more is not done with loading
    String joined = internalCluster().startNode();
    TimeValue timeout = TimeValue.timeValueSeconds(2);
    assertFails(
        RestStatus.REQUEST_TIMEOUT,
        () ->
            client()
                .execute(DeployModelAction.TYPE, new ModelRequest(timeout, timeout, "tiny"))
                .actionGet(),
        "2 of 4 nodes did not load it within 2s: ",
        "node [" + small + "] (failed: it needs ",
        "node [" + joined + "] (deploying");
    setReadBlock(false);

    new TinyModel(50_000).withNaN().upload(client(), "bad");
    assertFails(RestStatus.BAD_REQUEST, () -> deploy(client(), "bad"), "NaN");
    assertFails(
        RestStatus.CONFLICT,
        () -> alias(client(), "live", "bad", true),
        "no node has loaded model [bad]");
  }

  private static void assertFails(RestStatus status, ThrowingRunnable call, String... named) {
    Throwable e = ExceptionsHelper.unwrapCause(expectThrows(Exception.class, call));
    assertEquals(e.toString(), status, ExceptionsHelper.status(e));
    for (String name : named) {
      assertThat(e.getMessage(), containsString(name));
    }
  }

  /** A store that cannot be read holds a model up, and no longer than that. */
  public void testStoreThatFailsIsAskedAgain() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    setReadBlock(true);
    String joined = internalCluster().startNode();
    String id = internalCluster().clusterService(joined).localNode().getId();
    assertBusy(
        () ->
            assertThat(
                get(client(), "tiny").nodes().get(id).reason(), containsString("tried again")),
        30,
        TimeUnit.SECONDS);
    assertEquals(ModelState.DEPLOYING, get(client(), "tiny").state());
    assertGolden(internalCluster().client(joined), "tiny"); // by others
    assertFails(
        RestStatus.CONFLICT,
        () -> alias(client(), "live", "tiny", false),
        "1 of 3 nodes have not loaded model [tiny]: node [" + joined + "] (deploying");
    alias(client(), "live", "tiny", true);
    setReadBlock(false);
    awaitDeployed(3);
    assertGolden(internalCluster().client(joined), "live");
    alias(client(), "live", "tiny", false);
  }

  private static void setReadBlock(boolean blocked) {
    Settings settings = Settings.builder().put("index.blocks.read", blocked).build();
    client()
        .admin()
        .indices()
        .updateSettings(
            new UpdateSettingsRequest(settings, ".semlux-models-1")
                .origin(IngestService.INGEST_ORIGIN))
        .actionGet();
  }

  private void awaitDeployed(int nodes) throws Exception {
    assertBusy(
        () -> {
          assertEquals(ModelState.DEPLOYED, get(client(), "tiny").state());
          assertEquals(nodes, get(client(), "tiny").nodes().size());
        },
        60,
        TimeUnit.SECONDS);
  }
}

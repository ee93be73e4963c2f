package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.action.admin.cluster.snapshots.features.ResetFeatureStateRequest;
import org.elasticsearch.action.admin.cluster.snapshots.features.TransportResetFeatureStateAction;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.snapshots.SnapshotState;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.XContentParser.Token;
import org.elasticsearch.xcontent.XContentParserConfiguration;
import org.elasticsearch.xcontent.XContentType;
import org.semlux.plugin.action.UpdateAliasAction;
import org.semlux.plugin.model.ModelDefinition;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.PartSet;
import org.semlux.plugin.model.SemluxMetadata;

/** Models in snapshots, with the real PyTorch: where the parts are, the models are. */
public class SnapshotTests extends TwoNodesTestCase {
  private static final String INDEX = ".semlux-models-1";

  private void prepare() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    new TinyModel(50_000).upload(client(), "waiting");
    alias(Optional.of("tiny"));
    clusterAdmin()
        .preparePutRepository(TIME, TIME, "backup")
        .setType("fs")
        .setSettings(Settings.builder().put("location", randomRepoPath()))
        .get();
    awaitCopy();
  }

  /** It is written behind the answers. */
  private static void awaitCopy() throws Exception {
    assertBusy(() -> assertEquals(metadata(), copy()));
  }

  private static void alias(Optional<String> model) {
    client()
        .execute(UpdateAliasAction.TYPE, new UpdateAliasAction.Request(TIME, TIME, "live", model))
        .actionGet();
  }

  private static void snapshot(String name, boolean global) {
    var answer =
        clusterAdmin()
            .prepareCreateSnapshot(TIME, "backup", name)
            .setIncludeGlobalState(global)
            .setFeatureStates("semlux")
            .setWaitForCompletion(true)
            .get();
    assertEquals(SnapshotState.SUCCESS, answer.getSnapshotInfo().state());
  }

  private static void restore(String name, boolean global) {
    var answer =
        clusterAdmin()
            .prepareRestoreSnapshot(TIME, "backup", name)
            .setIndices("-*")
            .setRestoreGlobalState(global)
            .setFeatureStates("semlux")
            .setWaitForCompletion(true)
            .get();
    assertEquals(0, answer.getRestoreInfo().failedShards());
  }

  private static void awaitRestored() throws Exception {
    assertBusy(
        () -> {
          // Any of the nodes may be asked, and a restore waits for none of them.
          for (ClusterService node : internalCluster().getInstances(ClusterService.class)) {
            Set<String> known = SemluxMetadata.of(node.state()).models().keySet();
            assertTrue(known.containsAll(Set.of("tiny", "waiting")));
          }
          assertEquals(ModelState.DEPLOYED, get(client(), "tiny").state());
          assertEquals(2, get(client(), "tiny").nodes().size());
          assertEquals(List.of("live"), get(client(), "tiny").aliases());
          assertEquals(ModelState.UPLOADED, get(client(), "waiting").state());
        },
        60,
        TimeUnit.SECONDS);
    assertGolden(client(), "live");
    deploy(client(), "waiting");
    assertGolden(client(), "waiting");
  }

  private static SemluxMetadata metadata() {
    return SemluxMetadata.of(internalCluster().clusterService().state());
  }

  private static Map<String, ModelDefinition> models() {
    return metadata().models();
  }

  private static SemluxMetadata copy() throws Exception {
    Map<String, Object> source = client().prepareGet(INDEX, ".metadata").get().getSourceAsMap();
    assertNotNull(source);
    try (XContentParser json =
        XContentType.JSON
            .xContent()
            .createParser(XContentParserConfiguration.EMPTY, (byte[]) source.get("data"))) {
      while (!"metadata".equals(json.currentName()) || json.nextToken() != Token.START_OBJECT) {
        json.nextToken();
      }
      return SemluxMetadata.fromXContent(json);
    }
  }

  private static boolean isThere(ModelDefinition model, int part) {
    String document = model.id() + "/" + model.generation() + "/" + part;
    return client().prepareGet(INDEX, document).get().isExists();
  }

  /** With the snapshot's global state or not. */
  public void testModelsAreRestoredIntoAClusterThatKnowsNone() throws Exception {
    prepare();
    for (boolean global : List.of(false, true)) {
      snapshot("all-" + global, global);
      client()
          .execute(TransportResetFeatureStateAction.TYPE, new ResetFeatureStateRequest(TIME))
          .actionGet();
      assertBusy(() -> assertTrue(models().isEmpty()));
      restore("all-" + global, global);
      awaitRestored();
      undeploy(client(), "waiting");
      awaitCopy();
    }
  }

  public void testWhatWasDeletedOrReplacedComesBackAndStays() throws Exception {
    prepare();
    ModelDefinition former = models().get("waiting");
    snapshot("before", false);
    alias(Optional.empty());
    delete(client(), "tiny");
    new TinyModel(20_000).upload(client(), "waiting");
    new TinyModel(50_000).upload(client(), "later");
    deploy(client(), "later");
    assertFalse(models().get("waiting").sameUpload(former));
    restore("before", false);
    awaitRestored();
    assertTrue(models().get("waiting").sameUpload(former));

    // Its parts went with the index that the snapshot's took the place of: an upload heals it.
    assertGolden(client(), "later");
    undeploy(client(), "later");
    assertEquals(PartSet.all(0), get(client(), "later").received());
    new TinyModel(50_000).upload(client(), "later");
    deploy(client(), "later");
    assertGolden(client(), "later");

    // What is deleted after that is not restored again by the next master.
    delete(client(), "waiting");
    internalCluster().fullRestart();
    ensureGreen();
    assertBusy(
        () -> assertEquals(ModelState.DEPLOYED, get(client(), "tiny").state()),
        60,
        TimeUnit.SECONDS);
    assertEquals(Set.of("tiny", "later"), models().keySet());
    assertGolden(client(), "live");
  }

  /** As a snapshot has them that was made before definitions stood beside parts. */
  public void testPartsOfNoModelAreDeleted() throws Exception {
    prepare();
    ModelDefinition stranger =
        new ModelDefinition("stranger", 7, 7, false, 0, false, new TinyModel(50_000).manifest());
    PlainActionFuture<Void> put = new PlainActionFuture<>();
    internalCluster().getInstance(ModelStore.class).put(stranger, 0, new BytesArray("abc"), put);
    put.actionGet();
    snapshot("with-stranger", false);
    restore("with-stranger", false);
    assertBusy(() -> assertFalse(isThere(stranger, 0)), 60, TimeUnit.SECONDS);
    awaitRestored();
    assertEquals(Set.of("tiny", "waiting"), models().keySet());
  }
}

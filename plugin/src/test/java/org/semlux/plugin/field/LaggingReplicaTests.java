package org.semlux.plugin.field;

import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.DocWriteResponse;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.disruption.BlockClusterStateProcessing;
import org.semlux.plugin.SemluxPlugin;
import org.semlux.plugin.TinyModel;

/** A copy on a node that has not heard yet what the vectors are cannot read a document. */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.TEST,
    numDataNodes = 3,
    numClientNodes = 0,
    supportsDedicatedMasters = false)
public class LaggingReplicaTests extends ESIntegTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class);
  }

  @Override
  protected boolean addMockInternalEngine() {
    return false;
  }

  /** Whether a node knows what the vectors of the second field are. */
  private static boolean knows(String node) {
    String mapping =
        internalCluster()
            .getInstance(ClusterService.class, node)
            .state()
            .metadata()
            .getProject(Metadata.DEFAULT_PROJECT_ID)
            .index("notes")
            .mapping()
            .source()
            .string();
    return mapping.split(ModelSettings.NAME).length > 2;
  }

  private static void written(ActionFuture<DocWriteResponse> answer) throws Exception {
    DocWriteResponse response = answer.get(30, TimeUnit.SECONDS);
    assertEquals(response.toString(), 2, response.getShardInfo().getSuccessful());
    assertEquals(response.toString(), 0, response.getShardInfo().getFailed());
  }

  /** The node that is asked and has the primary knows; the elected master waits for the other. */
  public void testVectorsWaitUntilEveryNodeKnowsTheirMapping() throws Exception {
    String master = internalCluster().getMasterName();
    List<String> others =
        Arrays.stream(internalCluster().getNodeNames())
            .filter(name -> !name.equals(master))
            .toList();
    String asked = others.get(0);
    String lagging = others.get(1);
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    String nodes = "index.routing.allocation.include._name";
    prepareCreate("notes")
        .setSettings(
            Settings.builder()
                .put("number_of_shards", 1)
                .put("number_of_replicas", 0)
                .put(nodes, asked))
        .setMapping(
            """
            {"properties":{"title":{"type":"semlux_text","model_id":"tiny"},
              "body":{"type":"semlux_text","model_id":"tiny"}}}""")
        .get();
    ensureGreen("notes");
    updateIndexSettings(
        Settings.builder().put("number_of_replicas", 1).put(nodes, asked + "," + lagging), "notes");
    ensureGreen("notes");
    Client client = internalCluster().client(asked);
    BlockClusterStateProcessing block = new BlockClusterStateProcessing(lagging, random());
    internalCluster().setDisruptionScheme(block);

    written(client.index(new IndexRequest("notes").id("0").source("title", "rain")));
    block.startDisrupting();
    ActionFuture<DocWriteResponse> first =
        client.index(new IndexRequest("notes").id("1").source("body", "rain"));
    assertBusy(() -> assertTrue(knows(asked)));
    ActionFuture<DocWriteResponse> second =
        client.index(new IndexRequest("notes").id("2").source("body", "snow"));
    Thread.sleep(1_000);
    assertFalse(knows(lagging));
    assertFalse(first.isDone());
    assertFalse(second.isDone());
    block.stopDisrupting();

    written(first);
    written(second);
    // From now on all know.
    written(client.index(new IndexRequest("notes").id("3").source("body", "wind")));
  }
}

package org.semlux.plugin.model;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ModelCalls.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadPoolExecutor;
import org.elasticsearch.cluster.ClusterChangedEvent;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.Metadata;
import org.elasticsearch.cluster.metadata.ProjectId;
import org.elasticsearch.cluster.routing.RoutingTable;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.test.ClusterServiceUtils;
import org.elasticsearch.threadpool.TestThreadPool;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.plugin.SingleNodeTestCase;
import org.semlux.plugin.TinyModel;

/** A node's models beside those of the real node, on threads of their own that are counted. */
public class NodeModelsTests extends SingleNodeTestCase {
  private static final ProjectId PROJECT = Metadata.DEFAULT_PROJECT_ID;

  /** Gigabytes, once a minute, for as long as other models take all memory. */
  public void testACopyIsNotReadAgainForWantOfRoom() throws Exception {
    new TinyModel(10_000).upload(client(), "tiny");
    ClusterService cluster = getInstanceFromNode(ClusterService.class);
    ModelDefinition model = SemluxMetadata.of(cluster.state()).models().get("tiny");
    ModelCopies copies = new ModelCopies(createTempDir(), getInstanceFromNode(ModelStore.class));
    Path weights = copies.verified(model, () -> true).resolve("model.safetensors");
    byte[] right = Files.readAllBytes(weights);
    byte[] wrong = right.clone();
    wrong[wrong.length - 1]++;
    Files.write(weights, wrong);

    copies.keepSound(model);
    copies.verified(model, () -> true);
    assertArrayEquals("taken as it was", wrong, Files.readAllBytes(weights));
    copies.verified(model, () -> true);
    assertArrayEquals("looked at again", right, Files.readAllBytes(weights));
  }

  /** As while a cluster starts, or loses the nodes with the index. */
  public void testOneThatCannotFetchItsPartsWaitsQuietly() throws Exception {
    new TinyModel(10_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    ClusterService cluster = getInstanceFromNode(ClusterService.class);
    ClusterState whole = cluster.state();
    RoutingTable shards =
        RoutingTable.builder(whole.routingTable(PROJECT)).remove(ModelsIndex.NAME).build();
    ClusterState without = ClusterState.builder(whole).putRoutingTable(PROJECT, shards).build();

    TestThreadPool threads = new TestThreadPool(getTestName());
    // One that tells of no states: the real one's next would be that of an index that is there.
    try (ClusterService silent = ClusterServiceUtils.createClusterService(threads)) {
      NodeModels models =
          new NodeModels(
              silent,
              threads,
              getInstanceFromNode(ModelStore.class),
              true,
              createTempDir(),
              new EncoderLoader(Optional.empty(), EncoderOptions.defaults()),
              new ModelMemory(Long.MAX_VALUE),
              Elsewhere.NOWHERE);
      models.start();
      models.clusterChanged(new ClusterChangedEvent("lost", without, whole));
      assertBusy(
          () ->
              assertThat(
                  models.statuses().get("tiny").reason(),
                  containsString("waits for the index that holds its parts")));
      Thread.sleep(200);
      ThreadPoolExecutor generic = (ThreadPoolExecutor) threads.generic();
      assertThat(generic.getTaskCount(), lessThan(10L));
      assertEquals(ModelState.DEPLOYING, models.statuses().get("tiny").state());

      models.clusterChanged(new ClusterChangedEvent("back", whole, without));
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, models.statuses().get("tiny").state()));
      assertThat(generic.getTaskCount(), lessThan(20L));
      models.close();
    } finally {
      terminate(threads);
    }
  }
}

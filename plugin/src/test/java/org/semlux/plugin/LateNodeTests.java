package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.TIME;

import java.util.Arrays;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.disruption.BlockClusterStateProcessing;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;

/** A node that takes over no state, in a cluster that soon removes such a one. */
public class LateNodeTests extends TwoNodesTestCase {
  @Override
  protected Settings nodeSettings(int ordinal, Settings others) {
    return Settings.builder()
        .put(super.nodeSettings(ordinal, others))
        .put("cluster.publish.timeout", "1s")
        .put("cluster.follower_lag.timeout", "4s")
        .build();
  }

  /** The change is never acknowledged: once no node can be late, a failure is one all the same. */
  public void testAFailureIsToldOnceTheLateNodeHasLeft() throws Exception {
    uploadBad();
    whileOneIsLate(
        () -> assertDeploymentFails(RestStatus.BAD_REQUEST, TimeValue.timeValueSeconds(20), "NaN"));
  }

  /** What it says of a failure is about the deployment before. */
  public void testALateNodeHasNotFailed() throws Exception {
    uploadBad();
    assertDeploymentFails(RestStatus.BAD_REQUEST, TIME, "NaN");
    whileOneIsLate(
        () ->
            assertDeploymentFails(
                RestStatus.REQUEST_TIMEOUT,
                TimeValue.timeValueSeconds(2),
                "goes on in the background"));
    assertDeploymentFails(RestStatus.BAD_REQUEST, TIME, "NaN");
  }

  private static void uploadBad() throws Exception {
    new TinyModel(50_000).withNaN().upload(client(), "bad");
  }

  private static void whileOneIsLate(Runnable then) {
    String master = internalCluster().getMasterName();
    String late =
        Arrays.stream(internalCluster().getNodeNames())
            .filter(node -> !node.equals(master))
            .findFirst()
            .orElseThrow();
    BlockClusterStateProcessing lateness = new BlockClusterStateProcessing(late, random());
    internalCluster().setDisruptionScheme(lateness);
    lateness.startDisrupting();
    try {
      then.run();
    } finally {
      lateness.stopDisrupting();
      internalCluster().clearDisruptionScheme();
    }
  }

  private static void assertDeploymentFails(RestStatus status, TimeValue timeout, String why) {
    Client master = internalCluster().client(internalCluster().getMasterName());
    ModelRequest request = new ModelRequest(TIME, timeout, "bad");
    Exception e =
        expectThrows(
            Exception.class, () -> master.execute(DeployModelAction.TYPE, request).actionGet());
    assertEquals(e.toString(), status, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString(why));
  }
}

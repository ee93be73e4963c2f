package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.TIME;

import java.util.Arrays;
import org.elasticsearch.ExceptionsHelper;
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
    new TinyModel(50_000).withNaN().upload(client(), "bad");
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
      Exception e =
          expectThrows(
              Exception.class,
              () ->
                  internalCluster()
                      .client(master)
                      .execute(
                          DeployModelAction.TYPE,
                          new ModelRequest(TIME, TimeValue.timeValueSeconds(20), "bad"))
                      .actionGet());
      assertEquals(e.toString(), RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
      assertThat(e.getMessage(), containsString("NaN"));
    } finally {
      lateness.stopDisrupting();
      internalCluster().clearDisruptionScheme();
    }
  }
}

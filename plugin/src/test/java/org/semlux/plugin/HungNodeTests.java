package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;

import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.transport.TransportChannel;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStatus;

/**
 * A node that never says what it has loaded, as a stopped process until the cluster removes it, a
 * minute and a half later.
 */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.TEST,
    numDataNodes = 2,
    numClientNodes = 0,
    supportsDedicatedMasters = false)
public class HungNodeTests extends ESIntegTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  public void testItHoldsNobodyUp() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    String stuck = internalCluster().getNodeNames()[1];
    MockTransportService transport = MockTransportService.getInstance(stuck);
    Queue<TransportChannel> held = new ConcurrentLinkedQueue<>();
    transport.addRequestHandlingBehavior(
        NodeModelsAction.TYPE.name() + "[n]",
        (handler, request, channel, task) -> held.add(channel));
    try {
      assertItIsNamed(getNodeId(stuck));
      assertOthersGoOn(stuck);
      assertFalse(held.isEmpty());
    } finally {
      transport.clearAllRules();
      held.forEach(channel -> channel.sendResponse(new IllegalStateException("too late")));
    }
  }

  public void testItsStatsAreNamedAsMissing() {
    String stuck = internalCluster().getNodeNames()[1];
    MockTransportService transport = MockTransportService.getInstance(stuck);
    Queue<TransportChannel> held = new ConcurrentLinkedQueue<>();
    transport.addRequestHandlingBehavior(
        StatsAction.TYPE.name() + "[n]", (handler, request, channel, task) -> held.add(channel));
    try {
      StatsAction.Response stats =
          internalCluster()
              .client(internalCluster().getNodeNames()[0])
              .execute(StatsAction.TYPE, new AllNodesRequest(TimeValue.ZERO))
              .actionGet(TIME);
      assertEquals(1, stats.getNodes().size());
      assertEquals(1, stats.failures().size());
      assertEquals(getNodeId(stuck), stats.failures().get(0).nodeId());
    } finally {
      transport.clearAllRules();
      held.forEach(channel -> channel.sendResponse(new IllegalStateException("too late")));
    }
  }

  private static void assertItIsNamed(String stuck) {
    ModelStatus model = get(internalCluster().client(internalCluster().getNodeNames()[0]), "tiny");
    assertEquals(ModelState.DEPLOYING, model.state());
    assertEquals(2, model.nodes().size());
    assertEquals(ModelState.NO_ANSWER, model.nodes().get(stuck).state());
    assertEquals("it did not answer in time", model.nodes().get(stuck).reason());
  }

  private static void assertOthersGoOn(String stuck) throws Exception {
    String bare =
        internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false).build());
    long start = System.nanoTime();
    assertGolden(internalCluster().client(bare), "tiny");
    assertThat(seconds(start), lessThan(10.0));

    start = System.nanoTime();
    TimeValue timeout = TimeValue.timeValueMillis(1_500);
    var deployment =
        internalCluster()
            .client(bare)
            .execute(DeployModelAction.TYPE, new ModelRequest(TIME, timeout, "tiny"));
    Exception e = expectThrows(Exception.class, deployment::actionGet);
    assertEquals(RestStatus.REQUEST_TIMEOUT, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString("1 of 2 nodes did not load it within 1.5s"));
    assertThat(
        e.getMessage(),
        containsString("node [" + stuck + "] (no_answer: it did not answer in time)"));
    assertThat(seconds(start), lessThan(15.0));
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}

package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.encode;
import static org.semlux.plugin.ModelCalls.get;

import java.util.Collection;
import java.util.List;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.gateway.GatewayService;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.InternalTestCluster;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.reencode.ReencodeAction;
import org.semlux.plugin.reencode.ReencodeRequest;

/**
 * A cluster that starts again and waits for its nodes before it reads its state: that it then knows
 * of no models does not mean that there are none.
 */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.TEST,
    numDataNodes = 0,
    numClientNodes = 0)
public class UnknownStateTests extends ESIntegTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class);
  }

  public void testNothingIsSaidToBeMissing() throws Exception {
    String master = internalCluster().startNode();
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    internalCluster()
        .restartNode(
            master,
            new InternalTestCluster.RestartCallback() {
              @Override
              public Settings onNodeStopped(String name) {
                return Settings.builder().put("gateway.recover_after_data_nodes", 2).build();
              }
            });
    Client early = internalCluster().client(master);
    for (ThrowingRunnable call :
        List.<ThrowingRunnable>of(
            () -> get(early, "tiny"),
            () -> new TinyModel(50_000).putPart(early, "tiny", 0),
            () -> early.execute(ReencodeAction.TYPE, reencode()).actionGet())) {
      assertUnavailable(call, GatewayService.STATE_NOT_RECOVERED_BLOCK.description());
    }
    assertUnavailable(
        () -> encode(early, "tiny", List.of("x")),
        "node [" + master + "] does not know the cluster's models yet: try again shortly");

    internalCluster().startDataOnlyNode();
    ensureGreen();
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, get(early, "tiny").state()));
    assertGolden(early, "tiny");
  }

  private static ReencodeRequest reencode() {
    return new ReencodeRequest("texts", null, Float.POSITIVE_INFINITY, 10, false);
  }

  private static void assertUnavailable(ThrowingRunnable call, String why) {
    Exception e = expectThrows(Exception.class, call);
    assertEquals(e.toString(), RestStatus.SERVICE_UNAVAILABLE, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString(why));
  }
}

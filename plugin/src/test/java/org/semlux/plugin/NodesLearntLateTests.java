package org.semlux.plugin;

import static org.hamcrest.Matchers.endsWith;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.request;

import java.util.Collection;
import java.util.List;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.transport.ConnectTransportException;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.forward.ForwardAction;

/** A node that knows one of two nodes with a model, and that one leaves. */
public class NodesLearntLateTests extends TwoNodesTestCase {
  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  public void testNodesAreAskedOnceMoreBeforeTextsAreRefused() throws Exception {
    String known = internalCluster().getNodeNames()[0];
    String later = internalCluster().getNodeNames()[1];
    String bare =
        internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false).build());
    MockTransportService transport = MockTransportService.getInstance(bare);
    cut(transport, later, NodeModelsAction.TYPE.name());
    Client client = internalCluster().client(known);
    new TinyModel(50_000).upload(client, "tiny");
    deploy(client, "tiny");
    assertGolden(internalCluster().client(bare), "tiny");

    transport.clearAllRules();
    cut(transport, known, ForwardAction.TYPE.name());
    assertGolden(internalCluster().client(bare), "tiny");

    cut(transport, later, ForwardAction.TYPE.name());
    Exception e =
        expectThrows(
            Exception.class,
            internalCluster()
                .client(bare)
                .execute(EncodeAction.TYPE, request("tiny", List.of("rain"))));
    assertEquals(RestStatus.SERVICE_UNAVAILABLE, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), endsWith("have left or do not answer: try again shortly"));
    transport.clearAllRules();
  }

  /** What a node sends for an action finds no connection. */
  private static void cut(MockTransportService from, String to, String action) {
    from.addSendBehavior(
        MockTransportService.getInstance(to),
        (connection, requestId, name, request, options) -> {
          if (name.equals(action + "[n]")) {
            throw new ConnectTransportException(connection.getNode(), "cut by the test");
          }
          connection.sendRequest(requestId, name, request, options);
        });
  }
}

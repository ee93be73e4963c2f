package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.alias;
import static org.semlux.plugin.ModelCalls.delete;
import static org.semlux.plugin.ModelCalls.deploy;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.transport.TransportChannel;
import org.elasticsearch.transport.TransportResponse;

/** What a node without models asks of another in several steps. */
@ESIntegTestCase.ClusterScope(
    scope = ESIntegTestCase.Scope.TEST,
    numDataNodes = 1,
    numClientNodes = 0,
    supportsDedicatedMasters = false)
public class ForwardedStepsTests extends ESIntegTestCase {
  /** Longer than a model out of use is kept for those who are just about to ask it. */
  private static final long CLOSED_MILLIS = 1_000;

  private final AtomicBoolean moved = new AtomicBoolean();

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  /** The text has been cut: before that is known, the model is out of use. */
  private final class Moving implements TransportChannel {
    private final TransportChannel channel;

    Moving(TransportChannel channel) {
      this.channel = channel;
    }

    @Override
    public String getProfileName() {
      return channel.getProfileName();
    }

    @Override
    public void sendResponse(TransportResponse response) {
      response.mustIncRef();
      if (moved.compareAndSet(false, true)) {
        alias(client(), "live", "second", false);
        delete(client(), "first");
        try {
          TimeUnit.MILLISECONDS.sleep(CLOSED_MILLIS);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      channel.sendResponse(response);
      response.decRef();
    }

    @Override
    public void sendResponse(Exception exception) {
      channel.sendResponse(exception);
    }
  }

  public void testAnAliasMovesBetweenCuttingAndEncoding() throws Exception {
    String node = internalCluster().getNodeNames()[0];
    Client bare =
        internalCluster()
            .client(
                internalCluster()
                    .startNode(Settings.builder().put("semlux.node.enabled", false).build()));
    for (String id : List.of("first", "second")) {
      new TinyModel(50_000).upload(bare, id);
      deploy(bare, id);
    }
    alias(bare, "live", "first", false);
    prepareCreate("notes")
        .setMapping(
            """
            {"properties": {"body": {"type": "semlux_text", "model_id": "live",
              "chunking": {"strategy": "tokens", "size": 8, "overlap": 2}}}}""")
        .get();
    ensureGreen("notes");
    MockTransportService transport = MockTransportService.getInstance(node);
    transport.addRequestHandlingBehavior(
        "internal:semlux/forward[n]",
        (handler, request, channel, task) ->
            handler.messageReceived(request, new Moving(channel), task));

    var answer =
        bare.prepareIndex("notes")
            .setId("1")
            .setSource("body", "The dog and the cat walk by the river. Rain falls after a day.")
            .get();

    assertEquals(RestStatus.CREATED, answer.status());
    assertTrue(moved.get());
    transport.clearAllRules();
  }
}

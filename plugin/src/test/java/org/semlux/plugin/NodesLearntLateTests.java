package org.semlux.plugin;

import static org.hamcrest.Matchers.endsWith;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.request;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.Task;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.ConnectTransportException;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.forward.ForwardAction;
import org.semlux.plugin.forward.Peers;

/** A node that knows one of two nodes with a model, and that one leaves. */
public class NodesLearntLateTests extends TwoNodesTestCase {
  private String known;
  private String later; // has the model too, which the node without models has not heard yet
  private String bare;
  private MockTransportService transport; // of the bare one

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class);
  }

  private void start() throws Exception {
    known = internalCluster().getNodeNames()[0];
    later = internalCluster().getNodeNames()[1];
    bare =
        internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false).build());
    transport = MockTransportService.getInstance(bare);
    cut(later, NodeModelsAction.TYPE.name());
    Client client = internalCluster().client(known);
    new TinyModel(50_000).upload(client, "tiny");
    deploy(client, "tiny");
    assertGolden(internalCluster().client(bare), "tiny");
    transport.clearAllRules();
  }

  public void testNodesAreAskedOnceMoreBeforeTextsAreRefused() throws Exception {
    start();
    cut(known, ForwardAction.TYPE.name());
    assertGolden(internalCluster().client(bare), "tiny");

    cut(later, ForwardAction.TYPE.name());
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

  /** The nodes are being asked for somebody else, who is not whom others work for then. */
  public void testTextsDoNotGoOnAsSomebodyElses() throws Exception {
    start();
    CountDownLatch asking = new CountDownLatch(1);
    CountDownLatch tried = new CountDownLatch(1);
    CountDownLatch looked = new CountDownLatch(1);
    List<Optional<String>> askers = new CopyOnWriteArrayList<>();
    ThreadContext context =
        internalCluster().getInstance(ThreadPool.class, bare).getThreadContext();
    transport.addSendBehavior(
        MockTransportService.getInstance(known),
        (connection, requestId, name, request, options) -> {
          if (name.equals(ForwardAction.TYPE.name() + "[n]")) {
            tried.countDown();
            throw new ConnectTransportException(connection.getNode(), "cut by the test");
          }
          if (name.equals(NodeModelsAction.TYPE.name() + "[n]")) {
            asking.countDown();
            safeAwait(looked, TIME);
          }
          connection.sendRequest(requestId, name, request, options);
        });
    transport.addSendBehavior(
        MockTransportService.getInstance(later),
        (connection, requestId, name, request, options) -> {
          if (name.equals(ForwardAction.TYPE.name() + "[n]")) {
            askers.add(Optional.ofNullable(context.getHeader(Task.X_OPAQUE_ID_HTTP_HEADER)));
          }
          connection.sendRequest(requestId, name, request, options);
        });
    Peers peers = internalCluster().getInstance(Peers.class, bare);
    Thread somebody =
        new Thread(
            () -> {
              context.putHeader(Task.X_OPAQUE_ID_HTTP_HEADER, "somebody else's");
              var unused = peers.look();
            });
    somebody.start();
    safeAwait(asking, TIME);
    var answer =
        internalCluster().client(bare).execute(EncodeAction.TYPE, request("tiny", List.of("rain")));
    safeAwait(tried, TIME);
    safeSleep(200); // it waits for what the nodes say next
    looked.countDown();

    assertEquals(1, answer.actionGet(TIME).encodings().size());
    somebody.join();
    assertEquals(List.of(Optional.empty()), askers);
    transport.clearAllRules();
  }

  /** What another node is asked gets no answer, and what waits to be asked never is. */
  public void testWhoWaitsForNodesIsToldWhenTheOwnOneCloses() throws Exception {
    String closing = internalCluster().startNode();
    Peers peers = internalCluster().getInstance(Peers.class, closing);
    peers.look().get(TIME.seconds(), TimeUnit.SECONDS);
    CountDownLatch asking = new CountDownLatch(1);
    MockTransportService.getInstance(closing)
        .addSendBehavior(
            MockTransportService.getInstance(internalCluster().getMasterName()),
            (connection, requestId, name, request, options) -> {
              if (name.equals(NodeModelsAction.TYPE.name() + "[n]")) {
                asking.countDown(); // and does not ask
              } else {
                connection.sendRequest(requestId, name, request, options);
              }
            });
    CompletableFuture<Void> asked = peers.look();
    safeAwait(asking, TIME);
    CompletableFuture<Void> waiting = peers.look();

    internalCluster().stopNode(closing);

    asked.get(TIME.seconds(), TimeUnit.SECONDS);
    waiting.get(TIME.seconds(), TimeUnit.SECONDS);
    peers.look().get(TIME.seconds(), TimeUnit.SECONDS);
  }

  /** What the bare node sends for an action finds no connection. */
  private void cut(String to, String action) {
    transport.addSendBehavior(
        MockTransportService.getInstance(to),
        (connection, requestId, name, request, options) -> {
          if (name.equals(action + "[n]")) {
            throw new ConnectTransportException(connection.getNode(), "cut by the test");
          }
          connection.sendRequest(requestId, name, request, options);
        });
  }
}

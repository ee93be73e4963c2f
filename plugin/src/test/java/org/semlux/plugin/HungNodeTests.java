package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.lessThan;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.get;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.plugins.NetworkPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.TaskCancelledException;
import org.elasticsearch.tasks.TaskInfo;
import org.elasticsearch.test.ESIntegTestCase;
import org.elasticsearch.test.transport.MockTransportService;
import org.elasticsearch.transport.Transport;
import org.elasticsearch.transport.TransportChannel;
import org.elasticsearch.transport.TransportInterceptor;
import org.elasticsearch.transport.TransportRequest;
import org.elasticsearch.transport.TransportRequestOptions;
import org.elasticsearch.transport.TransportResponse;
import org.elasticsearch.transport.TransportResponseHandler;
import org.semlux.encoders.api.InputType;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.DeployModelAction;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.ModelRequest;
import org.semlux.plugin.action.NodeModelsAction;
import org.semlux.plugin.action.NodesWithoutPlugin;
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
  private static final String FORWARD = "internal:semlux/forward[n]";

  @Override
  protected Collection<Class<? extends Plugin>> nodePlugins() {
    return List.of(SemluxPlugin.class, MockTransportService.TestPlugin.class, Hurry.class);
  }

  /** Requests that some nodes take and do not answer, until it is closed. */
  private static final class Held implements AutoCloseable {
    static final Queue<Held> NOW = new ConcurrentLinkedQueue<>();

    private final Queue<TransportChannel> channels = new ConcurrentLinkedQueue<>();
    private final String action;
    private final List<String> nodes;
    private final List<MockTransportService> transports;

    Held(String action, String... nodes) {
      this.action = action;
      this.nodes = List.of(nodes);
      transports = Stream.of(nodes).map(MockTransportService::getInstance).toList();
      NOW.add(this);
      transports.forEach(
          transport ->
              transport.addRequestHandlingBehavior(
                  action, (handler, request, channel, task) -> channels.add(channel)));
    }

    static boolean holds(String node, String action) {
      return NOW.stream().anyMatch(held -> held.action.equals(action) && held.nodes.contains(node));
    }

    @Override
    public void close() {
      NOW.remove(this);
      transports.forEach(MockTransportService::clearAllRules);
      channels.forEach(channel -> channel.sendResponse(new IllegalStateException("too late")));
    }
  }

  /**
   * Waits for what is held a twentieth of the time that was asked for, since the rest changes
   * nothing: no answer comes. Whatever may be answered has all of its time.
   */
  @SuppressWarnings("deprecation") // no other plugin gets to see what is sent
  public static final class Hurry extends Plugin implements NetworkPlugin {
    private static final int TIMES = 20;
    private static final AtomicLong SAVED_MILLIS = new AtomicLong();

    @Override
    public List<TransportInterceptor> getTransportInterceptors(
        NamedWriteableRegistry registry, ThreadContext context) {
      return List.of(
          new TransportInterceptor() {
            @Override
            public AsyncSender interceptSender(AsyncSender sender) {
              return new HurriedSender(sender);
            }
          });
    }

    private record HurriedSender(TransportInterceptor.AsyncSender sender)
        implements TransportInterceptor.AsyncSender {
      @Override
      public <T extends TransportResponse> void sendRequest(
          Transport.Connection connection,
          String action,
          TransportRequest request,
          TransportRequestOptions options,
          TransportResponseHandler<T> handler) {
        TimeValue timeout = options.timeout();
        TransportRequestOptions given = options;
        if (timeout != null && Held.holds(connection.getNode().getName(), action)) {
          long millis = timeout.millis() / TIMES;
          if (!timeout.equals(NodesWithoutPlugin.TIMEOUT)) { // nobody waits for those
            SAVED_MILLIS.addAndGet(timeout.millis() - millis);
          }
          given = TransportRequestOptions.of(TimeValue.timeValueMillis(millis), options.type());
        }
        sender.sendRequest(connection, action, request, given, handler);
      }
    }
  }

  /** Since when something takes, and what was saved of it by then. */
  private record Watch(long startNanos, long savedMillis) {
    Watch() {
      this(System.nanoTime(), Hurry.SAVED_MILLIS.get());
    }

    /**
     * As long as it takes without hurry, or longer: nodes that are waited for at once count each.
     */
    double seconds() {
      return (System.nanoTime() - startNanos) / 1e9
          + (Hurry.SAVED_MILLIS.get() - savedMillis) / 1e3;
    }
  }

  private static Client on(String node) {
    return internalCluster().client(node);
  }

  public void testItHoldsNobodyUp() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    String stuck = internalCluster().getNodeNames()[1];
    try (Held held = new Held(NodeModelsAction.TYPE.name() + "[n]", stuck)) {
      assertItIsNamed(getNodeId(stuck));
      assertOthersGoOn(stuck);
      assertFalse(held.channels.isEmpty());
    }
  }

  public void testItsStatsAreNamedAsMissing() {
    String[] nodes = internalCluster().getNodeNames();
    try (Held held = new Held(StatsAction.TYPE.name() + "[n]", nodes[1])) {
      StatsAction.Response stats =
          on(nodes[0])
              .execute(StatsAction.TYPE, new AllNodesRequest(TimeValue.ZERO))
              .actionGet(TIME);
      assertEquals(1, stats.getNodes().size());
      assertEquals(1, stats.failures().size());
      assertEquals(getNodeId(nodes[1]), stats.failures().get(0).nodeId());
      assertFalse(held.channels.isEmpty());
    }
  }

  private static List<TaskInfo> deployments() {
    return clusterAdmin()
        .prepareListTasks()
        .setActions(DeployModelAction.TYPE.name())
        .get()
        .getTasks();
  }

  public void testWhoeverWaitsForItCanBeCancelled() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    String[] nodes = internalCluster().getNodeNames();
    try (Held held = new Held(NodeModelsAction.TYPE.name() + "[n]", nodes[1])) {
      ActionFuture<DeployModelAction.Response> endless =
          on(nodes[0])
              .execute(DeployModelAction.TYPE, new ModelRequest(TIME, TimeValue.MINUS_ONE, "tiny"));
      assertBusy(() -> assertFalse(held.channels.isEmpty()));
      assertFalse(deployments().isEmpty());
      deployments().forEach(task -> assertTrue(task.cancellable()));
      clusterAdmin().prepareCancelTasks().setActions(DeployModelAction.TYPE.name()).get();

      Exception e = expectThrows(Exception.class, () -> endless.actionGet(TIME));
      assertThat(ExceptionsHelper.unwrapCause(e), instanceOf(TaskCancelledException.class));
      assertBusy(() -> assertEquals(List.of(), deployments()));
    }
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, get(client(), "tiny").state()));
  }

  /** A text that somebody waits for goes on to the next node, or nowhere. */
  public void testQueriesDoNotWaitForIt() throws Exception {
    new TinyModel(50_000).upload(client(), "tiny");
    deploy(client(), "tiny");
    updateClusterSettings(Settings.builder().put("semlux.queue.max_wait.search", "0ms"));
    String[] nodes = internalCluster().getNodeNames();
    Client bare =
        on(internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false)));
    EncodeAction.Request query =
        new EncodeAction.Request(
            "tiny", List.of("rain"), Optional.of(InputType.QUERY), Optional.empty());
    try (Held first = new Held(FORWARD, nodes[0])) {
      try (Held both = new Held(FORWARD, nodes[1])) {
        Watch watch = new Watch();
        Exception e =
            expectThrows(
                Exception.class, () -> bare.execute(EncodeAction.TYPE, query).actionGet(TIME));
        assertEquals(RestStatus.SERVICE_UNAVAILABLE, ExceptionsHelper.status(e));
        assertThat(e.getMessage(), containsString("have left or do not answer"));
        assertThat(watch.seconds(), lessThan(30.0));
        assertEquals(1, both.channels.size());
      }
      assertEquals(1, first.channels.size());
      bare.execute(EncodeAction.TYPE, query).actionGet(TIME);
      bare.execute(EncodeAction.TYPE, query).actionGet(TIME);
    }
    updateClusterSettings(Settings.builder().putNull("semlux.queue.max_wait.search"));
  }

  private static void assertItIsNamed(String stuck) {
    ModelStatus model = get(on(internalCluster().getNodeNames()[0]), "tiny");
    assertEquals(ModelState.DEPLOYING, model.state());
    assertEquals(2, model.nodes().size());
    assertEquals(ModelState.NO_ANSWER, model.nodes().get(stuck).state());
    assertEquals("it did not answer in time", model.nodes().get(stuck).reason());
  }

  private static void assertOthersGoOn(String stuck) throws Exception {
    String bare =
        internalCluster().startNode(Settings.builder().put("semlux.node.enabled", false).build());
    Watch watch = new Watch();
    assertGolden(on(bare), "tiny");
    assertThat(watch.seconds(), lessThan(10.0));

    long startNanos = System.nanoTime();
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
    assertThat((System.nanoTime() - startNanos) / 1e9, lessThan(15.0));
  }
}

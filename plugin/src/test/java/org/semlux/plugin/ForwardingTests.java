package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.semlux.plugin.ClusterSearches.search;
import static org.semlux.plugin.ModelCalls.TIME;
import static org.semlux.plugin.ModelCalls.assertGolden;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.encode;
import static org.semlux.plugin.ModelCalls.request;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionFuture;
import org.elasticsearch.action.bulk.BulkRequestBuilder;
import org.elasticsearch.action.support.WriteRequest.RefreshPolicy;
import org.elasticsearch.client.internal.Client;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.rest.RestStatus;
import org.semlux.plugin.action.AllNodesRequest;
import org.semlux.plugin.action.EncodeAction;
import org.semlux.plugin.action.RerankAction;
import org.semlux.plugin.action.StatsAction;
import org.semlux.plugin.action.UpdateAliasAction;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.query.SparseGolden;

/** A node without models of its own, whose texts go to two others, with the real PyTorch. */
public class ForwardingTests extends TwoNodesTestCase {
  private static final Path CROSS =
      Path.of("../tests/src/test/resources/goldens/cross-bert").toAbsolutePath();
  private static final String QUERY = "The river rises after three days of rain.";
  private static final String LONG =
      "The dog and the cat walk by the river. Rain falls after a day of sun, and the river rises.";

  private String bare; // the node without models
  private String other; // one that has them

  @Override
  protected Settings nodeSettings(int ordinal, Settings otherSettings) {
    return Settings.builder()
        .put(super.nodeSettings(ordinal, otherSettings))
        .put("semlux.encode.threads", 1)
        .build();
  }

  private void start(Settings settings) throws Exception {
    other = internalCluster().getNodeNames()[0];
    bare =
        internalCluster()
            .startNode(Settings.builder().put("semlux.node.enabled", false).put(settings).build());
    new TinyModel(50_000).upload(on(bare), "tiny");
    deploy(on(bare), "tiny");
  }

  private static Client on(String node) {
    return internalCluster().client(node);
  }

  /** What the nodes have done with a model, all of them together. */
  private static long[] done(String id) {
    long[] done = new long[3];
    for (StatsAction.NodeResponse node :
        client().execute(StatsAction.TYPE, new AllNodesRequest()).actionGet().getNodes()) {
      if (node.models().containsKey(id)) {
        done[0] += node.models().get(id).stats().requests();
        done[1] += node.models().get(id).stats().texts();
        done[2] += node.models().get(id).stats().dropped();
      }
    }
    return done;
  }

  public void testEveryWayIsAnsweredByOthers() throws Exception {
    start(Settings.EMPTY);
    new TinyModel(50_000, CROSS).upload(on(bare), "cross");
    new TinyModel(50_000, SparseGolden.FOLDER).upload(on(bare), "sparse");
    deploy(on(bare), "cross");
    deploy(on(bare), "sparse");

    long[] before = done("tiny");
    assertGolden(on(bare), "tiny");
    long[] after = done("tiny");
    assertEquals("a batch stays one", before[0] + 1, after[0]);
    assertThat(after[1] - before[1], greaterThan(1L));

    index();
    Map<String, Object> theirs = stored("theirs");
    assertClose(theirs, stored("ours"));
    assertThat(((List<?>) theirs.get("passages")).size(), greaterThanOrEqualTo(3));

    assertClose(scores(other), scores(bare));
    for (String body : searches()) {
      assertClose(hits(other, body), hits(bare, body));
    }
  }

  private static List<Float> scores(String node) {
    var pairs = new RerankAction.Request("cross", QUERY, List.of("a dog", "rain", LONG), 3);
    return on(node).execute(RerankAction.TYPE, pairs).actionGet().results().stream()
        .map(RerankAction.Result::score)
        .toList();
  }

  /** The same but for the last digits of numbers, which vectors' neighbours change. */
  private static void assertClose(Object expected, Object found) {
    if (expected instanceof Map<?, ?> map) {
      assertEquals(map.keySet(), ((Map<?, ?>) found).keySet());
      map.forEach((key, value) -> assertClose(value, ((Map<?, ?>) found).get(key)));
    } else if (expected instanceof List<?> list) {
      assertEquals(list.size(), ((List<?>) found).size());
      for (int i = 0; i < list.size(); i++) {
        assertClose(list.get(i), ((List<?>) found).get(i));
      }
    } else if (expected instanceof Number number) {
      assertEquals(number.doubleValue(), ((Number) found).doubleValue(), 1e-4);
    } else {
      assertEquals(expected, found);
    }
  }

  /** The same document through both nodes, in an index whose shard is on the one without models. */
  private void index() {
    prepareCreate("docs")
        .setSettings(
            Settings.builder()
                .put("number_of_shards", 1)
                .put("number_of_replicas", 0)
                .put("index.routing.allocation.require._name", bare))
        .setMapping(
            """
            {"properties": {"text": {"type": "text"},
              "vector": {"type": "dense_vector", "dims": 32},
              "terms": {"type": "sparse_vector"},
              "passages": {"type": "nested", "properties": {
                "vector": {"type": "dense_vector", "dims": 32}}},
              "body": {"type": "semlux_text", "model_id": "tiny",
                "chunking": {"strategy": "tokens", "size": 8, "overlap": 2}}}}""")
        .get();
    putJsonPipeline(
        "encode",
        """
        {"processors": [{"semlux": {"model_id": "tiny", "input_output": [
          {"input_field": "text", "output_field": "vector"},
          {"input_field": "text", "output_field": "terms", "model_id": "sparse"},
          {"input_field": "text", "output_field": "passages",
           "chunking": {"strategy": "tokens", "size": 8, "overlap": 2}}]}}]}""");
    ensureGreen("docs");
    for (String node : List.of(other, bare)) {
      BulkRequestBuilder bulk = on(node).prepareBulk();
      bulk.add(
          on(node)
              .prepareIndex("docs")
              .setId(node.equals(bare) ? "ours" : "theirs")
              .setPipeline("encode")
              .setSource(Map.of("text", LONG, "body", LONG)));
      var answer = bulk.setRefreshPolicy(RefreshPolicy.IMMEDIATE).get();
      assertFalse(answer.buildFailureMessage(), answer.hasFailures());
    }
  }

  private Map<String, Object> stored(String id) {
    List<Map<String, Object>> found = new ArrayList<>();
    search(
        other,
        "{\"query\":{\"ids\":{\"values\":[\"%s\"]}},\"_source\":{\"exclude_vectors\":false}"
            .formatted(id),
        response -> found.add(response.getHits().getAt(0).getSourceAsMap()));
    found.get(0).remove("_semlux"); // bytes; searches below tell them apart
    return found.get(0);
  }

  private static List<String> searches() {
    String text = "\"query\":\"" + QUERY + "\"";
    String pairs = "\"model_id\":\"cross\",\"field\":\"text\"," + text;
    return List.of(
        "{\"query\":{\"semlux\":{\"field\":\"body\",\"k\":5," + text + "}}",
        "{\"query\":{\"semlux_sparse\":{\"field\":\"terms\",\"model_id\":\"sparse\"," + text + "}}",
        "{\"knn\":{\"field\":\"vector\",\"k\":5,\"query_vector_builder\":{\"semlux\":"
            + "{\"model_id\":\"tiny\",\"model_text\":\"river\"}}}",
        "{\"query\":{\"match\":{\"text\":\"river\"}},\"rescore\":{\"window_size\":5,"
            + ("\"semlux_cross_encoder\":{" + pairs + "}}"),
        "{\"retriever\":{\"semlux_rerank\":{\"retriever\":{\"standard\":{\"query\":"
            + ("{\"match_all\":{}}}}," + pairs + "}}"));
  }

  private static Map<String, Float> hits(String node, String body) {
    Map<String, Float> hits = new HashMap<>();
    search(
        node,
        body,
        response -> response.getHits().forEach(hit -> hits.put(hit.getId(), hit.getScore())));
    assertEquals(body, Set.of("ours", "theirs"), hits.keySet());
    return hits;
  }

  public void testReasonsAndStatusesAreTheirs() throws Exception {
    start(Settings.builder().put("semlux.queue.size", "100kb").build());
    var prompt =
        new EncodeAction.Request("tiny", List.of("x"), Optional.empty(), Optional.of("nonsense"));
    Exception here = failure(on(other).execute(EncodeAction.TYPE, prompt), RestStatus.BAD_REQUEST);
    Exception there = failure(on(bare).execute(EncodeAction.TYPE, prompt), RestStatus.BAD_REQUEST);
    assertEquals(here.getMessage(), there.getMessage());
    failure(
        on(bare).execute(RerankAction.TYPE, new RerankAction.Request("tiny", "q", List.of("x"), 1)),
        RestStatus.BAD_REQUEST);

    // The node's own bound, while others are under way.
    List<String> texts = Collections.nCopies(900, "rain falls after a day of sun " + QUERY);
    List<ActionFuture<EncodeAction.Response>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(on(bare).execute(EncodeAction.TYPE, request("tiny", texts)));
    }
    int refused = 0;
    for (ActionFuture<EncodeAction.Response> one : all) {
      try {
        assertEquals(texts.size(), one.actionGet().encodings().size());
      } catch (RuntimeException e) {
        assertRefused(e, "are under way to other nodes");
        refused++;
      }
    }
    assertThat(refused, greaterThan(0));
    assertGolden(on(bare), "tiny");
  }

  public void testRefusalsOfOthersTellWhenToComeAgain() throws Exception {
    start(Settings.EMPTY);
    updateClusterSettings(Settings.builder().put("semlux.queue.max_wait.ingest", "0ms"));
    List<String> texts = Collections.nCopies(900, "rain falls after a day of sun " + QUERY);
    encode(on(bare), "tiny", texts); // each of the others comes to know its pace
    encode(on(bare), "tiny", texts);
    List<ActionFuture<EncodeAction.Response>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(on(bare).execute(EncodeAction.TYPE, request("tiny", texts)));
    }
    int refused = 0;
    for (ActionFuture<EncodeAction.Response> one : all) {
      try {
        one.actionGet();
      } catch (RuntimeException e) {
        assertRefused(e, "the queue of model [tiny] is too long");
        refused++;
      }
    }
    assertThat(refused, greaterThan(0));
  }

  private static void assertRefused(Exception e, String why) {
    var refusal = (ElasticsearchException) ExceptionsHelper.unwrapCause(e);
    assertEquals(RestStatus.TOO_MANY_REQUESTS, refusal.status());
    assertThat(refusal.getMessage(), containsString(why));
    List<String> seconds = refusal.getBodyHeader("Retry-After");
    assertEquals(1, seconds.size());
    assertThat(refusal.getMessage(), endsWith(": try again in " + seconds.get(0) + " s"));
  }

  private static Exception failure(ActionFuture<?> future, RestStatus status) {
    Exception e = expectThrows(Exception.class, future::actionGet);
    assertEquals(e.getMessage(), status, ExceptionsHelper.status(e));
    return e;
  }

  public void testWhatIsCancelledIsGivenUpThere() throws Exception {
    start(Settings.EMPTY);
    List<String> texts = IntStream.range(0, 1_000).mapToObj(i -> LONG + i).toList();
    long before = done("tiny")[0];
    List<ActionFuture<EncodeAction.Response>> all = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      all.add(on(bare).execute(EncodeAction.TYPE, request("tiny", texts)));
    }
    // What has not arrived there is never begun.
    assertBusy(() -> assertThat(done("tiny")[0], greaterThan(before + 8)));
    clusterAdmin().prepareCancelTasks().setActions(EncodeAction.TYPE.name()).get();
    int cancelled = 0;
    for (ActionFuture<EncodeAction.Response> one : all) {
      try {
        one.actionGet();
      } catch (RuntimeException e) {
        assertThat(ExceptionsHelper.unwrapCause(e).getMessage(), containsString("cancelled"));
        cancelled++;
      }
    }
    assertThat(cancelled, greaterThan(0));
    assertBusy(
        () -> {
          assertThat(done("tiny")[2], greaterThan(0L));
          assertEquals(
              List.of(),
              clusterAdmin().prepareListTasks().setActions("internal:semlux/*").get().getTasks());
        });
  }

  /** What happens next happens to those who ask, however slow the machine is. */
  private static void awaitMore(AtomicInteger answered, List<Exception> failures) throws Exception {
    int wanted = answered.get() + 10;
    assertBusy(
        () -> assertThat(failures.toString(), answered.get(), greaterThanOrEqualTo(wanted)),
        60,
        TimeUnit.SECONDS);
  }

  /** Nodes with the model go and come one after the other while somebody asks all the time. */
  public void testNobodyNoticesThatNodesLeave() throws Exception {
    start(Settings.EMPTY);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    List<Exception> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> askers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread asker =
          new Thread(
              () -> {
                while (!ended.get()) {
                  try {
                    encode(on(bare), "tiny", List.of(QUERY, LONG));
                    answered.incrementAndGet();
                  } catch (RuntimeException e) {
                    failures.add(e);
                    return;
                  }
                }
              });
      asker.start();
      askers.add(asker);
    }
    awaitMore(answered, failures);
    String joined = internalCluster().startNode();
    for (String node : List.of(other, internalCluster().getNodeNames()[1])) {
      internalCluster().restartNode(node);
      // It answers before it has loaded the model, and does so itself afterwards.
      assertGolden(on(node), "tiny");
      assertBusy(
          () -> {
            var model = ModelCalls.get(client(), "tiny");
            assertEquals(3, model.nodes().size());
            assertEquals(ModelState.DEPLOYED, model.state());
          },
          60,
          TimeUnit.SECONDS);
      awaitMore(answered, failures);
    }
    assertGolden(on(joined), "tiny");
    ended.set(true);
    for (Thread asker : askers) {
      asker.join();
    }
    assertEquals(failures.toString(), 0, failures.size());
  }

  /** The model that had the alias before is deleted at once, under those who still wait for it. */
  public void testAnAliasMovesUnderTraffic() throws Exception {
    start(Settings.EMPTY);
    move("tiny");
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger answered = new AtomicInteger();
    List<Exception> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> askers = new ArrayList<>();
    List<String> texts = Collections.nCopies(100, LONG);
    for (String node : List.of(bare, other, other)) {
      Thread asker =
          new Thread(
              () -> {
                while (!ended.get()) {
                  try {
                    assertEquals(texts.size(), encode(on(node), "live", texts).size());
                    answered.incrementAndGet();
                  } catch (RuntimeException e) {
                    failures.add(e);
                    return;
                  }
                }
              });
      asker.start();
      askers.add(asker);
    }
    String last = "tiny";
    for (int i = 0; i < 5; i++) {
      String next = "next" + i;
      new TinyModel(50_000).upload(on(bare), next);
      deploy(on(bare), next);
      move(next);
      ModelCalls.delete(on(bare), last);
      awaitMore(answered, failures);
      last = next;
    }
    ended.set(true);
    for (Thread asker : askers) {
      asker.join();
    }
    assertEquals(failures.toString(), 0, failures.size());
  }

  private void move(String id) {
    on(bare)
        .execute(
            UpdateAliasAction.TYPE,
            new UpdateAliasAction.Request(TIME, TIME, "live", Optional.of(id)))
        .actionGet();
  }
}

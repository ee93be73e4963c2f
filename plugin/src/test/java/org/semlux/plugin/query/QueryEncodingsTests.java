package org.semlux.plugin.query;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.TransportSearchAction;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import org.elasticsearch.tasks.CancellableTask;
import org.elasticsearch.tasks.TaskCancelHelper;
import org.elasticsearch.tasks.TaskCancelledException;
import org.elasticsearch.tasks.TaskId;
import org.elasticsearch.tasks.TaskManager;
import org.elasticsearch.test.ESTestCase;
import org.elasticsearch.threadpool.TestThreadPool;
import org.junit.After;
import org.junit.Before;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.ingest.deployed.EncoderSource;
import org.semlux.plugin.search.RunningSearch;

/** What is encoded, and what is not, with real encoders whose threads run when the test says so. */
public class QueryEncodingsTests extends ESTestCase {
  private static final Path DENSE =
      Path.of("../tests/src/test/resources/goldens/dense-bert-prompts").toAbsolutePath();

  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private TestThreadPool threads;
  private Workers workers;
  private SparseEncoder encoder;

  @Before
  public void load() throws Exception {
    threads = new TestThreadPool(getTestName());
    workers = new Workers(tasks::add, 1, Runnable::run);
    encoder = SparseGolden.load(workers);
  }

  @After
  public void close() {
    encoder.close();
    work();
    terminate(threads);
  }

  private void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private PlainActionFuture<TermWeights> ask(QueryEncodings encodings, String text) {
    var answer = new PlainActionFuture<TermWeights>();
    encodings.sparse(threads, "m", text, answer);
    return answer;
  }

  private TermWeights answered(QueryEncodings encodings, String text) {
    PlainActionFuture<TermWeights> answer = ask(encodings, text);
    work();
    return answer.actionGet(TimeValue.ZERO);
  }

  public void testKnownTextsAreNotEncodedAgain() {
    QueryEncodings encodings = new QueryEncodings(id -> encoder);
    TermWeights first = answered(encodings, "a man plays");
    assertTrue(first.size() > 0);
    assertEquals(first, ask(encodings, "a man plays").actionGet(TimeValue.ZERO));
    assertEquals(1, encoder.stats().texts());
    answered(encodings, "a woman sings");
    assertEquals(2, encoder.stats().texts());

    QueryCacheStats stats = encodings.stats();
    assertEquals(1, stats.hits());
    assertEquals(2, stats.misses());
    assertEquals(2, stats.entries());
    assertEquals(0, stats.evictions());
  }

  public void testVectorsBelongToWhoAsks() throws Exception {
    try (DenseEncoder dense =
        DenseEncoder.load(DENSE, EncoderOptions.defaults().withWorkers(workers))) {
      QueryEncodings encodings = new QueryEncodings(id -> dense);
      float[] first = vector(encodings);
      float[] copy = first.clone();
      first[0] = 7;
      assertArrayEquals(copy, vector(encodings), 0);
      assertEquals(1, dense.stats().texts());
      var asked = dense.submit(request());
      work();
      assertArrayEquals(asked.join().get(0).values(), copy, 1e-6f);
    } finally {
      work();
    }
  }

  private static EncodeRequest request() {
    return EncodeRequest.of(List.of("a man plays")).withInputType(InputType.QUERY);
  }

  private float[] vector(QueryEncodings encodings) {
    var answer = new PlainActionFuture<float[]>();
    encodings.dense(threads, "m", "a man plays", answer);
    work();
    return answer.actionGet(TimeValue.ZERO);
  }

  public void testModelThatIsDeployedAgainIsAskedAgain() throws Exception {
    Encoder[] current = {encoder};
    QueryEncodings encodings = new QueryEncodings(id -> current[0]);
    answered(encodings, "a man plays");
    try (SparseEncoder next = SparseGolden.load(workers)) {
      current[0] = next;
      answered(encodings, "a man plays");
      assertEquals(1, next.stats().texts());
      assertEquals(0, encodings.stats().hits());
    } finally {
      work();
    }
  }

  public void testBothBoundsHold() {
    QueryEncodings few = new QueryEncodings(id -> encoder, 1 << 20, 3);
    for (int i = 0; i < 10; i++) {
      answered(few, "text " + i);
    }
    assertEquals(3, few.stats().entries());
    assertEquals(7, few.stats().evictions());
    answered(few, "text 9");
    assertEquals("the latest is kept", 1, few.stats().hits());

    QueryEncodings small = new QueryEncodings(id -> encoder, 20_000, 1_000);
    for (int i = 0; i < 10; i++) {
      answered(small, "text " + i + " long".repeat(800));
    }
    assertThat(small.stats().sizeInBytes(), lessThanOrEqualTo(20_000L));
    assertTrue(small.stats().entries() > 0 && small.stats().entries() < 10);
  }

  public void testThoseWhoAskTogetherShareOneEncoding() {
    QueryEncodings encodings = new QueryEncodings(id -> encoder);
    var first = ask(encodings, "a man plays");
    var second = ask(encodings, "a man plays");
    work();
    assertEquals(first.actionGet(TimeValue.ZERO), second.actionGet(TimeValue.ZERO));
    assertEquals(1, encoder.stats().texts());
    assertEquals(2, encodings.stats().misses());
  }

  public void testOneWhoGivesUpLeavesTheOthersTheirAnswer() {
    QueryEncodings encodings = new QueryEncodings(id -> encoder);
    CancellableTask task = task();
    var cancelled = askIn(search(null), task, encodings);
    var patient = ask(encodings, "a man plays");
    TaskCancelHelper.cancel(task, "by the user");
    expectThrows(TaskCancelledException.class, () -> cancelled.actionGet(TimeValue.ZERO));
    work();
    assertTrue(patient.actionGet(TimeValue.ZERO).size() > 0);
  }

  public void testWhatNobodyWaitsForIsNotEncoded() {
    QueryEncodings encodings = new QueryEncodings(id -> encoder);
    CancellableTask task = task();
    var cancelled = askIn(search(null), task, encodings);
    TaskCancelHelper.cancel(task, "by the user");
    expectThrows(TaskCancelledException.class, () -> cancelled.actionGet(TimeValue.ZERO));
    work();
    assertEquals(0, encoder.stats().texts());
    assertEquals(0, encodings.stats().entries());
    assertTrue("nothing of it stays", answered(encodings, "a man plays").size() > 0);
  }

  public void testSearchThatTimesOutStopsWaiting() throws Exception {
    QueryEncodings encodings = new QueryEncodings(id -> encoder);
    var late = askIn(search(TimeValue.timeValueMillis(1)), task(), encodings);
    Exception e = expectThrows(Exception.class, () -> late.actionGet(TEST_REQUEST_TIMEOUT));
    assertEquals(RestStatus.REQUEST_TIMEOUT, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString("the search timed out"));
    // The thread that told so then gives the encoding up.
    var timers = (ThreadPoolExecutor) threads.generic();
    assertBusy(() -> assertEquals(0, timers.getActiveCount()));
    work();
    assertEquals(0, encoder.stats().texts());
  }

  public void testItDoesNotWaitForNodesThatHang() {
    CompletableFuture<Void> nodes = new CompletableFuture<>();
    QueryEncodings encodings =
        new QueryEncodings(
            new EncoderSource() {
              @Override
              public CompletableFuture<Void> ready(String modelId) {
                return nodes;
              }

              @Override
              public Encoder encoder(String modelId) {
                return encoder;
              }
            });
    var late = askIn(search(TimeValue.timeValueMillis(1)), task(), encodings);
    Exception e = expectThrows(Exception.class, () -> late.actionGet(TEST_REQUEST_TIMEOUT));
    assertEquals(RestStatus.REQUEST_TIMEOUT, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString("the search timed out"));
    nodes.complete(null);
    work();
    assertEquals(0, encoder.stats().texts());
  }

  private static CancellableTask task() {
    return new CancellableTask(1, "transport", "search", "", TaskId.EMPTY_TASK_ID, Map.of());
  }

  private static SearchRequest search(TimeValue timeout) {
    return new SearchRequest().source(new SearchSourceBuilder().timeout(timeout));
  }

  /** Asks as a query does that is rewritten for a search. */
  private PlainActionFuture<TermWeights> askIn(
      SearchRequest request, CancellableTask task, QueryEncodings encodings) {
    var answer = new PlainActionFuture<TermWeights>();
    new RunningSearch.Filter(
            threads.getThreadContext(), new TaskManager(Settings.EMPTY, threads, Set.of()))
        .apply(
            task,
            TransportSearchAction.NAME,
            request,
            ActionListener.<SearchResponse>noop(),
            (searchTask, action, search, listener) ->
                encodings.sparse(threads, "m", "a man plays", answer));
    assertTrue(RunningSearch.of(threads.getThreadContext()).isEmpty());
    return answer;
  }

  public void testInferenceFreeModelsLookQueriesUp() throws Exception {
    Path folder = SparseGolden.FOLDER.resolveSibling("sparse-inference-free-query");
    try (SparseEncoder router =
        SparseEncoder.load(folder, EncoderOptions.defaults().withWorkers(workers))) {
      TermWeights query = answered(new QueryEncodings(id -> router), "a man plays");
      var asQuery = router.submit(request());
      var asDocument = router.submit(request().withInputType(InputType.DOCUMENT));
      work();
      assertEquals(asQuery.join().get(0), query);
      assertNotEquals(asDocument.join().get(0), query);
    } finally {
      work();
    }
  }

  public void testModelOfAnotherKindIsNamed() throws Exception {
    var answer = new PlainActionFuture<float[]>();
    new QueryEncodings(id -> encoder).dense(threads, "splade", "a man plays", answer);
    Exception e = expectThrows(Exception.class, () -> answer.actionGet(TimeValue.ZERO));
    assertEquals(RestStatus.BAD_REQUEST, ExceptionsHelper.status(e));
    assertThat(e.getMessage(), containsString("model [splade] is of kind sparse"));
  }

  public void testTextsThatAreNone() {
    QueryEncodings.checkText("query", "x".repeat(QueryEncodings.MAX_CHARACTERS));
    for (String bad : List.of("", " \n", "x".repeat(1_000_000))) {
      Exception e = expectThrows(Exception.class, () -> QueryEncodings.checkText("query", bad));
      assertThat(e, instanceOf(IllegalArgumentException.class));
      assertThat(e.getMessage(), containsString("[query]"));
    }
  }
}

package org.semlux.plugin;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.not;
import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESSingleNodeTestCase;
import org.elasticsearch.threadpool.TestThreadPool;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.threadpool.ThreadPoolStats;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.model.Elsewhere;
import org.semlux.plugin.model.EncoderLoader;
import org.semlux.plugin.model.ModelMemory;
import org.semlux.plugin.model.ModelOptions;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.ModelStore;
import org.semlux.plugin.model.NodeModel;
import org.semlux.plugin.model.NodeModels;

/**
 * Loads that take their time. Beside the node's own models stand others, over a folder of their
 * own, whose loader waits at every model called slow.
 */
public class SlowLoadTests extends ESSingleNodeTestCase {
  private static final int PART_SIZE = 10_000;

  private final Set<String> waiting = ConcurrentHashMap.newKeySet();
  private final Set<String> interrupted = ConcurrentHashMap.newKeySet();
  private final CountDownLatch end = new CountDownLatch(1);

  @Override
  protected Collection<Class<? extends Plugin>> getPlugins() {
    return List.of(SemluxPlugin.class);
  }

  @Override
  protected boolean resetNodeAfterTest() {
    return true;
  }

  private NodeModels models(Path root, boolean slow) {
    return models(root, slow, getInstanceFromNode(ThreadPool.class));
  }

  private NodeModels models(Path root, boolean slow, ThreadPool threads) {
    return models(root, slow, threads, new ModelMemory(Long.MAX_VALUE));
  }

  private NodeModels models(Path root, boolean slow, ThreadPool threads, ModelMemory memory) {
    ThreadPool threadPool = getInstanceFromNode(ThreadPool.class);
    EncoderLoader loader =
        new EncoderLoader(
            Optional.empty(),
            EncoderOptions.defaults().withWorkers(EncodePool.workers(threadPool)));
    NodeModels models =
        new NodeModels(
            getInstanceFromNode(ClusterService.class),
            threads,
            getInstanceFromNode(ModelStore.class),
            true,
            root,
            slow ? (folder, options) -> wait(folder, options, loader) : loader,
            memory,
            Elsewhere.NOWHERE);
    models.start();
    return models;
  }

  private Encoder wait(Path folder, ModelOptions options, EncoderLoader loader) throws IOException {
    String id = folder.getFileName().toString();
    if (id.startsWith("slow")) {
      waiting.add(id);
      try {
        assertTrue(end.await(60, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        interrupted.add(id);
        throw new CancellationException(id);
      } finally {
        waiting.remove(id);
      }
    }
    return loader.load(folder, options);
  }

  private void deployed(String id) throws Exception {
    new TinyModel(PART_SIZE).upload(client(), id);
    deploy(client(), id);
  }

  private static ModelState state(NodeModels models, String id) {
    NodeModel status = models.statuses().get(id);
    return status == null ? null : status.state();
  }

  private static String reason(NodeModels models, String id) {
    NodeModel status = models.statuses().get(id);
    return status == null ? "" : status.reason();
  }

  private static List<Path> marks(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.endsWith(".loading")).toList();
    }
  }

  public void testOthersDoNotWaitForASlowOne() throws Exception {
    NodeModels models = models(createTempDir(), true);
    deployed("slow");
    deployed("tiny");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "tiny")));
    assertBusy(() -> assertEquals(Set.of("slow"), waiting));
    assertEquals(ModelState.DEPLOYING, state(models, "slow"));
    end.countDown();
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "slow")));
    models.close();
  }

  public void testUndeployingEndsALoad() throws Exception {
    Path root = createTempDir();
    NodeModels models = models(root, true);
    deployed("slow");
    assertBusy(() -> assertEquals(Set.of("slow"), waiting));
    assertEquals(1, marks(root).size());
    undeploy(client(), "slow");
    assertBusy(() -> assertEquals(Set.of("slow"), interrupted));
    assertBusy(() -> assertEquals(List.of(), marks(root)));
    end.countDown();
    deploy(client(), "slow");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "slow")));
    models.close();
  }

  public void testSomeLoadAtOnceAndTheRestAfterThem() throws Exception {
    NodeModels models = models(createTempDir(), true);
    for (int i = 0; i < 6; i++) {
      deployed("slow" + i);
    }
    assertBusy(() -> assertEquals(4, waiting.size()));
    String first = waiting.iterator().next();
    undeploy(client(), first);
    assertBusy(() -> assertTrue(interrupted.contains(first) && waiting.size() == 4));
    end.countDown();
    assertBusy(
        () -> {
          for (int i = 0; i < 6; i++) {
            ModelState expected = first.equals("slow" + i) ? null : ModelState.DEPLOYED;
            assertEquals(expected, state(models, "slow" + i));
          }
        });
    models.close();
  }

  /** Over what a node leaves that ends while it loads, as one finds it that starts again. */
  public void testWhatTheNodeEndedWithTwiceIsLeftAloneForAWhile() throws Exception {
    Path root = createTempDir();
    NodeModels ended = models(root, true);
    deployed("tiny");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(ended, "tiny")));
    deployed("slow");
    assertBusy(() -> assertEquals(1, marks(root).size()));
    NodeModels endedToo = models(root, true); // once may be anything's fault: it tries by itself
    deploy(client(), "tiny"); // so that the cluster has something new to say
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(endedToo, "tiny")));
    assertBusy(() -> assertThat(Files.readString(marks(root).get(0)), endsWith(" 2")));
    NodeModels again = models(root, false);
    deploy(client(), "tiny");

    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "tiny")));
    assertBusy(() -> assertEquals(ModelState.FAILED, state(again, "slow")));
    String reason = again.statuses().get("slow").reason();
    assertThat(
        reason,
        containsString(
            "the node ended twice while loading it; this is tried again by itself in 10m, or now by"
                + " deploying it again"));
    ClusterModels asked =
        new ClusterModels(getInstanceFromNode(ClusterService.class), again, Elsewhere.NOWHERE);
    Exception refused = expectThrows(Exception.class, () -> asked.encoder("slow"));
    assertThat(refused.getMessage(), containsString("the node ended twice while loading it"));
    assertEquals(RestStatus.SERVICE_UNAVAILABLE, ExceptionsHelper.status(refused));

    deploy(client(), "slow");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "slow")));
    end.countDown();
    assertBusy(() -> assertEquals(List.of(), marks(root)));
    ended.close();
    endedToo.close();
    again.close();
  }

  public void testOthersThatWereLoadingWhenTheNodeEndedAreNotTakenForItsCause() throws Exception {
    Path root = createTempDir();
    NodeModels ended = models(root, true);
    deployed("tiny");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(ended, "tiny")));
    deployed("slow1");
    deployed("slow2");
    assertBusy(() -> assertEquals(2, marks(root).size()));
    NodeModels endedToo = models(root, true);
    deploy(client(), "tiny"); // so that the cluster has something new to say
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(endedToo, "tiny")));
    assertBusy(
        () ->
            assertEquals(
                List.of("1 1", "1 2"), marks(root).stream().map(this::read).sorted().toList()));
    NodeModels again = models(root, false);
    deploy(client(), "tiny");
    assertBusy(
        () ->
            assertEquals(
                List.of(ModelState.DEPLOYED, ModelState.FAILED),
                Stream.of("slow1", "slow2").map(id -> state(again, id)).sorted().toList()));
    end.countDown();
    ended.close();
    endedToo.close();
    again.close();
  }

  private String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void testWhatTheNodeEndedWithIsTriedAgainByItselfAtLast() throws Exception {
    Path root = createTempDir();
    NodeModels ended = models(root, true);
    deployed("slow");
    assertBusy(() -> assertEquals(1, marks(root).size()));
    Path mark = marks(root).get(0);
    Files.writeString(mark, "1 2");
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      ModelMemory memory = new ModelMemory(1);
      NodeModels again = models(root, false, threads, memory);
      deployed("tiny");
      assertBusy(() -> assertThat(reason(again, "slow"), containsString("ended twice")));
      assertEquals("it rests", "1 2", read(mark));
      threads.leap(TimeValue.timeValueMinutes(10));
      assertBusy(() -> assertThat(reason(again, "slow"), containsString("it needs")));
      memory.limit(Long.MAX_VALUE);
      assertBusy(
          () -> {
            assertThat("no second rest", reason(again, "slow"), not(containsString("twice")));
            assertEquals(ModelState.DEPLOYED, state(again, "slow"));
          });
      assertBusy(() -> assertEquals(List.of(), marks(root)));
      again.close();
    } finally {
      terminate(threads);
    }
    end.countDown();
    ended.close();
  }

  public void testWhatHangsWhileItLoadsAloneHoldsOthersUpForMinutesOnly() throws Exception {
    Path root = createTempDir();
    NodeModels ended = models(root, false);
    for (String id : List.of("slow1", "slow2")) {
      deployed(id);
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(ended, id)));
    }
    ended.close();
    try (Stream<Path> uploads = Files.list(root)) {
      for (Path upload : uploads.toList()) {
        Files.writeString(upload.resolve(".loading"), "1 1");
      }
    }
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      NodeModels again = models(root, true, threads);
      deployed("tiny");
      assertBusy(() -> assertEquals(1, waiting.size()));
      assertEquals(ModelState.DEPLOYING, state(again, "tiny"));
      threads.leap(TimeValue.timeValueMinutes(5));
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "tiny")));
      assertBusy(() -> assertEquals(Set.of("slow1", "slow2"), waiting));
      end.countDown();
      again.close();
    } finally {
      terminate(threads);
    }
  }

  /** Minutes pass at once where a test says so. */
  private static final class LeapingThreadPool extends TestThreadPool {
    private record Later(TimeValue delay, long atMillis, Runnable command, Executor executor) {}

    private final Queue<Later> later = new ConcurrentLinkedQueue<>();
    private final AtomicLong leaptMillis = new AtomicLong();

    LeapingThreadPool() {
      super("leaping");
    }

    @Override
    public long rawRelativeTimeInMillis() {
      return leaptMillis.get() + super.rawRelativeTimeInMillis();
    }

    @Override
    public ScheduledCancellable schedule(Runnable command, TimeValue delay, Executor executor) {
      if (delay.minutes() > 0) { // no test lives long enough to see it twice
        later.add(new Later(delay, rawRelativeTimeInMillis() + delay.millis(), command, executor));
      }
      return super.schedule(command, delay, executor);
    }

    /** Lets this time pass, at whose end something is to be done: that is waited for. */
    void leap(TimeValue time) throws Exception {
      assertBusy(() -> assertTrue(later.stream().anyMatch(command -> command.delay.equals(time))));
      leaptMillis.addAndGet(time.millis());
      long now = rawRelativeTimeInMillis();
      List<Later> due = later.stream().filter(command -> command.atMillis <= now).toList();
      later.removeAll(due);
      due.forEach(command -> command.executor.execute(command.command));
    }
  }

  public void testWhatFillsAllPlacesIsNamedAndHoldsOthersUpForMinutesOnly() throws Exception {
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      NodeModels models = models(createTempDir(), true, threads);
      for (int i = 0; i < 4; i++) {
        deployed("slow" + i);
      }
      assertBusy(() -> assertEquals(4, waiting.size()));
      deployed("tiny");
      assertBusy(
          () ->
              assertEquals(
                  "waits until a load ends of [slow0, slow1, slow2, slow3]: undeploy what hangs",
                  reason(models, "tiny")));
      assertEquals(ModelState.DEPLOYING, state(models, "tiny"));
      assertEquals("", reason(models, "slow0"));
      threads.leap(TimeValue.timeValueMinutes(5));
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "tiny")));
      assertEquals(4, waiting.size());
      end.countDown();
      models.close();
    } finally {
      terminate(threads);
    }
  }

  /** A folder lies where the mark should. */
  public void testAMarkThatCannotBeWrittenHoldsNothingUp() throws Exception {
    Path root = createTempDir();
    NodeModels first = models(root, false);
    deployed("tiny");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(first, "tiny")));
    first.close();
    Path upload;
    try (Stream<Path> uploads = Files.list(root)) {
      upload = uploads.findFirst().orElseThrow();
    }
    Files.createDirectories(upload.resolve(".loading").resolve("in the way"));
    NodeModels again = models(root, false);
    deployed("other"); // so that the cluster has something new to say
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "tiny")));
    again.close();
  }

  public void testANodeThatEndsInOrderLeavesNoMark() throws Exception {
    Path root = createTempDir();
    NodeModels models = models(root, true);
    deployed("slow");
    assertBusy(() -> assertEquals(1, marks(root).size()));
    models.stop();
    assertEquals(List.of(), marks(root));
    assertBusy(() -> assertEquals(Set.of("slow"), interrupted));
    models.close();
    // What was given up is not begun again and again: the pool rests, and the node ends at once.
    assertBusy(
        () -> {
          long before = genericTasks();
          TimeUnit.MILLISECONDS.sleep(500);
          assertEquals(before, genericTasks());
        });
  }

  /** What the node's generic pool has done. */
  private long genericTasks() {
    for (ThreadPoolStats.Stats pool : getInstanceFromNode(ThreadPool.class).stats()) {
      if (pool.name().equals(ThreadPool.Names.GENERIC)) {
        return pool.completed();
      }
    }
    throw new AssertionError("no generic pool");
  }
}

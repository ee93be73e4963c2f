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
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.threadpool.ThreadPoolStats;
import org.semlux.plugin.model.ClusterModels;
import org.semlux.plugin.model.Elsewhere;
import org.semlux.plugin.model.ModelMemory;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.NodeModels;

/** Loads that take their time, and what becomes of them where the node ends meanwhile. */
public class SlowLoadTests extends SlowLoadTestCase {
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

  /** A pass looks which models are due, then begins their loads; one may end in between. */
  public void testALoadThatEndsWhileAPassLooksIsNotBegunAgain() throws Exception {
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      NodeModels models = models(createTempDir(), true, threads);
      deployed("tiny");
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "tiny")));
      deployed("slow");
      assertBusy(() -> assertEquals(Set.of("slow"), waiting));
      assertBusy(() -> assertEquals("the load alone", 1, threads.active()));
      CountDownLatch looked = new CountDownLatch(1);
      threads.atNextLook( // at the loaded model, which comes after the one that loads
          () -> {
            end.countDown();
            try {
              assertBusy(() -> assertEquals("the pass alone", 1, threads.active()));
            } catch (Exception e) {
              throw new AssertionError(e);
            }
            assertEquals(ModelState.DEPLOYED, state(models, "slow"));
            looked.countDown();
          });
      deploy(client(), "tiny"); // so that the cluster has something new to say
      assertTrue(looked.await(60, TimeUnit.SECONDS));
      deployed("late"); // by a later pass, when another load would have begun long before
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "late")));
      assertBusy(() -> assertEquals(0, threads.active()));
      assertEquals(1, (int) loads.get("slow"));
      models.close();
    } finally {
      terminate(threads);
    }
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

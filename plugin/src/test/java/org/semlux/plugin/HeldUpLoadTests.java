package org.semlux.plugin;

import static org.semlux.plugin.ModelCalls.deploy;
import static org.semlux.plugin.ModelCalls.undeploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.elasticsearch.core.TimeValue;
import org.semlux.plugin.model.ModelState;
import org.semlux.plugin.model.NodeModels;

/** What a load waits for, and what its model's status says of that. */
public class HeldUpLoadTests extends SlowLoadTestCase {
  public void testWhatFillsAllPlacesIsNamedAndHoldsOthersUpForMinutesOnly() throws Exception {
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      NodeModels models = models(createTempDir(), true, threads);
      assertFourHoldUp(models, 4);
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

  /** Four loads that take their time, so many in all, are what another one says it waits for. */
  private void assertFourHoldUp(NodeModels models, int loads) throws Exception {
    for (int i = 0; i < 4; i++) {
      deployed("slow" + i);
    }
    assertBusy(() -> assertEquals(loads, waiting.size()));
    deployed("tiny");
    assertBusy(
        () ->
            assertEquals(
                "waits until one of the loads of [slow0, slow1, slow2, slow3] ends; none holds"
                    + " others up for more than 5m",
                reason(models, "tiny")));
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
      String lone = waiting.iterator().next();
      String expected =
          "waits for ["
              + lone
              + "], loaded alone as the node ended with it before; none holds others up for more"
              + " than 5m";
      assertBusy(() -> assertEquals(expected, reason(again, "tiny")));
      assertEquals(expected, reason(again, lone.equals("slow1") ? "slow2" : "slow1"));
      assertEquals("", reason(again, lone));
      threads.leap(TimeValue.timeValueMinutes(5));
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "tiny")));
      assertBusy(() -> assertEquals(Set.of("slow1", "slow2"), waiting));
      end.countDown();
      again.close();
    } finally {
      terminate(threads);
    }
  }

  public void testWhatIsLoadedAloneWaitsForThoseThatRun() throws Exception {
    Path root = createTempDir();
    NodeModels ended = models(root, false);
    deployed("slow1");
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(ended, "slow1")));
    ended.close();
    undeploy(client(), "slow1");
    try (Stream<Path> uploads = Files.list(root)) {
      Files.writeString(uploads.findFirst().orElseThrow().resolve(".loading"), "1 1");
    }
    NodeModels again = models(root, true);
    deployed("slow0");
    assertBusy(() -> assertEquals(Set.of("slow0"), waiting));
    deploy(client(), "slow1");
    assertBusy(
        () ->
            assertEquals(
                "is loaded alone, as the node ended while it loaded it, once the loads of [slow0]"
                    + " have ended; none holds others up for more than 5m",
                reason(again, "slow1")));
    assertEquals(Set.of("slow0"), waiting);
    end.countDown();
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(again, "slow1")));
    again.close();
  }

  public void testAModelThatIsDeployedAgainSaysThatItsFormerLoadHangs() throws Exception {
    NodeModels models = models(createTempDir(), true);
    deployed("hung");
    assertBusy(() -> assertEquals(Set.of("hung"), waiting));
    assertEquals("", reason(models, "hung"));
    undeploy(client(), "hung");
    assertBusy(() -> assertEquals(Set.of("hung"), interrupted));
    deploy(client(), "hung");
    assertBusy(
        () ->
            assertEquals(
                "waits until its former load ends, which was given up: if that hangs, restart the"
                    + " node",
                reason(models, "hung")));
    assertEquals(ModelState.DEPLOYING, state(models, "hung"));
    end.countDown();
    assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "hung")));
    assertEquals("its encoder is wanted again", 1, (int) loads.get("hung"));
    models.close();
  }

  public void testOnlyWhatHoldsOthersUpIsNamed() throws Exception {
    LeapingThreadPool threads = new LeapingThreadPool();
    try {
      NodeModels models = models(createTempDir(), true, threads);
      deployed("hung");
      deployed("slow");
      assertBusy(() -> assertEquals(Set.of("hung", "slow"), waiting));
      undeploy(client(), "hung");
      assertBusy(() -> assertEquals(Set.of("hung"), interrupted));
      threads.leap(TimeValue.timeValueMinutes(5));
      assertFourHoldUp(models, 6);
      end.countDown();
      assertBusy(() -> assertEquals(ModelState.DEPLOYED, state(models, "tiny")));
      models.close();
    } finally {
      terminate(threads);
    }
  }
}

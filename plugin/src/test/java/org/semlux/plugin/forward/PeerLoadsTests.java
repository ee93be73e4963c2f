package org.semlux.plugin.forward;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.test.ESTestCase;

/** Which of several nodes is asked. */
public class PeerLoadsTests extends ESTestCase {
  private static final List<String> NODES = List.of("a", "b", "c");

  private long millis = 1_000;
  private final PeerLoads loads = new PeerLoads(() -> TimeUnit.MILLISECONDS.toNanos(millis));

  private void answers(String node, long bytes, long took) {
    PeerLoads.Call call = loads.begin(node, bytes);
    millis += took;
    call.close();
    call.tellsPace();
  }

  public void testUnknownOnesAreTriedInTurn() {
    Set<String> asked = new HashSet<>();
    for (int i = 0; i < NODES.size(); i++) {
      String next = loads.nearest(NODES);
      asked.add(next);
      answers(next, 1_000, 10);
    }
    assertEquals(Set.copyOf(NODES), asked);
  }

  public void testEqualOnesShareTheWork() {
    NODES.forEach(node -> answers(node, 1_000, 10));
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String next = loads.nearest(NODES);
      loads.begin(next, 1_000);
      asked.add(next);
    }
    NODES.forEach(node -> assertEquals(2, asked.stream().filter(node::equals).count()));
  }

  public void testANodeThreeTimesAsFastGetsThreeTimesAsMuch() {
    answers("a", 1_000, 31);
    answers("b", 2_000, 20);
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String next = loads.nearest(List.of("a", "b"));
      loads.begin(next, 1_000);
      asked.add(next);
    }
    assertEquals(6, asked.stream().filter("b"::equals).count());
  }

  public void testOneOfUnknownPaceGetsNotAllAtOnce() {
    answers("a", 1_000, 10);
    assertEquals("b", loads.nearest(List.of("a", "b")));
    loads.begin("b", 1_000);
    for (int i = 0; i < 20; i++) { // until it has answered
      assertEquals("a", loads.nearest(List.of("a", "b")));
      loads.begin("a", 1_000);
    }
  }

  public void testPaceFollowsAndIsForgotten() {
    answers("a", 1_000, 10);
    answers("b", 1_000, 100);
    for (int i = 0; i < 20; i++) {
      assertEquals("a", loads.nearest(List.of("a", "b")));
      answers("a", 1_000, 10);
    }
    for (int i = 0; i < 20; i++) {
      answers("a", 1_000, 200);
    }
    assertEquals("b", loads.nearest(List.of("a", "b")));
    answers("b", 1_000, 300);
    millis += 31_000;
    assertNotEquals(askedAndAnswered(), askedAndAnswered());
  }

  private String askedAndAnswered() {
    String next = loads.nearest(List.of("a", "b"));
    answers(next, 1_000, 10);
    return next;
  }

  public void testARefusalSaysNothingOfPace() {
    answers("a", 1_000, 10);
    answers("b", 1_000, 20);
    PeerLoads.Call refused = loads.begin("b", 1_000);
    refused.close();
    assertEquals("a", loads.nearest(List.of("a", "b")));
  }
}

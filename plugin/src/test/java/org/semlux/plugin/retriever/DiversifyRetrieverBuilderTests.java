package org.semlux.plugin.retriever;

import static org.elasticsearch.search.retriever.CompoundRetrieverBuilder.RetrieverSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.elasticsearch.search.retriever.TestRetrieverBuilder;
import org.elasticsearch.tasks.TaskCancelledException;

public class DiversifyRetrieverBuilderTests extends RetrieverTestCase<DiversifyRetrieverBuilder> {
  @Override
  protected DiversifyRetrieverBuilder createTestInstance() {
    return new DiversifyRetrieverBuilder(
        FIELDS,
        RetrieverSource.from(TestRetrieverBuilder.createRandomTestRetrieverBuilder()),
        "body",
        new Diversity(randomDoubleBetween(0, 1, true)),
        between(1, 1000));
  }

  /** Against the definition, computed anew for each place. */
  public void testEqualsItsNaiveTwin() {
    for (int round = 0; round < 200; round++) {
      int count = between(1, 30);
      boolean sparse = randomBoolean();
      List<MeanVector> vectors = new ArrayList<>();
      float[] scores = new float[count];
      for (int i = 0; i < count; i++) {
        scores[i] = randomFloat();
        vectors.add(MeanVector.of(rarely() ? List.of() : List.of(randomVector(sparse))));
      }
      double lambda = randomFrom(0.0, 0.3, 0.5, 0.9, 1.0);
      Diversity.Choice[] order = new Diversity(lambda).order(scores, vectors, () -> {});
      assertEquals(
          naive(scores, vectors, lambda),
          Arrays.stream(order).map(Diversity.Choice::index).toList());
      for (int i = 2; i < order.length; i++) {
        assertTrue(order[i].value() <= order[i - 1].value());
      }
    }
  }

  private static Object randomVector(boolean sparse) {
    if (sparse) {
      return Map.of(randomFrom("a", "b", "c"), randomFloat() + 0.1f, "d", randomFloat());
    }
    return List.of(randomFloat() - 0.5f, randomFloat() - 0.5f, randomFloat() + 0.1f);
  }

  private static List<Integer> naive(float[] scores, List<MeanVector> vectors, double lambda) {
    double least = scores[0];
    double most = scores[0];
    for (float score : scores) {
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < scores.length) {
      int best = -1;
      double value = 0;
      for (int i = 0; i < scores.length; i++) {
        double relevance = most > least ? (scores[i] - least) / (most - least) : 1;
        double alike = chosen.isEmpty() ? 0 : Double.NEGATIVE_INFINITY;
        for (int other : chosen) {
          alike = Math.max(alike, vectors.get(i).likeness(vectors.get(other)));
        }
        double one = lambda * relevance - (1 - lambda) * alike;
        if (!chosen.contains(i) && (best < 0 || one > value)) {
          best = i;
          value = one;
        }
      }
      chosen.add(best);
    }
    return chosen;
  }

  public void testADuplicateComesAfterWhatIsNew() {
    List<MeanVector> vectors =
        List.of(
            MeanVector.of(List.of(List.of(1, 0))),
            MeanVector.of(List.of(List.of(2, 0))),
            MeanVector.of(List.of(List.of(0, 1))));
    Diversity.Choice[] order =
        new Diversity(0.5).order(new float[] {3, 2.9f, 1}, vectors, () -> {});
    assertEquals(List.of(0, 2, 1), Arrays.stream(order).map(Diversity.Choice::index).toList());
    order = new Diversity(1).order(new float[] {3, 2.9f, 1}, vectors, () -> {});
    assertEquals(List.of(0, 1, 2), Arrays.stream(order).map(Diversity.Choice::index).toList());
  }

  public void testWhatIsNoVectorIsRefused() {
    for (Object value :
        List.of(
            "ab",
            "blue",
            "a title",
            "Zm9vYmFy",
            7,
            true,
            List.of(1, "a"),
            Arrays.asList(1, null))) {
      expectThrows(IllegalArgumentException.class, () -> MeanVector.of(List.of(value)));
    }
    expectThrows(
        IllegalArgumentException.class, () -> MeanVector.of(List.of(Map.of("vector", "ab"))));
  }

  /** As the source of a hit holds them whose field is another cluster's. */
  public void testBlankTextsHaveNoVectors() {
    for (Object blank : List.of("", " \n", List.of(" ", ""))) {
      assertTrue(MeanVector.of(List.of(blank)).isEmpty());
    }
  }

  public void testMeanVectors() {
    MeanVector one = MeanVector.of(List.of(List.of(3, 4)));
    byte[] bytes = ByteBuffer.allocate(8).putFloat(0.6f).putFloat(0.8f).array();
    MeanVector same = MeanVector.of(List.of(Base64.getEncoder().encodeToString(bytes)));
    assertEquals(1, one.likeness(same), 1e-6);
    MeanVector two = MeanVector.of(List.of(List.of(1, 0), List.of(0, 9)));
    assertEquals(Math.sqrt(0.5), two.likeness(MeanVector.of(List.of(List.of(1, 0)))), 1e-6);
    MeanVector passages =
        MeanVector.of(List.of(List.of(Map.of("vector", List.of(3, 4)), Map.of("text", "x"))));
    assertEquals(1, one.likeness(passages), 1e-6);
    MeanVector terms = MeanVector.of(List.of(Map.of("a", 3, "b", 4)));
    assertEquals(0.6, terms.likeness(MeanVector.of(List.of(Map.of("a", 1)))), 1e-6);
    assertEquals(0, terms.likeness(one), 0);
    assertEquals(0, one.likeness(MeanVector.of(List.of(List.of(1, 2, 3)))), 0);
    assertEquals(0, one.likeness(MeanVector.of(List.of())), 0);
  }

  public void testRefusesWhatItCannotUse() throws IOException {
    assertRefused(body(",\"lambda\":2"), "[lambda] must be 0 to 1, not 2.0");
    assertRefused(body(",\"rank_window_size\":0"), "[rank_window_size] must be 1 to 1000");
    assertRefused(body(",\"rank_window_size\":1001"), "documents, not 1001");
  }

  private static String body(String rest) {
    return "{\"semlux_diversify\":{\"field\":\"body\",\"retriever\":{\"test\":{\"value\":\"t\"}}"
        + rest
        + "}}";
  }

  /** A large window of long sparse vectors takes seconds. */
  public void testACancelledSearchIsNotRankedToItsEnd() {
    List<MeanVector> vectors = Collections.nCopies(9, MeanVector.of(List.of(List.of(1.0, 0.0))));
    AtomicInteger places = new AtomicInteger();
    expectThrows(
        TaskCancelledException.class,
        () ->
            new Diversity(0.5)
                .order(
                    new float[9],
                    vectors,
                    () -> {
                      if (places.incrementAndGet() == 3) {
                        throw new TaskCancelledException("by its user");
                      }
                    }));
    assertEquals(3, places.get());
  }
}

package org.semlux.plugin.retriever;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.ScoreDoc;
import org.elasticsearch.search.rank.RankDoc;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder.RetrieverSource;
import org.elasticsearch.search.retriever.TestRetrieverBuilder;

public class FusionRetrieverBuilderTests extends RetrieverTestCase<FusionRetrieverBuilder> {
  @Override
  protected FusionRetrieverBuilder createTestInstance() {
    Fusion fusion =
        randomBoolean()
            ? new Fusion.ReciprocalRank(between(1, 100))
            : new Fusion.Linear(randomFrom(Fusion.Normalizer.values()));
    List<Float> weights = randomList(1, 5, () -> randomFloat());
    return fusion(fusion, between(1, 1000), weights);
  }

  private static FusionRetrieverBuilder fusion(Fusion fusion, int window, List<Float> weights) {
    List<RetrieverSource> inner = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      inner.add(RetrieverSource.from(TestRetrieverBuilder.createRandomTestRetrieverBuilder()));
    }
    return new FusionRetrieverBuilder(inner, window, fusion, weights);
  }

  public void testReciprocalRanks() {
    var fusion = fusion(new Fusion.ReciprocalRank(60), 10, List.of(1f, 1f));
    RankDoc[] fused = fusion.combineInnerRetrieverResults(lists(), true);
    // Document 2 is second and first, 1 first and third, 4 second, 3 third.
    assertEquals(List.of(2, 1, 4, 3), documents(fused));
    assertEquals(1 / 62f + 1 / 61f, fused[0].score, 1e-7f);
    assertEquals(1 / 61f + 1 / 63f, fused[1].score, 1e-7f);
    assertEquals(1, fused[0].rank);
    var first = fusion(new Fusion.ReciprocalRank(60), 2, List.of(1f, 1f));
    assertEquals(List.of(2, 1), documents(first.combineInnerRetrieverResults(lists(), false)));
  }

  public void testLinear() {
    var minmax = new Fusion.Linear(Fusion.Normalizer.MINMAX);
    RankDoc[] fused =
        fusion(minmax, 10, List.of(1f, 2f)).combineInnerRetrieverResults(lists(), true);
    // First list: 1, 0.5, 0. Second: 1, 0.25, 0, twice.
    assertEquals(List.of(2, 1, 4, 3), documents(fused));
    assertEquals(2.5f, fused[0].score, 1e-6f);
    assertEquals(1f, fused[1].score, 1e-6f);
    assertEquals(0.5f, fused[2].score, 1e-6f);
    var none = new Fusion.Linear(Fusion.Normalizer.NONE);
    fused = fusion(none, 10, List.of(1f, 1f)).combineInnerRetrieverResults(lists(), true);
    assertEquals(9f, fused[0].score, 1e-6f);
    double[] l2 =
        new Fusion.Linear(Fusion.Normalizer.L2).parts(new ScoreDoc[] {hit(1, 4), hit(2, 3)});
    assertArrayEquals(new double[] {0.8, 0.6}, l2, 1e-12);
    assertArrayEquals(new double[] {1, 1}, minmax.parts(new ScoreDoc[] {hit(1, 4), hit(2, 4)}), 0);
    var e =
        expectThrows(
            IllegalArgumentException.class, () -> minmax.parts(new ScoreDoc[] {hit(1, Float.NaN)}));
    assertThat(e.getMessage(), containsString("needs scores"));
  }

  /** Scores that tie come out in the order of ranks, and Lucene cannot reorder them. */
  public void testTies() {
    ScoreDoc[] forth = {hit(5, 1), hit(6, 1), hit(7, 1)};
    ScoreDoc[] back = {hit(7, 1), hit(6, 1), hit(5, 1)};
    RankDoc[] fused =
        fusion(new Fusion.ReciprocalRank(60), 10, List.of(1f, 1f))
            .combineInnerRetrieverResults(List.of(forth, back), false);
    assertEquals(List.of(5, 7, 6), documents(fused));
    fused =
        fusion(new Fusion.Linear(Fusion.Normalizer.NONE), 10, List.of(0f, 0f))
            .combineInnerRetrieverResults(List.of(forth, back), false);
    assertEquals(List.of(5, 6, 7), documents(fused));
    for (int i = 1; i < fused.length; i++) {
      assertTrue(fused[i].score < fused[i - 1].score);
      assertTrue(fused[i].score > 0);
    }
  }

  /** Ties in the list of a retriever within this one are lifted by single floats. */
  public void testLiftedTiesCountAlike() {
    for (float score : new float[] {0, 0.25f, 7, 3e9f}) { // whose next is 3e9f + 256
      RankDoc[] list = {
        new RankDoc(5, score, 0), new RankDoc(6, score, 0), new RankDoc(7, score, 0)
      };
      Ranking.number(list);
      assertTrue(list[0].score > list[2].score);
      double[] parts = new Fusion.Linear(Fusion.Normalizer.MINMAX).parts(list);
      assertArrayEquals(new double[] {1, 1, 1}, parts, 0);
      float[] scores = {list[0].score, list[1].score, list[2].score};
      List<MeanVector> vectors =
          List.of(
              MeanVector.of(List.of(List.of(1, 0))),
              MeanVector.of(List.of(List.of(1, 0))),
              MeanVector.of(List.of(List.of(0, 1))));
      Diversity.Choice[] order = new Diversity(0.5).order(scores, vectors, () -> {});
      assertEquals(List.of(0, 2, 1), Arrays.stream(order).map(Diversity.Choice::index).toList());
    }
  }

  public void testExplainsEachPart() {
    RankDoc[] fused =
        fusion(new Fusion.ReciprocalRank(60), 10, List.of(1f, 1f))
            .combineInnerRetrieverResults(lists(), true);
    Explanation[] sources = {Explanation.match(8, "lexical"), Explanation.match(1, "vector")};
    String text = fused[2].explain(sources, new String[] {null, "dense"}).toString();
    assertThat(text, containsString("rank [3], the sum of:"));
    assertThat(text, containsString("retriever 0: not among its hits"));
    assertThat(text, containsString("retriever 1 [dense]: rank [2], score [0.25], adds:"));
    assertThat(text, containsString("vector"));
  }

  private static List<ScoreDoc[]> lists() {
    return List.of(
        new ScoreDoc[] {hit(1, 9), hit(2, 8), hit(3, 7)},
        new ScoreDoc[] {hit(2, 1), hit(4, 0.25f), hit(1, 0)});
  }

  private static ScoreDoc hit(int doc, float score) {
    return new RankDoc(doc, score, 0);
  }

  private static List<Integer> documents(RankDoc[] fused) {
    return Arrays.stream(fused).map(doc -> doc.doc).toList();
  }

  public void testRefusesWhatItCannotUse() throws IOException {
    assertRefused(body(",\"rank_window_size\":0"), "[rank_window_size] must be 1 to 10000");
    assertRefused(body(",\"rank_window_size\":100000"), "documents, not 100000");
    assertRefused(body(",\"method\":\"most\""), "[method] must be rrf or linear, not [most]");
    assertRefused(body(",\"normalizer\":\"l2\""), "[normalizer] is for method [linear]");
    assertRefused(body(",\"method\":\"linear\",\"rank_constant\":1"), "is for method [rrf]");
    assertRefused(body(",\"rank_constant\":0"), "[rank_constant] must be 1 or more, not 0");
    assertRefused(body(",\"weights\":[1,2]"), "[weights] must be one number of 0 or more");
    assertRefused(body(",\"weights\":[-1]"), "[weights] must be one number of 0 or more");
    assertRefused(
        body(",\"method\":\"linear\",\"normalizer\":\"z\""),
        "[normalizer] must be minmax, l2 or none, not [z]");
    assertRefused("{\"semlux_fusion\":{\"retrievers\":[]}}", "[retrievers] must be 1 to 16, not 0");
  }

  private static String body(String rest) {
    return "{\"semlux_fusion\":{\"retrievers\":[{\"test\":{\"value\":\"t\"}}]" + rest + "}}";
  }
}

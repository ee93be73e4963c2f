package org.semlux.training.tune;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.semlux.training.index.Index.Found;
import org.semlux.training.tune.Fusion.Method;

class FusionTest {
  private static final List<Component> TWO =
      List.of(Component.dense("vector", "m", 100), Component.words("body"));
  private static final Found DENSE =
      new Found(List.of("a", "b", "c"), new double[] {.9, .8, .5}, 1);
  private static final Found WORDS = new Found(List.of("c", "d"), new double[] {12, 9}, 1);

  private static List<String> fused(String normalizer, float weight, int window) {
    return fused(Method.linear(normalizer), weight, window);
  }

  private static List<String> fused(Method method, float weight, int window) {
    return new Fusion(TWO, method, List.of(1f, weight), window).fused(List.of(DENSE, WORDS));
  }

  /** By hand: a 1, b .75, c 0 + w, d 0; ties go by the first ranking. */
  @Test
  void minmax() {
    assertThat(fused("minmax", .5f, 10)).containsExactly("a", "b", "c", "d");
    assertThat(fused("minmax", 1, 10)).containsExactly("a", "c", "b", "d");
    assertThat(fused("minmax", 2, 10)).containsExactly("c", "a", "b", "d");
  }

  /** Scores over 1.304 and over 15: a .690, b .614, c .383 + .8 w, d .6 w. */
  @Test
  void l2() {
    assertThat(fused("l2", 1, 10)).containsExactly("c", "a", "b", "d");
    assertThat(fused("l2", .25f, 10)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void reciprocalRanksAndPlainScores() {
    assertThat(fused(Method.rrf(60), 1, 10)).containsExactly("c", "a", "b", "d");
    assertThat(fused("none", 1, 10)).containsExactly("c", "d", "a", "b");
    assertThat(fused(Method.rrf(60), 1, 2))
        .as("two of each, and two in all")
        .containsExactly("a", "c");
  }

  /** Places 1 and 3 against two 2s: a third of 1 is more than the difference of two halves. */
  @Test
  void aSmallRankConstantFavoursTheFirst() {
    Found first = new Found(List.of("a", "b", "x"), new double[] {3, 2, 1}, 1);
    Found second = new Found(List.of("y", "b", "z", "a"), new double[] {4, 3, 2, 1}, 1);
    for (int constant : new int[] {0, 60}) {
      assertThat(
              new Fusion(TWO, Method.rrf(constant), List.of(1f, 1f), 10)
                  .fused(List.of(first, second)))
          .startsWith(constant == 0 ? "a" : "b");
    }
  }

  @Test
  void theRetrieverSaysTheSame() {
    JsonObject fusion =
        new Fusion(TWO, Method.linear("minmax"), List.of(1f, .25f), 50)
            .retriever(Component.PLACEHOLDER)
            .getAsJsonObject("semlux_fusion");

    assertThat(fusion.toString())
        .isEqualTo(
            "{\"method\":\"linear\",\"normalizer\":\"minmax\",\"weights\":[1.0,0.25],\"rank_window_size\":50,"
                + "\"retrievers\":[{\"knn\":{\"field\":\"vector\",\"k\":100,\"num_candidates\":200,"
                + "\"query_vector_builder\":{\"semlux\":{\"model_id\":\"m\",\"model_text\":\"{{query}}\"}}}},"
                + "{\"standard\":{\"query\":{\"match\":{\"body\":{\"query\":\"{{query}}\"}}}}}]}");
    assertThat(new Fusion(TWO, Method.rrf(10), List.of(1f, 2f), 20).retriever("x").toString())
        .startsWith(
            "{\"semlux_fusion\":{\"method\":\"rrf\",\"rank_constant\":10,\"weights\":[1.0,2.0],");
    assertThat(Fusion.alone(TWO.get(1), 50).retriever("x").keySet()).containsExactly("standard");
  }
}

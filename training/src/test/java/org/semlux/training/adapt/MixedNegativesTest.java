package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.semlux.training.mine.NearestDocuments.Nearest;

class MixedNegativesTest {
  private static final float[][] DOCUMENTS = {
    vector(.99f), vector(.9f), vector(.8f), vector(.7f), vector(.2f), vector(.1f), vector(0)
  };
  private static final Nearest NEAR =
      new Nearest(new int[] {0, 1, 2, 3}, new float[] {.99f, .9f, .8f, .7f});

  /** Of length 1, with this cosine to (1, 0). */
  private static float[] vector(float cosine) {
    return new float[] {cosine, (float) Math.sqrt(1 - cosine * cosine)};
  }

  @Test
  void wordsAndMeaningInTurns() {
    assertThat(of(3, 3, new int[] {5, 4})).containsExactly(1, 5, 2);
    assertThat(of(4, 3, new int[] {2, 5})).startsWith(1, 2, 5).hasSize(4).doesNotContain(0, 3);
  }

  /** Neither the answer's own document nor what comes within a twentieth of the answer. */
  @Test
  void whatMayBeAnAnswerIsLeftOut() {
    assertThat(of(2, 1, new int[] {0, 1, 4})).containsExactly(2, 4);
    assertThat(of(1, 4, new int[] {5}))
        .as("of every second document words come first")
        .containsExactly(5);
  }

  @Test
  void whereNothingIsHardAnythingWillDo() {
    assertThat(
            new MixedNegatives(6, 2, DOCUMENTS, 1)
                .of(vector(1), vector(.5f), 6, Set.of(6), NEAR, new int[0]))
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
  }

  /** Whoever found it: by meaning 1, by words 4, and where anything will do 0. */
  @Test
  void otherAnswersOfTheQueryAreLeftOut() {
    assertThat(
            new MixedNegatives(6, 2, DOCUMENTS, 1)
                .of(vector(1), vector(.96f), 6, Set.of(0, 1, 4, 6), NEAR, new int[] {4, 5}))
        .containsExactlyInAnyOrder(2, 3, 5);
  }

  private static List<Integer> of(int count, int own, int[] words) {
    return new MixedNegatives(count, .05, DOCUMENTS, 1)
        .of(vector(1), vector(.96f), own, Set.of(own), NEAR, words);
  }
}

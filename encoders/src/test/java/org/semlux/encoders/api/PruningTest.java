package org.semlux.encoders.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.load.Terms;
import org.semlux.encoders.text.Vocabulary;

/** What callers get of a text's terms, and in which order. */
class PruningTest {
  private static final Vocabulary VOCABULARY = vocabulary();

  private static Vocabulary vocabulary() {
    try {
      return Vocabulary.of(
          new JsonFile(
              Path.of("tokenizer.json"),
              JsonParser.parseString(
                      """
                      {"model": {"vocab": {"[CLS]": 0, "river": 1, "##s": 2, "rain": 3, "sun": 4}},
                       "added_tokens": [{"id": 0, "content": "[CLS]", "special": true},
                                        {"id": 5, "content": "[NEW]", "special": false}]}
                      """)
                  .getAsJsonObject()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final Terms TERMS =
      new Terms(new int[] {4, 6, 0, 3, 1, 2, 5}, new float[] {.5f, 2, 3, .5f, 1, -.25f, .1f});

  private static TermWeights choose(Pruning pruning) {
    return TERMS.choose(VOCABULARY, SparseOptions.defaults().withPruning(pruning));
  }

  @Test
  void heaviestFirstAndEqualOnesByTheirIds() {
    TermWeights all = choose(Pruning.none());
    assertThat(all.ids()).containsExactly(0, 6, 1, 3, 4, 5, 2);
    assertThat(all.tokens())
        .containsExactly("[CLS]", "[id 6]", "river", "rain", "sun", "[NEW]", "##s");
    assertThat(all.weights()).containsExactly(3, 2, 1, .5f, .5f, .1f, -.25f);
  }

  @Test
  void specialTokensCanBeDropped() {
    SparseOptions options = SparseOptions.defaults().withSpecialTokens(SpecialTokens.DROP);
    assertThat(TERMS.choose(VOCABULARY, options).ids()).containsExactly(6, 1, 3, 4, 5, 2);
  }

  @Test
  void everyBoundPrunesAndTheStrictestCounts() {
    assertThat(choose(Pruning.none().withMaxTerms(2)).ids()).containsExactly(0, 6);
    assertThat(choose(Pruning.none().withMinRatio(1 / 3.0)).ids()).containsExactly(0, 6, 1);
    assertThat(choose(Pruning.none().withMinWeight(.5)).ids()).containsExactly(0, 6, 1, 3, 4);
    Pruning both = Pruning.none().withMaxTerms(4).withMinRatio(.5);
    assertThat(choose(both).ids()).containsExactly(0, 6);
    assertThat(choose(Pruning.none().withMinWeight(9)).size()).isZero();
  }

  @Test
  void pruningLaterGivesTheSame() {
    Pruning pruning = Pruning.none().withMaxTerms(5).withMinRatio(.2);
    assertThat(pruning.apply(choose(Pruning.none()))).isEqualTo(choose(pruning));
    TermWeights nothing = new TermWeights(new int[0], new String[0], new float[0]);
    assertThat(pruning.apply(nothing)).isEqualTo(nothing);
  }

  @Test
  void anyWeightsAreSorted() {
    Random random = new Random(3);
    int[] ids = IntStream.range(0, 2_000).toArray();
    float[] weights = new float[ids.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextInt(500) / 100f - 1;
    }
    TermWeights sorted = new Terms(ids, weights).choose(VOCABULARY, SparseOptions.defaults());
    for (int i = 0; i < ids.length; i++) {
      assertThat(sorted.weights()[i]).isEqualTo(weights[sorted.ids()[i]]);
      if (i > 0) {
        float before = sorted.weights()[i - 1];
        assertThat(before).isGreaterThanOrEqualTo(sorted.weights()[i]);
        if (before == sorted.weights()[i]) {
          assertThat(sorted.ids()[i - 1]).isLessThan(sorted.ids()[i]);
        }
      }
    }
  }

  @Test
  void senselessBoundsAreRefused() {
    assertThatThrownBy(() -> Pruning.none().withMaxTerms(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one term");
    assertThatThrownBy(() -> Pruning.none().withMinRatio(1.5))
        .hasMessageContaining("ratio of 0 to 1");
  }
}

package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class Bm25Test {
  /** By Lucene's formula; the longer of two texts with a word once comes last. */
  @Test
  void ranksAsTheFormulaDoes() {
    List<String> texts = new ArrayList<>(List.of("river and rain", "Rain, rain!", "a river"));
    for (int i = 0; i < 20; i++) {
      texts.add("the snow of day " + i);
    }
    Bm25 search = new Bm25(texts);

    assertThat(search.find(List.of("rain", "river", "RIVER rain", "piano"), 10))
        .containsExactly(new int[] {1, 0}, new int[] {2, 0}, new int[] {0, 1, 2}, new int[0]);
    assertThat(search.find(List.of("rain river"), 1).get(0)).containsExactly(0);
    // So common a word tells little, and counts: of equal ones the first come first.
    assertThat(search.find(List.of("snow"), 4).get(0)).containsExactly(3, 4, 5, 6);
  }

  /**
   * Of four texts of three words a has an idf of ln(1 + 1.5/3.5) and b of ln(1 + 3.5/1.5), so b
   * counts 3.4 times as much: a that is asked four times, as Lucene counts it, is more.
   */
  @Test
  void commonWordsCountByTheirIdfAndAsOftenAsTheyAreAsked() {
    Bm25 search = new Bm25(List.of("a x x", "b y y", "a z z", "a w w"));

    assertThat(search.find(List.of("a b", "a a a a b"), 1))
        .containsExactly(new int[] {1}, new int[] {0});
  }

  /** Chinese and Japanese have no spaces; vowel signs are parts of their words. */
  @Test
  void otherScripts() {
    Bm25 search = new Bm25(List.of("東京の天気", "大阪の雨", "किताब पढ़ना", "カメラを買う"));

    assertThat(search.find(List.of("京都の天", "किताब", "カメ", "カメラ"), 9))
        .containsExactly(new int[] {0, 1}, new int[] {2}, new int[0], new int[] {3});
  }
}

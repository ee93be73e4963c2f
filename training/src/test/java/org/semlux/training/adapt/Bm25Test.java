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
    // So common a word tells nothing.
    assertThat(search.find(List.of("snow"), 10).get(0)).isEmpty();
  }
}

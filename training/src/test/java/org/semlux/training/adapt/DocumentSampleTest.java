package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class DocumentSampleTest {
  @Test
  void everyDocumentHasTheSameChanceAndNamedOnesStay() {
    int[] taken = new int[50];
    for (int seed = 0; seed < 1000; seed++) {
      DocumentSample sample = new DocumentSample(10, Set.of("7", "49"), seed);
      for (int i = 0; i < taken.length; i++) {
        sample.accept(new Document(Integer.toString(i), "", "text " + i));
      }
      assertThat(sample.documents()).hasSize(12);
      assertThat(sample.seen()).isEqualTo(50);
      sample.documents().forEach(document -> taken[Integer.parseInt(document.id())]++);
    }

    for (int i = 0; i < taken.length; i++) {
      // 208 are expected; four standard deviations are 51.
      assertThat(taken[i])
          .isBetween(i == 7 || i == 49 ? 1000 : 157, i == 7 || i == 49 ? 1000 : 260);
    }
  }

  @Test
  void neitherBlankTextsNorTheSameTwice() {
    DocumentSample sample = new DocumentSample(9, Set.of(), 1);
    sample.accept(new Document("1", "a", "text"));
    sample.accept(new Document("2", "b", " "));
    sample.accept(new Document("3", "c", "text"));

    assertThat(sample.documents()).extracting(Document::id).containsExactly("1");
    assertThat(sample.isWhole()).isTrue();
  }

  @Test
  void aSampleIsWholeUntilOneIsLeftOut() {
    DocumentSample sample = new DocumentSample(1, Set.of("1"), 1);
    sample.accept(new Document("1", "", "named"));
    sample.accept(new Document("2", "", "drawn"));
    assertThat(sample.isWhole()).isTrue();
    sample.accept(new Document("3", "", "one too many"));
    assertThat(sample.isWhole()).isFalse();
  }
}

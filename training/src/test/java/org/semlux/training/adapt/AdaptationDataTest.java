package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdaptationDataTest {
  private static final int DOCUMENTS = 100;
  private static final AdaptationData.Shares SHARES =
      new AdaptationData.Shares(0.3, 1000, OptionalInt.empty(), 1000);

  private static Document document(int i) {
    return new Document("d" + i, "Title " + i, "Title %d. The text of number %d.".formatted(i, i));
  }

  private static Map<String, Set<String>> answers(String query, int from) {
    Map<String, Set<String>> answers = new LinkedHashMap<>();
    IntStream.range(from, from + 30).forEach(i -> answers.put(query + i, Set.of("d" + i)));
    return answers;
  }

  /**
   * Whatever is searched begins with what is learnt from, so that its vectors are there already.
   */
  @Test
  void whatIsSearchedBeginsAlike() {
    KnownAnswers known =
        new KnownAnswers(answers("clicked ", 10), answers("judged ", 50), List.of());
    List<Document> documents =
        IntStream.range(0, DOCUMENTS).mapToObj(AdaptationDataTest::document).toList();
    AdaptationData data =
        AdaptationData.of(documents, known, SHARES, 1, new PrintWriter(new StringWriter()));

    List<String> texts = data.corpus().stream().map(Document::text).toList();
    assertThat(texts).hasSize(70);
    assertThat(data.corpus()).containsAll(documents.subList(10, 40));
    assertThat(data.judging())
        .extracting(AdaptationData.Judging::name)
        .containsExactly("held-out", "judged");
    for (AdaptationData.Judging judging : data.judging()) {
      assertThat(judging.data().corpus())
          .hasSize(DOCUMENTS)
          .startsWith(texts.toArray(String[]::new));
    }
    AdaptationData.Judging held = data.judging().get(0);
    assertThat(held.data().queries()).hasSize(30);
    for (int i = 0; i < 30; i++) {
      String number = held.data().queries().get(i).substring("Title ".length());
      assertThat(held.data().positives().get(i)).hasSize(1);
      assertThat(held.data().corpus().get(held.data().positives().get(i).get(0)))
          .isEqualTo("The text of number %s.".formatted(number));
    }
  }
}

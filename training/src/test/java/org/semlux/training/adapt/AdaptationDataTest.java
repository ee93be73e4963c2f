package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.training.data.Gains;

class AdaptationDataTest {
  private static final int DOCUMENTS = 100;
  private static final AdaptationData.Shares SHARES =
      new AdaptationData.Shares(0.3, 1000, OptionalInt.empty(), 1000);

  private static Document document(int i) {
    return new Document("d" + i, "Title " + i, "Title %s. The text of number %s.".formatted(i, i));
  }

  private static Map<String, Gains> answers(String query, int from) {
    Map<String, Gains> answers = new LinkedHashMap<>();
    IntStream.range(from, from + 30)
        .forEach(i -> answers.put(query + i, Gains.equal(Set.of("d" + i))));
    return answers;
  }

  /** Of two answers to each judged query one is twice as good. */
  @Test
  void betterAnswersCountMore() {
    Map<String, Gains> judged = new LinkedHashMap<>();
    for (int i = 50; i < 80; i++) {
      judged.put("judged " + i, new Gains(Map.of("d" + i, 2.0, "d" + (i + 1), 1.0, "gone", 3.0)));
    }
    AdaptationData data =
        AdaptationData.of(
            IntStream.range(0, DOCUMENTS).mapToObj(AdaptationDataTest::document).toList(),
            new KnownAnswers(Map.of(), judged, List.of(), 0),
            SHARES,
            1,
            new PrintWriter(new StringWriter()));

    AdaptationData.Judging judging = data.judging().get(1);
    assertThat(judging.name()).isEqualTo("judged");
    List<String> ids =
        judging.data().corpus().stream()
            .map(text -> "d" + text.replaceAll("\\D+(\\d+).*", "$1"))
            .toList();
    for (int grade = 1; grade < 3; grade++) {
      List<int[]> found = new ArrayList<>();
      for (String query : judging.data().queries()) {
        int number = Integer.parseInt(query.substring("judged ".length()));
        found.add(new int[] {ids.indexOf("d" + (number + 2 - grade))});
      }
      double best = 2 + 1 / (Math.log(3) / Math.log(2));
      assertThat(judging.quality(found).values().get("ndcg@10"))
          .hasSize(30)
          .containsOnly(new double[] {grade / best}, within(1e-12));
    }
  }

  /**
   * Whatever is searched begins with what is learnt from, so that its vectors are there already.
   */
  @Test
  void whatIsSearchedBeginsAlike() {
    KnownAnswers known =
        new KnownAnswers(answers("clicked ", 10), answers("judged ", 50), List.of(), 0);
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

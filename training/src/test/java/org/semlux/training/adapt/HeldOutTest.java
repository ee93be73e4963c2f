package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.training.adapt.AdaptationData.Judging;
import org.semlux.training.adapt.AdaptationData.Pair;
import org.semlux.training.data.Gains;
import org.semlux.training.mine.MiningData;

class HeldOutTest {
  private static final int TITLES = 80;
  private final StringWriter err = new StringWriter();

  /** Three passages of each title, which is not written the same everywhere. */
  private static List<Document> passages() {
    return IntStream.range(0, 3 * TITLES)
        .mapToObj(
            i -> {
              String title = "Of town " + i % TITLES;
              return new Document(
                  Integer.toString(i),
                  i % 2 == 0 ? title : title.toUpperCase(Locale.ROOT) + " ",
                  "A river runs by bridge %s. The baker of street %1$s sells bread.".formatted(i));
            })
        .toList();
  }

  private AdaptationData data(List<Document> documents, KnownAnswers known, OptionalInt sentences) {
    AdaptationData.Shares shares = new AdaptationData.Shares(.25, 1000, sentences, 10_000);
    return AdaptationData.of(documents, known, shares, 7, new PrintWriter(err));
  }

  @Test
  void passagesOfOneTitleAreHeldOutTogether() {
    AdaptationData data = data(passages(), KnownAnswers.NONE, OptionalInt.empty());

    MiningData asked = data.judging().get(0).data();
    assertThat(asked.queries()).hasSize(TITLES / 4);
    for (int query = 0; query < asked.queries().size(); query++) {
      String number = asked.queries().get(query).strip().split(" ")[2];
      assertThat(asked.positives().get(query).stream().map(asked.corpus()::get))
          .containsExactlyInAnyOrderElementsOf(
              passages().stream()
                  .filter(document -> document.title().strip().endsWith(" " + number))
                  .map(Document::text)
                  .toList());
    }
    assertThat(data.corpus()).hasSize(3 * TITLES * 3 / 4);
    assertThat(data.training()).hasSize(3 * TITLES * 3 / 4);
    List<String> queries = asked.queries().stream().map(KnownPairs::folded).toList();
    assertThat(data.training())
        .noneMatch(pair -> queries.contains(KnownPairs.folded(pair.query())));

    // A query's other passages are answers too.
    KnownPairs known = KnownPairs.of(data.pairs().stream());
    for (Pair pair : data.training()) {
      assertThat(known.answers(pair.query())).hasSize(3).contains(pair.document());
    }
  }

  /**
   * Titles are what is judged by: few of many passages each are held out until there are enough.
   */
  @Test
  void enoughTitlesAreHeldOut() {
    for (int each : new int[] {10, 60}) {
      List<Document> passages =
          IntStream.range(0, 100 * each)
              .mapToObj(
                  i ->
                      new Document(
                          Integer.toString(i),
                          "Of town " + i % 100,
                          "A river runs by bridge %s. The baker sells bread.".formatted(i)))
              .toList();
      AdaptationData.Shares shares =
          new AdaptationData.Shares(.1, 1000, OptionalInt.empty(), 10_000);
      AdaptationData data =
          AdaptationData.of(passages, KnownAnswers.NONE, shares, 7, new PrintWriter(err));

      assertThat(data.judging().get(0).data().queries()).hasSize(20);
      assertThat(data.corpus()).hasSize(80 * each);
    }
  }

  /** A sentence of many documents is no question of one of them. */
  @Test
  void aSentenceThatOthersHaveIsNotJudgedBy() {
    List<Document> documents =
        IntStream.range(0, 200)
            .mapToObj(
                i ->
                    new Document(
                        Integer.toString(i),
                        "",
                        i < 60
                            ? "# How it works\nIt works by steam number %s alone.".formatted(i)
                            : "# How number %s works\nIt works by steam alone.".formatted(i)))
            .toList();
    AdaptationData data = data(documents, KnownAnswers.NONE, OptionalInt.of(0));

    assertThat(data.judging().get(0).data().queries())
        .hasSizeGreaterThanOrEqualTo(20)
        .doesNotContain("How it works");
  }

  /** However somebody who judged or clicked wrote it. */
  @Test
  void whatIsJudgedByIsNeverLearnt() {
    Map<String, Gains> judged = new LinkedHashMap<>();
    for (int i = 0; i < 25; i++) {
      judged.put("of TOWN  " + i, Gains.equal(Set.of(Integer.toString(i), "missing")));
    }
    KnownAnswers known =
        new KnownAnswers(Map.of("OF town 3", Gains.equal(Set.of("3"))), judged, List.of(), 0);
    AdaptationData data = data(passages(), known, OptionalInt.of(2));

    assertThat(data.judging()).extracting(Judging::name).containsExactly("held-out", "judged");
    Set<String> queries = data.judgedQueries();
    assertThat(queries).contains("of town 3", "of town 24");
    assertThat(data.training())
        .isNotEmpty()
        .noneMatch(pair -> queries.contains(KnownPairs.folded(pair.query())));
    assertThat(err.toString())
        .contains("--qrels: 25 of 25 queries have a document in the corpus, 25 of 26 documents")
        .contains("--clicks: 1 of 1 queries have a document in the corpus, 1 of 1 documents");
  }

  /** What was given and is of no use is said to be. */
  @Test
  void answersThatAreNotThere() {
    Map<String, Gains> few = new LinkedHashMap<>();
    Map<String, Gains> foreign = new LinkedHashMap<>();
    for (int i = 0; i < 30; i++) {
      few.put("query " + i, Gains.equal(Set.of(i < 15 ? Integer.toString(i) : "other-" + i)));
      foreign.put("query " + i, Gains.equal(Set.of("other-" + i)));
    }
    assertThatThrownBy(() -> data(passages(), judged(few), OptionalInt.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "--qrels: 15 of 30 judged queries have a relevant document in the corpus, where 20");
    assertThatThrownBy(
            () ->
                data(
                    passages(),
                    new KnownAnswers(foreign, Map.of(), List.of(), 0),
                    OptionalInt.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--clicks: none of 30 clicked queries has a document");
  }

  /** Too few to be judged by are learnt from, all of them. */
  @Test
  void fewClicksAreLearntFrom() {
    Map<String, Gains> clicked = new LinkedHashMap<>();
    for (int i = 0; i < 40; i++) {
      clicked.put("query " + i, Gains.equal(Set.of(Integer.toString(i))));
    }
    AdaptationData data =
        data(passages(), new KnownAnswers(clicked, Map.of(), List.of(), 0), OptionalInt.empty());

    assertThat(data.training()).filteredOn(pair -> pair.query().startsWith("query ")).hasSize(40);
  }

  private static KnownAnswers judged(Map<String, Gains> judged) {
    return new KnownAnswers(Map.of(), judged, List.of(), 0);
  }
}

package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.semlux.training.data.TrainingRow;

class PairMakerTest {
  private static final String TEXT =
      "The river rises after rain. A baker sells warm bread. No. Trains stop near the bridge.";

  @Test
  void titlesSentencesAndSpansAsk() {
    List<TrainingRow> pairs =
        new PairMaker(OptionalInt.of(9), 1).of(new Document("1", " Of a town ", TEXT));

    assertThat(pairs.get(0).texts()).containsExactly("Of a town", TEXT);
    List<String> sentences =
        List.of(
            "The river rises after rain.",
            "A baker sells warm bread.",
            "Trains stop near the bridge.");
    assertThat(pairs.subList(1, 4))
        .extracting(pair -> pair.texts().get(0))
        .containsExactlyInAnyOrderElementsOf(sentences);
    assertThat(pairs).hasSize(5);
    String span = pairs.get(4).texts().get(0);
    assertThat(TEXT.split(" ")).contains(span.split(" "));
    assertThat(pairs.get(4).texts().get(1)).isEqualTo(TEXT);
  }

  /** A title that its text repeats would be found by its words alone. */
  @Test
  void titlesLeaveTheBeginningOfTheirText() {
    String text = "The rise of rivers, after rain.\n (A baker) sells warm bread. Rivers rise.";
    Document repeated = new Document("1", "The Rise of rivers after  rain", text);

    assertThat(new PairMaker(OptionalInt.of(0), 1).of(repeated))
        .extracting(TrainingRow::texts)
        .containsExactly(List.of(repeated.title(), "A baker) sells warm bread. Rivers rise."));
    for (String other : List.of("rise of rivers", "The rise of rivers after snow", "")) {
      assertThat(new Document("1", other, text).textBehindTitle()).isEqualTo(text);
    }
    assertThat(new Document("1", text, text).textBehindTitle()).isEqualTo(text);
    for (String end : List.of(". ", ": ", " - ", " | ", "\n", "?\" ", "。")) {
      assertThat(new Document("1", "Of Berlin", "Of Berlin" + end + "It is so").textBehindTitle())
          .isEqualTo("It is so");
    }
    for (String subject : List.of(" is the capital.", ", the capital, is old.", "-based.", ".5")) {
      String sentence = "Berlin" + subject;
      assertThat(new Document("1", "Berlin", sentence).textBehindTitle()).isEqualTo(sentence);
    }
  }

  /** Sentences ask where neither title nor headings do, unless they are asked for. */
  @Test
  void sentencesAskWhereNothingElseDoes() {
    PairMaker maker = new PairMaker(OptionalInt.empty(), 1);

    assertThat(maker.of(new Document("1", "Of a town", TEXT))).hasSize(1);
    assertThat(maker.of(new Document("1", "", "# Of a town\n" + TEXT))).hasSize(1);
    assertThat(maker.of(new Document("1", "", TEXT))).hasSize(4);
  }

  /** One in ten keeps its sentence. */
  @Test
  void sentencesLeaveTheirPassage() {
    long kept =
        IntStream.range(0, 500)
            .filter(
                seed -> {
                  List<String> pair =
                      new PairMaker(OptionalInt.of(1), seed)
                          .of(new Document("1", "", TEXT))
                          .get(0)
                          .texts();
                  return pair.get(1).contains(pair.get(0));
                })
            .count();

    assertThat(kept).isBetween(25L, 75L);
  }

  @Test
  void headingsAskForWhatStandsBelow() {
    String text = "Preface.\n# How it works\nIt works by steam alone.\n## Why\nBecause it is so.";

    assertThat(new PairMaker(OptionalInt.of(0), 1).of(new Document("1", "", text)))
        .extracting(TrainingRow::texts)
        .containsExactly(List.of("How it works", "It works by steam alone."));
  }

  /** A sentence of a long text asks for what stands near it. */
  @Test
  void passagesAreOfSomeHundredWords() {
    String text =
        IntStream.range(0, 100)
            .mapToObj(i -> "Sentence number %s of it all.".formatted(i))
            .collect(Collectors.joining(" "));

    for (TrainingRow pair : new PairMaker(OptionalInt.of(50), 1).of(new Document("1", "", text))) {
      List<Integer> numbers =
          Arrays.stream(pair.texts().get(1).split("\\D+"))
              .filter(part -> !part.isEmpty())
              .map(Integer::valueOf)
              .toList();
      assertThat(pair.texts().get(1).split(" ")).hasSizeLessThanOrEqualTo(100);
      assertThat(numbers).hasSizeGreaterThan(14).isSorted();
      String asked = pair.texts().get(0).replaceAll("\\D", "");
      if (!asked.isEmpty()) {
        assertThat(Integer.parseInt(asked))
            .isBetween(numbers.get(0) - 1, numbers.get(numbers.size() - 1) + 1);
      }
    }
  }

  /** A sentence that is all of its text asks by some of its words. */
  @Test
  void oneSentenceAloneAsksByASpan() {
    String text = "One sentence of no more than nine words.";
    List<TrainingRow> pairs = new PairMaker(OptionalInt.of(3), 1).of(new Document("1", "", text));

    assertThat(pairs).hasSize(1);
    assertThat(pairs.get(0).texts().get(1)).isEqualTo(text);
    assertThat(text.split(" ")).contains(pairs.get(0).texts().get(0).split(" "));
    assertThat(new PairMaker(OptionalInt.of(3), 1).of(new Document("1", "", "Too short.")))
        .isEmpty();
  }
}

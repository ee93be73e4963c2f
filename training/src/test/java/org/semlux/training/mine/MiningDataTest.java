package org.semlux.training.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;

/** A text that somebody judged to be no answer is none. */
class MiningDataTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  private MiningData read(String name, String content) throws IOException {
    return read(name, content, OptionalDouble.empty());
  }

  private MiningData read(String name, String content, OptionalDouble least) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    TrainingRows rows = TrainingRows.read(file, Split.TRAIN, notice -> {});
    return MiningData.of(rows, least, List.of(), notices::add);
  }

  @Test
  void ofAListTheLabelledTextsAnswer() throws IOException {
    MiningData data =
        read(
            "lists.jsonl",
            """
            {"query":"q","docs":["a","b","c"],"labels":[0,1,1]}
            {"query":"r","docs":["a","d"],"labels":[0,0]}
            {"query":"s","docs":["d"],"labels":[2]}
            """);

    assertThat(data)
        .isEqualTo(
            new MiningData(
                List.of("q", "s"), List.of(List.of(0, 1), List.of(2)), List.of("b", "c", "d"), 2));
    assertThat(notices)
        .containsExactly("1 of 3 rows have no text labelled above 0 and are left out");
  }

  @Test
  void pairsThatAreLabelledZeroAreNoAnswers() throws IOException {
    MiningData data = read("pairs.csv", "q,a,label\nq,b,0\nq,c,1\nr,b,0\n");

    assertThat(data).isEqualTo(new MiningData(List.of("q"), List.of(List.of(0)), List.of("c"), 1));
    assertThat(notices)
        .containsExactly("2 of 3 rows have no text labelled above 0 and are left out");
    assertThatThrownBy(() -> read("none.csv", "q,a,label\nq,b,0\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no row has a text labelled above 0 in [label]: mining needs answers");
  }

  /** As {@code label} writes them: a poor candidate may well score above 0. */
  @Test
  void scoresAreNoGrades() throws IOException {
    String lists =
        """
        {"query":"q","docs":["a","b"],"scores":[7.25,0.5]}
        {"query":"r","docs":["a"],"scores":[3]}
        """;
    for (String[] file : new String[][] {{"x.jsonl", lists}, {"x.csv", "a,b,3.25\nc,d,0.5\n"}}) {
      assertThatThrownBy(() -> read(file[0], file[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("25, so its labels are scores and no grades")
          .hasMessageEndingWith("say by --min-label from which on a text is one");
    }
    MiningData data = read("x.jsonl", lists, OptionalDouble.of(4));
    assertThat(data.queries()).containsExactly("q");
    assertThat(data.corpus()).containsExactly("a");
    assertThat(notices)
        .containsExactly("1 of 2 rows have no text labelled 4.0 or above and are left out");
  }

  @Test
  void gradesFromSomeOn() throws IOException {
    MiningData data =
        read(
            "x.jsonl",
            "{\"query\":\"q\",\"docs\":[\"a\",\"b\",\"c\"],\"labels\":[1,2,3]}\n",
            OptionalDouble.of(2));
    assertThat(data.corpus()).containsExactly("b", "c");
    assertThatThrownBy(() -> read("x.csv", "query,answer\na,b\n", OptionalDouble.of(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--min-label changes nothing, since no label says what answers: leave it out");
  }

  @Test
  void aLabelForEachText() {
    assertThatThrownBy(
            () -> read("x.jsonl", "{\"query\":\"q\",\"docs\":[\"a\",\"b\"],\"labels\":[1]}\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the list of the query [q] holds 2 texts and 1 labels: give each its own");
  }

  /** Of them the order says what answers; a teacher's scores may be below 0 for all. */
  @Test
  void ofATripletTheSecondTextAnswers() throws IOException {
    MiningData data =
        read("triplets.jsonl", "{\"q\":\"q\",\"p\":\"a\",\"n\":\"b\",\"scores\":[-1,2]}\n");

    assertThat(data).isEqualTo(new MiningData(List.of("q"), List.of(List.of(0)), List.of("a"), 1));
    assertThat(notices).isEmpty();
  }
}

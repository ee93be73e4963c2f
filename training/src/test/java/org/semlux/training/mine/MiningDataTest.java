package org.semlux.training.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;

/** A text that somebody judged to be no answer is none. */
class MiningDataTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  private MiningData read(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    return MiningData.of(
        TrainingRows.read(file, Split.TRAIN, notices::add), List.of(), notices::add);
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

  /** Of them the order says what answers; a teacher's scores may be below 0 for all. */
  @Test
  void ofATripletTheSecondTextAnswers() throws IOException {
    MiningData data =
        read("triplets.jsonl", "{\"q\":\"q\",\"p\":\"a\",\"n\":\"b\",\"scores\":[-1,2]}\n");

    assertThat(data).isEqualTo(new MiningData(List.of("q"), List.of(List.of(0)), List.of("a"), 1));
    assertThat(notices).isEmpty();
  }
}

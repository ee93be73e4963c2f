package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencesTest {
  @TempDir Path folder;

  @Test
  void linesWithoutBlanksAndRepetitions() throws IOException {
    Path file = Files.writeString(folder.resolve("texts.txt"), "one\n\n \"two\"\none\r\n \nthree");

    assertThat(Sentences.read(file, text -> {})).containsExactly("one", " \"two\"", "three");
  }

  @Test
  void bothSentencesOfPairs() throws IOException {
    Path csv = Files.writeString(folder.resolve("pairs.csv"), "a,b,1\n\"c, d\",a,2\n");
    Path jsonl =
        Files.writeString(
            folder.resolve("pairs.JSONL"), "{\"sentence1\":\"a\",\"sentence2\":\"b\",\"score\":1}");

    assertThat(Sentences.read(csv, text -> {})).containsExactly("a", "b", "c, d");
    assertThat(Sentences.read(jsonl, text -> {})).containsExactly("a", "b");
  }

  @Test
  void aLongFileIsReadInPartFromBeginningToEnd() throws IOException {
    int all = 9 * Sentences.ENOUGH;
    Path file =
        Files.write(
            folder.resolve("texts"), IntStream.range(0, all).mapToObj(i -> "text " + i).toList());

    List<String> every = new ArrayList<>();
    List<String> texts = Sentences.read(file, every::add);

    assertThat(every).hasSize(all).endsWith("text " + (all - 1));
    assertThat(texts).hasSizeBetween(Sentences.ENOUGH, 2 * Sentences.ENOUGH);
    int[] places = texts.stream().mapToInt(text -> Integer.parseInt(text.substring(5))).toArray();
    for (int i = 1; i < places.length; i++) {
      assertThat(places[i] - places[i - 1]).isEqualTo(places[1] - places[0]);
    }
    assertThat(places[0]).isZero();
    assertThat(places[places.length - 1]).isGreaterThan(all - 10);
  }

  @Test
  void nothingToRead() throws IOException {
    Path file = Files.writeString(folder.resolve("texts.txt"), "\n \n");

    assertThatThrownBy(() -> Sentences.read(file, text -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("texts.txt] holds no text");
  }
}

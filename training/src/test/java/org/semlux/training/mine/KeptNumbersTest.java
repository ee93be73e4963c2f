package org.semlux.training.mine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.KilledProcess;

class KeptNumbersTest {
  private static final List<String> TEXTS = List.of("ab", "c");
  private static final float[] NUMBERS = {.6f, -0f, Float.MIN_VALUE};
  private static final float[] OTHERS = {1, 2};

  @TempDir Path parent;

  private Path folder() {
    return parent.resolve("work");
  }

  private KeptNumbers kept(String model) {
    return new KeptNumbers(folder(), model);
  }

  private static float[] notAgain() {
    throw new AssertionError("made again");
  }

  @Test
  void areMadeOnceForAModelAndItsTexts() throws IOException {
    kept("mini").of(TEXTS, () -> NUMBERS);

    assertThat(kept("mini").of(TEXTS, KeptNumbersTest::notAgain)).containsExactly(NUMBERS);
  }

  @Test
  void ofAnotherModelOrOtherTextsAreNotTaken() throws IOException {
    kept("mini").of(TEXTS, () -> NUMBERS);

    assertThat(kept("maxi").of(TEXTS, () -> OTHERS)).isEqualTo(OTHERS);
    assertThat(kept("mini").asked("query").of(TEXTS, () -> OTHERS)).isEqualTo(OTHERS);
    for (List<String> other : List.of(List.of("a", "bc"), List.of("c", "ab"), List.of("abc"))) {
      assertThat(kept("mini").of(other, () -> OTHERS)).isEqualTo(OTHERS);
    }
    assertThat(kept("mini").of(TEXTS, KeptNumbersTest::notAgain)).containsExactly(NUMBERS);
  }

  /** Makes numbers in a process of its own. */
  static final class Making {
    public static void main(String[] arguments) throws IOException {
      new KeptNumbers(Path.of(arguments[0]), "mini").of(TEXTS, () -> NUMBERS);
    }
  }

  @Test
  void whatAKilledProcessHasNotFinishedIsMadeAgain() throws Exception {
    KilledProcess.run("move", 1, Making.class, folder().toString());
    Path torn = folder().resolve(folder().toFile().list()[0]);
    assertThat(torn.toString()).endsWith(".f32.unfinished");
    Files.write(torn, new byte[5]); // as one killed earlier leaves it

    assertThat(kept("mini").of(TEXTS, () -> NUMBERS)).isEqualTo(NUMBERS);

    assertThat(kept("mini").of(TEXTS, KeptNumbersTest::notAgain)).containsExactly(NUMBERS);
    assertThat(folder().toFile().list()).hasSize(1);
  }

  @Test
  void ofManyTextsAreMadeBlockByBlockAndGoOnWhereTheyStopped() throws IOException {
    List<String> texts = IntStream.range(0, 2500).mapToObj(Integer::toString).toList();
    List<Integer> made = new ArrayList<>();

    assertThatThrownBy(() -> ofMany(texts, made, "2048")).hasMessage("stopped at 2048");
    assertThat(made).containsExactly(1024, 1024);
    made.clear();

    List<Float> numbers = ofMany(texts, made, "none");
    assertThat(made).containsExactly(452);
    assertThat(numbers).isEqualTo(texts.stream().map(Float::valueOf).toList());
  }

  private List<Float> ofMany(List<String> texts, List<Integer> made, String stop)
      throws IOException {
    List<Float> all = new ArrayList<>();
    kept("mini")
        .ofMany(
            texts,
            new PrintWriter(Writer.nullWriter()),
            block -> {
              if (block.contains(stop)) {
                throw new IOException("stopped at " + stop);
              }
              made.add(block.size());
              float[] numbers = new float[block.size()];
              for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Float.parseFloat(block.get(i));
              }
              return numbers;
            },
            numbers -> {
              assertThat(numbers).hasSizeLessThanOrEqualTo(1024);
              for (float number : numbers) {
                all.add(number);
              }
            });
    return all;
  }

  @Test
  void deletingLeavesWhatIsNotTheirs() throws IOException {
    kept("mini").of(TEXTS, () -> NUMBERS);
    Path file = folder().resolve(folder().toFile().list()[0]);
    Files.write(folder().resolve(file.getFileName() + ".unfinished"), new byte[5]);
    Path other = Files.writeString(folder().resolve("documents.jsonl"), "{}");

    KeptNumbers.delete(folder());
    assertThat(folder()).isDirectoryContaining(other::equals).isNotEmptyDirectory();
    assertThat(folder().toFile().list()).hasSize(1);
  }
}

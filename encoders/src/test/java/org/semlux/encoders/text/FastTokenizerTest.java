package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.folder.JsonFile;

/** Where tokens begin, for each way of cutting words into pieces. */
class FastTokenizerTest {
  private static final Path MODELS = Path.of("../tests/src/test/resources/goldens");

  @ParameterizedTest
  @ValueSource(
      strings = {"dense-bert-mean-normalize", "dense-roberta-mean", "dense-xlm-roberta-mean"})
  void tellsWhereEachTokenBegins(String model) throws IOException {
    try (FastTokenizer tokenizer = load(model)) {
      String text = "rain 😀 and 𝒳 rain e\u0301 rain";
      int[] starts = tokenizer.placed(text, 100).starts();

      assertThat(starts).hasSameSizeAs(tokenizer.ids(text, 100)).isSorted();
      assertThat(starts[0]).isZero();
      int second = text.indexOf("rain", 4);
      int third = text.lastIndexOf("rain");
      // A piece may begin at the space before its word.
      assertThat(starts).containsAnyOf(second - 1, second).containsAnyOf(third - 1, third);
      assertThat(Arrays.stream(starts))
          .noneMatch(at -> at > 0 && Character.isLowSurrogate(text.charAt(at)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dense-bert-mean-normalize", "dense-roberta-mean", "dense-xlm-roberta-mean"})
  void longTextsAreReadInPieces(String model) throws IOException {
    try (FastTokenizer tokenizer = load(model)) {
      String unit = "rain and 😀 snow ";
      String text = unit.repeat(10_000);
      int[] starts = tokenizer.placed(text, Integer.MAX_VALUE).starts();

      assertThat(starts).isSorted();
      for (int i = 0; i < 10_000; i++) {
        int rain = i * unit.length();
        int found = Arrays.binarySearch(starts, rain);
        int before = Arrays.binarySearch(starts, Math.max(0, rain - 1));
        assertThat(Math.max(found, before)).as("unit %d", i).isNotNegative();
      }
      assertThat(tokenizer.placed(text, 10).starts().length).isBetween(10, starts.length / 2);
    }
  }

  /** As JSON may bring one: the rest of the text stays what it is. */
  @ParameterizedTest
  @ValueSource(
      strings = {"dense-bert-mean-normalize", "dense-roberta-mean", "dense-xlm-roberta-mean"})
  void halfACharacterIsOneThatNobodyKnows(String model) throws IOException {
    try (FastTokenizer tokenizer = load(model)) {
      assertThat(tokenizer.ids("rain \ud83d 😀 \ude00snow", 99))
          .containsExactly(tokenizer.ids("rain \ufffd 😀 \ufffdsnow", 99));
    }
  }

  private static FastTokenizer load(String model) throws IOException {
    return FastTokenizer.load(
        JsonFile.read(MODELS.resolve(model).resolve("tokenizer.json")),
        FastTokenizer.Options.of(32));
  }
}

package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A few made texts from a fixed seed; more of them by hand. */
class TextFuzzTest {
  static Stream<Arguments> tokenizers() throws IOException {
    return FuzzedTokenizers.all().entrySet().stream()
        .map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenizers")
  void piecesHaveTheTokensOfTheWhole(String name, JsonObject tokenizer) throws IOException {
    assertThat(new TextFuzz(name.hashCode()).run(tokenizer, 100, 10_000).differences()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenizers")
  void runsAcrossPiecesHaveTheTokensOfTheWhole(String name, JsonObject tokenizer)
      throws IOException {
    Map<String, String> texts =
        Map.of(
            "spaces", " ".repeat(90_000) + "rain and snow",
            "letters", "a".repeat(90_000) + " rain and snow",
            "marks", "e" + "\u0301".repeat(20_000) + "\u0323 rain and snow",
            "emoji", "\ud83d\udeb2".repeat(40_000) + "rain and snow",
            "hex", "0123456789abcdef".repeat(6_000) + " rain and snow",
            "words", "rain and snow ".repeat(9_000));
    assertThat(new TextFuzz(1).run(tokenizer, texts.values().stream().toList()).differences())
        .isEmpty();
  }

  /**
   * White space before a mask is no token, however long it is and wherever a piece would end: the
   * first ends at 1,024.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("tokenizers")
  void spacesBeforeASpecialTokenGoWithIt(String name, JsonObject tokenizer) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int before : new int[] {1_010, 1_018, 1_019, 1_021, 1_022, 1_023, 1_024, 1_025, 1_800}) {
      texts.add("x" + " ".repeat(before) + "<mask>" + "\t \n".repeat(400) + "<mask> rain");
    }
    assertThat(new TextFuzz(1).run(tokenizer, texts).differences()).isEmpty();
  }
}

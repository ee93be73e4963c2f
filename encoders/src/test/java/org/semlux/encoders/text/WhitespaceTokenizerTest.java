package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.folder.JsonFile;

class WhitespaceTokenizerTest {
  private static WhitespaceTokenizer load(String json, int maxTokens) throws IOException {
    Path file = Path.of("whitespacetokenizer_config.json");
    return WhitespaceTokenizer.load(
        new JsonFile(file, JsonParser.parseString(json).getAsJsonObject()), maxTokens);
  }

  private static WhitespaceTokenizer words(boolean lowerCase) throws IOException {
    return load(
        """
        {"vocab": ["PADDING_TOKEN", "rain", "Rain", "rain,", "the", "straße", "rain"],
         "stop_words": ["of", "The", "..."], "do_lower_case": %s}"""
            .formatted(lowerCase),
        5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'rain, rain!'       | 3 6", // as it is before it is stripped; of a word twice the last
        "'Rain \"Rain\" RAIN' | 2 2 6",
        "'of OF (of)'        | ''", // a stop word in any of its forms
        "'The the THE'       | 4 4",
        "'snow ... ?! the'   | 4",
        "'STRASSE STRAßE'    | 5",
        "''                  | ''",
        "'rain rain rain rain rain rain' | 6 6 6 6 6"
      })
  void words(String text, String ids) throws IOException {
    int[] actual = words(false).tokenize(text).ids();
    StringBuilder joined = new StringBuilder();
    for (int id : actual) {
      joined.append(joined.isEmpty() ? "" : " ").append(id);
    }
    assertThat(joined).hasToString(ids);
  }

  @Test
  void tellsWhereTheWordsBegin() throws IOException {
    assertThat(words(false).placed("  rain, of \"Rain\" snow rain", 9).starts())
        .containsExactly(2, 11, 23);
    assertThat(words(false).placed("rain rain rain", 2).starts()).containsExactly(0, 5);
  }

  @Test
  void longTextsAreReadInPieces() throws IOException {
    String text = "snow ".repeat(1_000_000) + "rain";
    Reading<Tokens> reading = words(false).reading(text);
    int pieces = 1;
    Optional<Tokens> tokens = reading.get();
    while (tokens.isEmpty()) {
      pieces++;
      tokens = reading.get();
    }
    assertThat(tokens.get().ids()).containsExactly(6);
    assertThat(pieces).isGreaterThan(text.length() / 100_000);
  }

  @Test
  void splitsWherePythonDoes() throws IOException {
    String text = "rain\u00a0rain\u2007rain\u0085rain\u001crain";
    assertThat(words(false).tokenize(text).ids()).containsExactly(6, 6, 6, 6, 6);
    assertThat(words(false).tokenize("rain\u200brain").ids()).isEmpty();
  }

  @Test
  void lowersFirstWhereAsked() throws IOException {
    assertThat(words(true).tokenize("Rain, RAIN The").ids()).containsExactly(3, 6, 4);
  }

  @Test
  void namesTheListThatIsMissing() {
    assertThatThrownBy(() -> load("{\"vocab\": []}", 5))
        .isInstanceOf(IOException.class)
        .hasMessage("whitespacetokenizer_config.json lacks \"stop_words\"");
  }
}

package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
  @Test
  void oneValue() {
    assertThat(StrictJson.parse("\"a \\\"b\\\" \\u00e9\"").getAsString()).isEqualTo("a \"b\" é");
    assertThat(StrictJson.parse(" {\"a\":[1,null]} ").isJsonObject()).isTrue();
  }

  /** As pandas and others write a file that is called .json. */
  @ParameterizedTest
  @ValueSource(strings = {"[", " [{\"a\":1}]"})
  void aListIsNoLine(String line) {
    assertThatThrownBy(() -> StrictJson.object("x.json:1", line))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "x.json:1: a list begins, where an object is expected: write an object a line (JSON"
                + " lines)");
  }

  /** No file could hold it, and a long run would fail when it writes its output. */
  @Test
  void halfACharacterIsReadAsTokenizersReadIt() throws IOException {
    String json = "{\"a\\ud83d\":[\"b \\udc00\\ud83d\\ude00 c\",1.5e3]}";

    JsonObject row = StrictJson.object("x:1", json);

    assertThat(row.getAsJsonArray("a\ufffd").get(0).getAsString())
        .isEqualTo("b \ufffd\ud83d\ude00 c");
    assertThat(row.getAsJsonArray("a\ufffd").get(1).getAsDouble()).isEqualTo(1500);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\"open",
        "\"a\" b",
        "\"a\"\"b\"",
        "'a'",
        "{a:1}",
        "[1,]",
        "{} {}",
        "NaN",
        "{"
      })
  void nothingElse(String text) {
    assertThatThrownBy(() -> StrictJson.parse(text))
        .isInstanceOf(JsonParseException.class)
        .hasMessageMatching("it (is empty|ends too early|is malformed at column \\d+)");
  }

  @Test
  void theLineIsNamedWhereThereAreSeveral() {
    assertThatThrownBy(() -> StrictJson.parse("{\n\"a\": b}"))
        .hasMessage("it is malformed at line 2, column 6");
  }

  /** The parser would take the last one. */
  @Test
  void aKeyThatIsThereTwice() throws IOException {
    assertThatThrownBy(() -> StrictJson.object("x:1", "{\"a\":1,\"b\":{\"c\":2},\"a\":1}"))
        .isInstanceOf(IOException.class)
        .hasMessage("x:1: the key [a] is there twice: leave one out");
    assertThat(StrictJson.object("x:1", " {\"a\":{\"b\":1},\"b\":[{\"a\":2}]}").size())
        .isEqualTo(2);
  }
}

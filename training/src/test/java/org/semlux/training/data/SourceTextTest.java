package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

class SourceTextTest {
  private static final JsonObject SOURCE =
      JsonParser.parseString(
              """
              {"body":"one","list":["two",null,3],"a":{"b":"four","c.d":"five"},"a.b":"six",
               "deep":[{"x":"seven"},{"x":["eight"]}],"object":{"y":1}}""")
          .getAsJsonObject();

  @Test
  void valuesListsPathsAndNothing() {
    assertThat(SourceText.of(SOURCE, "body")).isEqualTo("one");
    assertThat(SourceText.of(SOURCE, "list")).isEqualTo("two\n3");
    assertThat(SourceText.of(SOURCE, "a.b")).isEqualTo("six\nfour");
    assertThat(SourceText.of(SOURCE, "a.c.d")).isEqualTo("five");
    assertThat(SourceText.of(SOURCE, "deep.x")).isEqualTo("seven\neight");
    assertThat(SourceText.of(SOURCE, "object")).isEmpty();
    assertThat(SourceText.of(SOURCE, "missing.field")).isEmpty();
  }
}

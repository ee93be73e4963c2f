package org.semlux.training.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubModelTest {
  private static final URI HUB = URI.create("https://hub");

  @Test
  void addresses() {
    HubModel model = new HubModel("org/all-MiniLM_v2.1", "refs/pr/1");

    assertThat(model.tree(HUB))
        .hasToString(
            "https://hub/api/models/org/all-MiniLM_v2.1/tree/refs%2Fpr%2F1?recursive=true");
    assertThat(model.content(HUB, "1_Pooling/a b#ü.json"))
        .hasToString(
            "https://hub/org/all-MiniLM_v2.1/resolve/refs%2Fpr%2F1/1_Pooling/a%20b%23%C3%BC.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a/b/c",
        "..",
        "../b",
        "a/..",
        "a/b..c",
        "/b",
        "a/",
        "a /b",
        "ä/b",
        "a/b?x",
        "-a/b",
        "https://hub/a/b"
      })
  void otherNamesAreRefused(String id) {
    assertThatThrownBy(() -> new HubModel(id, "main"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "[%s] is no model of a hub: name it as ORG/NAME, such as".formatted(id)
                + " sentence-transformers/all-MiniLM-L6-v2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ".", "..", "a..b", "/main", "a\nb"})
  void otherRevisionsAreRefused(String revision) {
    assertThatThrownBy(() -> new HubModel("a/b", revision))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no revision");
  }
}

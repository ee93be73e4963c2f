package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.InputType;

/** Prompts of the sides, as the reference's encode_query and encode_document take them. */
class PromptsTest {
  private static String ofSide(InputType type, Map<String, String> byName) {
    return new Prompts("model", byName, byName.keySet().stream().findFirst()).ofSide(type);
  }

  @Test
  void aSideHasThePromptOfItsName() {
    Map<String, String> both = Map.of("query", "q: ", "document", "d: ", "passage", "p: ");
    assertThat(ofSide(InputType.QUERY, both)).isEqualTo("q: ");
    assertThat(ofSide(InputType.DOCUMENT, both)).isEqualTo("d: ");
  }

  @Test
  void noOtherNameAndNoDefaultTakesItsPlace() {
    for (Map<String, String> prompts :
        List.of(
            Map.of("passage", "p: "),
            Map.of("corpus", "c: "),
            Map.of("document", "", "passage", "p: "))) {
      assertThat(ofSide(InputType.DOCUMENT, prompts)).isEmpty();
      assertThat(ofSide(InputType.QUERY, prompts)).isEmpty();
    }
    assertThat(new Prompts("model", Map.of(), Optional.empty()).ofSide(InputType.QUERY)).isEmpty();
  }
}

package org.semlux.encoders.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.ModelException;

class ChatTemplateTest {
  private static final Map<String, String> PAIR =
      Map.of("query", "Who?", "document", "A {{ man }}.");

  private static String render(String source) {
    return ChatTemplate.of("test", source).render(PAIR);
  }

  /** As Jinja 3.1 renders them with trim_blocks and lstrip_blocks. */
  @Test
  void textsAndContents() {
    assertThat(
            render(
                "{%- set task = (messages | selectattr(\"role\", \"eq\", \"system\") |"
                    + " map(attribute=\"content\") | first | default(\"Find it\", true)) -%}\n"
                    + "<s>{{ task }}\n{# who asks #}\n"
                    + "Q: {{ messages | selectattr('role', 'equalto', 'query')"
                    + " | map(attribute='content') | first }}\n"
                    + "D: {{ (messages | selectattr(\"role\", \"==\", \"document\") | first).content -}}"
                    + "  \n<end>\n"))
        .isEqualTo("<s>Find it\nQ: Who?\nD: A {{ man }}.<end>");
  }

  @Test
  void whiteSpaceOfBlocks() {
    assertThat(render("a\n  {% set x = 'y' %}\nb {{ x }}\n\n{{- x }}")).isEqualTo("a\nb yy");
    assertThat(render("{{ unknown }}{{ unknown | default('-') }}{{ '' | default('-') }}"))
        .isEqualTo("-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for message in messages %}{{ message.content }}{% endfor %}",
        "{% if add_generation_prompt %}<s>{% endif %}",
        "{{ messages[0].content }}",
        "{{ messages | selectattr('role', 'eq', 'query') | list }}",
        "{{ query ~ document }}",
        "{% set ns = namespace(x=1) %}",
        "{{ unfinished"
      })
  void anythingElseIsNamed(String source) {
    assertThatThrownBy(() -> ChatTemplate.of("test", source))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model [test]: its chat template holds [")
        .hasMessageContaining("supported are texts with the content of the messages")
        .hasMessageContaining("write the model's prompt as a chat_template.jinja that prints");
  }
}

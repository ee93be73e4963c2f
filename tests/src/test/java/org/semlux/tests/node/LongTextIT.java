package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A text of a million characters is cut to what the model reads, and holds up nobody. */
@ExtendWith(RealNode.Extension.class)
class LongTextIT {
  @Test
  void aMillionCharactersEncodeLikeTheirBeginning(RealNode node) {
    node.deploy(RealNode.MODEL, "tiny");
    String sentence = "The river rises after three days of rain. ";
    String body =
        Rest.JSON.toJson(Map.of("texts", List.of(sentence.repeat(25_000), sentence.repeat(100))));

    Rest.Answer answer = node.rest().succeed("POST", "/_semlux/models/tiny/_encode", body);

    assertThat(answer.at("embeddings.0")).isEqualTo(answer.at("embeddings.1"));
    node.rest().succeed("DELETE", "/_semlux/models/tiny?force=true", "");
  }
}

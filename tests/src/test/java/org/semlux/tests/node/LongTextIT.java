package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of many million characters are read as far as the model reads, and hold up nobody. */
@OnRealNode
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

  /** Each of these ended or stopped a node when the library was given the whole text. */
  @Test
  void runsOfMillionsEncodeLikeShorterOnes(@TempDir Path folder, RealNode node) throws IOException {
    ModelUpload.of(ModelCopy.asLlama3(folder.resolve("model"))).send(node.rest(), "llama");
    node.rest().succeed("POST", "/_semlux/models/llama/_deploy?timeout=60s", "");

    for (String one : List.of(" ", "a", "\n", "\u0301", "\u200b", ".", "\u4e2d", "\ud83d\ude00")) {
      int times = (one.equals("a") ? 10_000_000 : 12_000_000) / one.getBytes(UTF_8).length;
      assertThat(encode(node, one.repeat(times) + "x rain").at("embeddings"))
          .as("%d of [%s]", times, one)
          .isEqualTo(encode(node, one.repeat(100_000) + "x rain").at("embeddings"));
    }
    node.rest().succeed("DELETE", "/_semlux/models/llama", "");
  }

  private static Rest.Answer encode(RealNode node, String text) {
    String body = Rest.JSON.toJson(Map.of("texts", List.of(text)));
    return node.rest().succeed("POST", "/_semlux/models/llama/_encode", body);
  }
}

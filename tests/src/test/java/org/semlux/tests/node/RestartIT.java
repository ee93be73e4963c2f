package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was deployed before a node went down answers when it is up again. */
@OnRealNode
class RestartIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";

  @AfterEach
  void clean(RealNode node) {
    node.rest().succeed("DELETE", "/_semlux/models/tiny", "");
  }

  @Test
  void aDeployedModelAnswersAgain(RealNode node) {
    node.deploy(RealNode.MODEL, "tiny");
    Object before = encode(node);

    try {
      node.restart(Map.of("semlux.node.enabled", "false"));
      assertTakesNoPartAndIsAlone(node);
    } finally {
      node.restart(Map.of());
    }

    assertThat(node.rest().succeed("GET", "/_semlux/models/tiny", "").at("models.0.state"))
        .isIn("deploying", "deployed");
    // Deployed it is already: this waits until the node has it loaded.
    node.rest().succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    assertThat(encode(node)).isEqualTo(before);
  }

  private static void assertTakesNoPartAndIsAlone(RealNode node) {
    Rest.Answer answer = node.rest().call("POST", "/_semlux/models/tiny/_encode", TEXTS);
    assertThat(answer.status()).isEqualTo(503);
    assertThat((String) answer.at("error.reason"))
        .contains("semlux.node.enabled is false", "no other node has loaded model [tiny]");
    Rest.Answer deploy = node.rest().call("POST", "/_semlux/models/tiny/_deploy", "");
    assertThat(deploy.status()).isEqualTo(400);
    assertThat((String) deploy.at("error.reason")).contains("has no node to run on");
  }

  private static Object encode(RealNode node) {
    return node.rest().succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings");
  }
}

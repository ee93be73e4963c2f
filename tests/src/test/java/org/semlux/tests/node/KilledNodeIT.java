package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that is killed while it loads a model, as native code can, comes back without it. */
@ExtendWith(RealNode.Extension.class)
class KilledNodeIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @AfterEach
  void clean(RealNode node) {
    node.rest().succeed("DELETE", "/_semlux/models/good", "");
    node.rest().succeed("DELETE", "/_semlux/models/deadly", "");
  }

  @Test
  void whatTheNodeEndedWithStaysUnloadedUntilItIsDeployedAgain(RealNode node) throws Exception {
    node.deploy(RealNode.MODEL, "good");
    Object vectors = node.rest().succeed("POST", "/_semlux/models/good/_encode", TEXTS).body();
    ModelUpload.of(RealNode.CROSS_MODEL).send(node.rest(), "deadly");

    killWhileItLoads(node);
    node.restart();

    Rest.Answer ready = node.rest().call("POST", "/_semlux/models/good/_deploy?timeout=60s", "");
    assertThat(ready.status()).as("%s", ready).isEqualTo(200);
    assertThat(node.rest().succeed("POST", "/_semlux/models/good/_encode", TEXTS).body())
        .isEqualTo(vectors);
    Rest.Answer seen = node.rest().succeed("GET", "/_semlux/models/deadly", "");
    assertThat(seen.at("models.0.state")).as("%s", seen).isEqualTo("failed");
    assertThat(seen.body().toString())
        .contains("the node ended while loading it; deploy it again to try once more");
    assertThat(node.log()).contains("[deadly]", "the node ended while loading it");
    String pair = "{\"query\":\"rain\",\"documents\":[\"sun\",\"a river\"]}";
    Rest.Answer refused = node.rest().call("POST", "/_semlux/models/deadly/_rerank", pair);
    assertThat(refused.status()).as("%s", refused).isEqualTo(409);
    assertThat((String) refused.at("error.reason")).contains("the node ended while loading it");

    node.rest().succeed("POST", "/_semlux/models/deadly/_deploy?timeout=60s", "");
    node.rest().succeed("POST", "/_semlux/models/deadly/_rerank", pair);
    assertThat(marked(node)).isFalse();
  }

  private static void killWhileItLoads(RealNode node) throws IOException, InterruptedException {
    Thread deploying =
        new Thread(
            () -> {
              try {
                node.rest().call("POST", "/_semlux/models/deadly/_deploy", "");
              } catch (RuntimeException e) {
                // The node is gone.
              }
            });
    deploying.start();
    Instant end = Instant.now().plus(PATIENCE);
    while (!marked(node)) {
      assertThat(Instant.now()).as("no mark was seen").isBefore(end);
      Thread.onSpinWait();
    }
    node.kill();
    deploying.join();
    assertThat(marked(node)).as("the load had ended before the node was killed").isTrue();
  }

  /** {@code data/semlux/models/<generation>/.loading}. */
  private static boolean marked(RealNode node) throws IOException {
    try (Stream<Path> copies = Files.list(node.folder().resolve("data/semlux/models"))) {
      return copies.anyMatch(copy -> Files.exists(copy.resolve(".loading")));
    }
  }
}

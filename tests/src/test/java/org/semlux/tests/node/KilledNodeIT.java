package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A node that is killed while it loads a model, as native code can, comes back without it. */
@ExtendWith(RealNode.Extension.class)
class KilledNodeIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

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

    killWhileItLoads(node, 1, () -> node.rest().call("POST", "/_semlux/models/deadly/_deploy", ""));
    killWhileItLoads(node, 2, node::restart); // once may be anything's fault: it tries by itself
    node.restart();

    Rest.Answer ready = node.rest().call("POST", "/_semlux/models/good/_deploy?timeout=60s", "");
    assertThat(ready.status()).as("%s", ready).isEqualTo(200);
    assertThat(node.rest().succeed("POST", "/_semlux/models/good/_encode", TEXTS).body())
        .isEqualTo(vectors);
    Rest.Answer seen = node.rest().succeed("GET", "/_semlux/models/deadly", "");
    assertThat(seen.at("models.0.state")).as("%s", seen).isEqualTo("failed");
    assertThat(seen.body().toString())
        .contains("the node ended twice while loading it; deploy it again to try once more");
    assertThat(node.log()).contains("[deadly]", "the node ended twice while loading it");
    String pair = "{\"query\":\"rain\",\"documents\":[\"sun\",\"a river\"]}";
    Rest.Answer refused = node.rest().call("POST", "/_semlux/models/deadly/_rerank", pair);
    assertThat(refused.status()).as("%s", refused).isEqualTo(409);
    assertThat((String) refused.at("error.reason"))
        .contains("the node ended twice while loading it");

    node.rest().succeed("POST", "/_semlux/models/deadly/_deploy?timeout=60s", "");
    node.rest().succeed("POST", "/_semlux/models/deadly/_rerank", pair);
    assertThat(marks(node)).isEmpty();
  }

  private static void killWhileItLoads(RealNode node, int time, Runnable begin)
      throws IOException, InterruptedException {
    Thread deploying =
        new Thread(
            () -> {
              try {
                begin.run();
              } catch (RuntimeException e) {
                // The node is gone.
              }
            });
    deploying.start();
    Instant end = Instant.now().plus(PATIENCE);
    while (!marks(node).contains(String.valueOf(time))) {
      assertThat(Instant.now()).as("no mark was seen").isBefore(end);
      Thread.sleep(1); // a load takes longer, and the node needs the machine
    }
    node.kill();
    deploying.join();
    assertThat(marks(node))
        .as("the load had ended before the node was killed")
        .contains(String.valueOf(time)); // another model's may stand beside it
  }

  /** How often each mark was put: {@code data/semlux/models/<generation>/.loading}. */
  private static List<String> marks(RealNode node) throws IOException {
    List<String> marks = new ArrayList<>();
    try (Stream<Path> copies = Files.list(node.folder().resolve("data/semlux/models"))) {
      for (Path copy : copies.toList()) {
        Path mark = copy.resolve(".loading");
        if (Files.exists(mark)) {
          String text = Files.readString(mark);
          marks.add(text.substring(text.indexOf(' ') + 1));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of(); // it has gone meanwhile
    }
    return marks;
  }
}

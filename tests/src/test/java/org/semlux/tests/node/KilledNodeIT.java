package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node that is killed while it loads models, as native code can, comes back without one. */
@OnRealNode
class KilledNodeIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final List<String> IDS = List.of("one", "two");

  @AfterEach
  void clean(RealNode node) {
    IDS.forEach(id -> node.rest().succeed("DELETE", "/_semlux/models/" + id, ""));
  }

  @Test
  void whatTheNodeEndedWithRestsAndTheOthersServe(RealNode node) throws Exception {
    IDS.forEach(id -> node.deploy(RealNode.MODEL, id));
    Object vectors = encode(node, "one").at("embeddings");

    killWhileItLoads(node, marks -> marks.size() == 2); // both at once: either may be the cause
    killWhileItLoads(node, marks -> marks.containsValue("2")); // of one alone
    Map<String, String> marks = marks(node);
    assertThat(marks.values()).containsExactlyInAnyOrder("1", "2");
    String deadly = marks.get("one").equals("2") ? "one" : "two";
    String good = deadly.equals("one") ? "two" : "one";

    node.restart();
    await(() -> encode(node, good), answer -> answer.status() == 200);
    assertThat(encode(node, good).at("embeddings")).isEqualTo(vectors);
    String why = "the node ended twice while loading it; this is tried again by itself in ";
    Rest.Answer refused = await(() -> encode(node, deadly), answer -> says(answer, why));
    assertThat(refused.status()).as("%s", refused).isEqualTo(503);
    Rest.Answer seen = node.rest().succeed("GET", "/_semlux/models/" + deadly, "");
    assertThat(seen.at("models.0.state")).as("%s", seen).isEqualTo("failed");
    assertThat(seen.body().toString()).contains(why);
    assertThat(node.log()).contains("[" + deadly + "]", why);

    node.rest().succeed("POST", "/_semlux/models/" + deadly + "/_deploy?timeout=60s", "");
    assertThat(encode(node, deadly).at("embeddings")).isEqualTo(vectors);
    assertThat(marks(node)).isEmpty();
  }

  private static Rest.Answer encode(RealNode node, String id) {
    return node.rest().call("POST", "/_semlux/models/" + id + "/_encode", TEXTS);
  }

  private static boolean says(Rest.Answer answer, String what) {
    return answer.body().toString().contains(what);
  }

  private static <T> T await(Callable<T> seen, Predicate<T> wanted) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    T now = seen.call();
    while (!wanted.test(now)) {
      assertThat(Instant.now()).as("%s", now).isBefore(end);
      Thread.sleep(1); // a load takes longer, and the node needs the machine
      now = seen.call();
    }
    return now;
  }

  /** Starts the node again on its data and kills it at a moment that its marks tell. */
  private static void killWhileItLoads(RealNode node, Predicate<Map<String, String>> moment)
      throws Exception {
    node.close();
    Thread starting =
        new Thread(
            () -> {
              try {
                node.restart();
              } catch (RuntimeException e) {
                // The node is gone.
              }
            });
    starting.start();
    await(() -> marks(node), moment);
    node.kill();
    starting.join();
    assertThat(moment.test(marks(node)))
        .as("the load had ended before the node was killed: %s", marks(node))
        .isTrue();
  }

  /** How often each model's was put: {@code data/semlux/models/<generation>/.loading}. */
  private static Map<String, String> marks(RealNode node) throws IOException {
    Map<String, String> marks = new HashMap<>();
    for (String id : IDS) {
      try (Stream<Path> copies = Files.list(node.folder().resolve("data/semlux/models"))) {
        for (Path copy : copies.filter(copy -> Files.exists(copy.resolve(id))).toList()) {
          String text = Files.readString(copy.resolve(".loading"));
          marks.put(id, text.substring(text.indexOf(' ') + 1));
        }
      } catch (NoSuchFileException e) {
        // This one is not being loaded, or not any more.
      }
    }
    return marks;
  }
}

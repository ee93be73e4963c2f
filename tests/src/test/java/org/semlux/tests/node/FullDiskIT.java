package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A node whose disk has no room for a model: told by name, left as it is, served by the other one,
 * healed. And one that has the model on a disk that is full.
 */
@StartsNodes
class FullDiskIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";

  /** After some tries there is a minute between two. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final int KEPT_FREE = 64 << 20; // by the node
  private static final int DISK = KEPT_FREE + (1 << 20);

  private final List<ClusterNode> nodes = ClusterNode.of("full", "one", "two");
  private final Shell shell = new Shell(RealNode.ROOT);
  private final Path disk = nodes.get(1).folder().resolve("data/semlux");
  private boolean mounted;

  @AfterEach
  void stop() {
    try {
      nodes.forEach(ClusterNode::close);
    } finally {
      if (mounted) {
        shell.run("umount", "--lazy", disk.toString()); // even if a node still runs
      }
    }
  }

  @Test
  void itIsToldAndHeals() throws Exception {
    nodes.forEach(node -> node.with("cluster.initial_master_nodes", "one"));
    ClusterNode.start(nodes);
    mount();
    Path filler = disk.resolve("filler");
    Files.write(filler, new byte[(1 << 20) - 60_000]); // there is room for the model, barely
    long free = Files.getFileStore(disk).getUsableSpace();
    Rest one = nodes.get(0).rest();
    Rest two = nodes.get(1).rest();
    ModelUpload.of(RealNode.MODEL).send(one, "tiny");

    Rest.Answer refused = one.call("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    assertThat(refused.status()).as("%s", refused).isEqualTo(400);
    assertThat((String) refused.at("error.reason"))
        .contains("could not be loaded on node [two]", "bytes cannot be written")
        .containsPattern("it needs [^ ]+ of disk and 64mb that stay free, [^ ]+ are left");
    await(() -> states(one), states -> states.equals(Map.of("one", "deployed", "two", "failed")));
    assertThat(nodes.get(1).log()).contains(disk.resolve("models").toString());
    assertThat(copies()).isEmpty();
    assertThat(Files.getFileStore(disk).getUsableSpace()).isEqualTo(free);
    Object vectors = one.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings");
    assertThat(two.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings"))
        .as("by the node that has it")
        .isEqualTo(vectors);

    Files.delete(filler);
    await(() -> states(one), states -> states.equals(Map.of("one", "deployed", "two", "deployed")));
    assertThat(two.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings"))
        .isEqualTo(vectors);

    nodes.get(1).close();
    fill(filler);
    nodes.get(1).start();
    await(() -> states(one), states -> states.equals(Map.of("one", "deployed", "two", "deployed")));
    assertThat(nodes.get(1).log())
        .containsPattern("model \\[tiny\\] is loaded though .*/\\.loading cannot be written");
    assertThat(two.succeed("POST", "/_semlux/models/tiny/_encode", TEXTS).at("embeddings"))
        .isEqualTo(vectors);
  }

  /** Leaves not a byte. */
  private static void fill(Path filler) throws IOException {
    try (OutputStream out = Files.newOutputStream(filler)) {
      byte[] page = new byte[4_096];
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private void mount() {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root may mount a disk");
    shell.run("mkdir", "-p", disk.toString());
    String options = "size=" + DISK + ",mode=777";
    try {
      shell.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.toString());
    } catch (IllegalStateException e) {
      assumeTrue(false, e.getMessage());
    }
    mounted = true;
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> found = Files.list(disk.resolve("models"))) {
      return found.toList();
    }
  }

  /** Node two tries again and again: what is seen once may be in the midst of that. */
  private static <T> void await(Callable<T> seen, Predicate<T> wanted) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    for (T now = seen.call(); !wanted.test(now); now = seen.call()) {
      assertThat(Instant.now()).as("%s", now).isBefore(end);
      Thread.sleep(100);
    }
  }

  private static Map<String, String> states(Rest rest) {
    Rest.Answer model = rest.succeed("GET", "/_semlux/models/tiny", "");
    Map<?, ?> each = (Map<?, ?>) model.at("models.0.nodes");
    return each.values().stream()
        .map(node -> (Map<?, ?>) node)
        .collect(
            Collectors.toMap(
                node -> (String) node.get("name"), node -> (String) node.get("state")));
  }
}

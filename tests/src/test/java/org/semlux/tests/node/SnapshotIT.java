package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models of one cluster restored into another: two nodes that share a repository's folder. */
@StartsNodes
class SnapshotIT {
  private static final String TEXTS = "{\"texts\":[\"The river rises after three days of rain.\"]}";
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final ClusterNode from = ClusterNode.of("from", "one").get(0);
  private final ClusterNode to = ClusterNode.of("to", "two").get(0);

  @AfterEach
  void stop() {
    from.close();
    to.close();
  }

  @Test
  void modelsComeWithTheirDefinitionsAndAliases() throws Exception {
    String folder = from.folder().resolve("data/backup").toString();
    ClusterNode.start(List.of(from.with("path.repo", folder), to.with("path.repo", folder)));
    Rest first = from.rest();
    ModelUpload.of(RealNode.MODEL).send(first, "tiny");
    first.succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    first.succeed("PUT", "/_semlux/aliases/live", "{\"model_id\":\"tiny\"}");
    Object vectors = first.succeed("POST", "/_semlux/models/live/_encode", TEXTS).at("embeddings");
    first.succeed("PUT", "/_snapshot/backup", repository(folder, false));
    Rest second = to.rest();
    second.succeed("PUT", "/_snapshot/backup", repository(folder, true));

    Instant end = Instant.now().plus(PATIENCE);
    String name = "one";
    for (transfer(first, second, name); !hasAlias(second); transfer(first, second, name)) {
      assertThat(Instant.now()).as("the last snapshot is %s", name).isBefore(end);
      name += "-more"; // the definitions are stored just behind the answer: that one lacked some
    }
    from.close();
    end = Instant.now().plus(PATIENCE);
    Rest.Answer seen = second.call("GET", "/_semlux/models/live", "");
    while (!"deployed".equals(seen.at("models.0.state"))) {
      assertThat(Instant.now()).as("%s", seen).isBefore(end);
      Thread.sleep(100);
      seen = second.call("GET", "/_semlux/models/live", "");
    }
    assertThat(seen.at("models.0.id")).isEqualTo("tiny");
    assertThat(second.succeed("POST", "/_semlux/models/live/_encode", TEXTS).at("embeddings"))
        .isEqualTo(vectors);
    second.succeed("DELETE", "/_semlux/models/tiny?force=true", "");
    assertThat(to.log())
        .contains("restore the models [tiny] out of a snapshot", "delete model [tiny]");
  }

  private static void transfer(Rest first, Rest second, String name) {
    String path = "/_snapshot/backup/" + name;
    String made =
        "{\"indices\":\"-*\",\"feature_states\":[\"semlux\"],\"include_global_state\":false}";
    Rest.Answer snapshot = first.succeed("PUT", path + "?wait_for_completion=true", made);
    assertThat(snapshot.at("snapshot.state")).as("%s", snapshot).isEqualTo("SUCCESS");
    second.succeed("POST", path + "/_restore?wait_for_completion=true", made);
  }

  /** The definitions are put into the cluster just behind the answer, too. */
  private static boolean hasAlias(Rest rest) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE.dividedBy(12));
    while (rest.call("GET", "/_semlux/models/live", "").status() != 200) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      Thread.sleep(100);
    }
    return true;
  }

  private static String repository(String folder, boolean readonly) {
    return "{\"type\":\"fs\",\"settings\":{\"location\":\"%s\",\"readonly\":%s}}"
        .formatted(folder, readonly);
  }
}

package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cluster with a node that lacks the plugin: no model is put that it could not read. */
class MissingPluginIT {
  private static final Shell SHELL = new Shell(RealNode.ROOT, "ES_JAVA_OPTS", "-Xms512m -Xmx512m");
  private static final String FOLDER = RealNode.ROOT.resolve("tests/target/secured-").toString();

  private final int transport = RealNode.freePort();
  private final Rest with = new Rest(URI.create("http://127.0.0.1:" + RealNode.freePort()));
  private final Rest without = new Rest(URI.create("http://127.0.0.1:" + RealNode.freePort()));

  @AfterEach
  void stop() {
    SHELL.run(RealNode.SCRIPT, "stop", "--folder", FOLDER + "one");
    SHELL.run(RealNode.SCRIPT, "stop", "--folder", FOLDER + "two");
  }

  @Test
  void modelsAreRefusedAndLeaveNothingBehind() throws Exception {
    stop(); // what an interrupted run left
    SHELL.run("rm", "-rf", FOLDER + "one/data", FOLDER + "two/data");
    start("one", with, "", Map.of("cluster.initial_master_nodes", "one"));
    ModelUpload tiny = ModelUpload.of(RealNode.MODEL);
    tiny.send(with, "tiny");
    with.succeed("POST", "/_semlux/models/tiny/_deploy?timeout=60s", "");
    with.succeed("DELETE", "/_semlux/models/tiny", "");

    // Nothing of ours is in the cluster's state any more: such a node can join.
    start("two", without, "none", Map.of("discovery.seed_hosts", "127.0.0.1:" + transport));
    assertThat(without.succeed("GET", "/_cluster/health", "").at("number_of_nodes")).isEqualTo(2L);

    Rest.Answer put = with.call("PUT", "/_semlux/models/tiny", tiny.manifest());
    assertThat(put.status()).isEqualTo(400);
    assertThat((String) put.at("error.reason"))
        .startsWith("the plugin semlux is not installed on the nodes [two]");
    assertThat(with.succeed("GET", "/_cluster/health", "").at("number_of_nodes")).isEqualTo(2L);
    assertThat(Files.readString(Path.of(FOLDER + "one", "logs", "bare.log")))
        .contains("the plugin semlux is not installed on the nodes [two]");
  }

  private void start(String node, Rest rest, String plugin, Map<String, String> more) {
    List<String> command = new ArrayList<>(List.of(RealNode.SCRIPT, "start"));
    command.addAll(List.of("--folder", FOLDER + node));
    command.addAll(List.of("--port", String.valueOf(rest.url().getPort())));
    if (!plugin.isEmpty()) {
      command.addAll(List.of("--plugin", plugin));
    }
    int own = node.equals("one") ? transport : RealNode.freePort();
    Map<String, String> settings =
        Map.of(
            "cluster.name",
            "bare",
            "node.name",
            node,
            "discovery.type",
            "multi-node",
            "transport.port",
            String.valueOf(own));
    for (Map<String, String> each : List.of(settings, more)) {
      each.forEach((name, value) -> command.addAll(List.of("--setting", name + "=" + value)));
    }
    SHELL.run(command);
  }
}

package org.semlux.tests.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Three nodes on loopback, each a process of its own that can be killed and started again. */
final class RealCluster implements AutoCloseable {
  static final List<String> NODES = List.of("one", "two", "three");

  private static final String FOLDER = RealNode.ROOT.resolve("tests/target/secured-").toString();

  private static final Shell SHELL = new Shell(RealNode.ROOT, "ES_JAVA_OPTS", "-Xms512m -Xmx512m");

  private final List<Integer> ports = new ArrayList<>();
  private final List<Integer> transports = new ArrayList<>();

  RealCluster() {
    close(); // what an interrupted run left
    for (int node = 0; node < NODES.size(); node++) {
      ports.add(RealNode.freePort());
      transports.add(RealNode.freePort());
      SHELL.run("rm", "-rf", FOLDER + NODES.get(node) + "/data");
    }
    try {
      List<CompletableFuture<Void>> starts = new ArrayList<>();
      for (int node = 0; node < NODES.size(); node++) {
        int number = node;
        starts.add(CompletableFuture.runAsync(() -> start(number)));
      }
      starts.forEach(CompletableFuture::join);
      rest(0).succeed("GET", "/_cluster/health?wait_for_nodes=3&timeout=60s", "");
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Starts a node on its data; returns when it answers. */
  void start(int node) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("cluster.name", "killed");
    settings.put("node.name", NODES.get(node));
    settings.put("discovery.type", "multi-node");
    settings.put("transport.port", transports.get(node).toString());
    settings.put("cluster.initial_master_nodes", String.join(",", NODES));
    settings.put(
        "discovery.seed_hosts",
        String.join(",", transports.stream().map(port -> "127.0.0.1:" + port).toList()));
    // A node that comes back takes its shards; no copy is made for the minute that it is away.
    settings.put("cluster.routing.allocation.node_concurrent_recoveries", "8");
    List<String> command = new ArrayList<>(List.of(RealNode.SCRIPT, "start"));
    command.addAll(List.of("--folder", FOLDER + NODES.get(node)));
    command.addAll(List.of("--port", ports.get(node).toString()));
    settings.forEach((name, value) -> command.addAll(List.of("--setting", name + "=" + value)));
    SHELL.run(command);
  }

  /** Ends a node at once: SIGKILL. */
  void kill(int node) {
    try {
      Path pid = Path.of(FOLDER + NODES.get(node), "pid");
      ProcessHandle process =
          ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
      process.destroyForcibly();
      process.onExit().join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Rest rest(int node) {
    return new Rest(URI.create("http://127.0.0.1:" + ports.get(node)));
  }

  @Override
  public void close() {
    NODES.forEach(node -> SHELL.run(RealNode.SCRIPT, "stop", "--folder", FOLDER + node));
  }
}

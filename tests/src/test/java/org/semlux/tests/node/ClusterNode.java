package org.semlux.tests.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * A node of a cluster, a process of its own on loopback, which can be stopped, killed and started
 * again on its data. Its folder is unpacked once and shared by all clusters of the tests, one after
 * the other.
 */
final class ClusterNode implements AutoCloseable {
  /** Small: several share the machine. */
  private static final Shell SHELL = RealNode.shell("-Xms512m -Xmx512m");

  /** What an earlier run left in folder $0, with the disk of {@link FullDiskIT} among it. */
  private static final String CLEAN =
      """
      if mountpoint -q "$0/data/semlux"; then umount "$0/data/semlux" || exit; fi
      rm -rf "$0/data" "$0"/logs/*""";

  private static final Path NODES = RealNode.ROOT.resolve("tests/target/nodes");

  private final String name;
  private final int port = RealNode.freePort();
  private final int transport = RealNode.freePort();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<String> options = new ArrayList<>();

  private ClusterNode(String cluster, String name) {
    this.name = name;
    settings.put("cluster.name", cluster);
    settings.put("node.name", name);
    settings.put("discovery.type", "multi-node");
    settings.put("transport.port", String.valueOf(transport));
    close(); // one that an interrupted run left
    SHELL.run("bash", "-c", CLEAN, folder().toString());
  }

  /** Nodes that know each other, without data, not yet started. */
  static List<ClusterNode> of(String cluster, String... names) {
    List<ClusterNode> nodes = Stream.of(names).map(node -> new ClusterNode(cluster, node)).toList();
    String hosts =
        String.join(",", nodes.stream().map(node -> "127.0.0.1:" + node.transport).toList());
    nodes.forEach(
        node ->
            node.with("discovery.seed_hosts", hosts)
                .with("cluster.initial_master_nodes", String.join(",", names)));
    return nodes;
  }

  /** Changes a setting, for the next start. */
  ClusterNode with(String setting, String value) {
    settings.put(setting, value);
    return this;
  }

  /** Adds the files of a folder to the node's config. */
  ClusterNode withConfig(Path config) {
    options.addAll(List.of("--config", config.toString()));
    return this;
  }

  /** Starts the node with the built plugin; returns when it answers. */
  void start() {
    start("");
  }

  /** Starts nodes at once; returns when all of them answer. */
  static void start(List<ClusterNode> nodes) {
    List<CompletableFuture<Void>> starts =
        nodes.stream()
            .map(
                node -> CompletableFuture.runAsync(node::start, start -> new Thread(start).start()))
            .toList(); // each may wait for another one, so none may wait for a thread
    starts.forEach(CompletableFuture::join);
  }

  /**
   * Starts the node.
   *
   * @param plugin the plugin's zip; {@code none} for a node without it
   */
  void start(String plugin) {
    List<String> command = new ArrayList<>(List.of(RealNode.SCRIPT, "start"));
    command.addAll(List.of("--folder", folder().toString(), "--port", String.valueOf(port)));
    command.addAll(options);
    if (!plugin.isEmpty()) {
      command.addAll(List.of("--plugin", plugin));
    }
    settings.forEach(
        (setting, value) -> command.addAll(List.of("--setting", setting + "=" + value)));
    SHELL.run(command);
  }

  /** Ends the node at once: SIGKILL. */
  void kill() {
    RealNode.kill(folder());
  }

  /** Sends the node's process a signal, such as {@code STOP} or {@code CONT}. */
  void signal(String signal) throws IOException {
    SHELL.run("kill", "-" + signal, Files.readString(folder().resolve("pid")).strip());
  }

  String name() {
    return name;
  }

  /** Where the node is installed, with its data. */
  Path folder() {
    return NODES.resolve(name);
  }

  /** What the node has logged since it was started last; empty before that. */
  String log() {
    Path log = folder().resolve("logs").resolve(settings.get("cluster.name") + ".log");
    try {
      return Files.readString(log);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With connections of its own: those to a node that was killed are of no use. */
  Rest rest() {
    return new Rest(URI.create("http://127.0.0.1:" + port));
  }

  @Override
  public void close() {
    SHELL.run(RealNode.SCRIPT, "stop", "--folder", folder().toString());
  }
}

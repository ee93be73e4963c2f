package org.semlux.tests.node;

import static org.junit.jupiter.api.extension.ExtensionContext.Namespace.GLOBAL;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.semlux.encoders.api.Precision;

/**
 * One Elasticsearch with the plugin, started from the built zip when the first test asks for it and
 * stopped after the last. As an extension it hands itself to constructors and methods.
 */
public final class RealNode implements AutoCloseable {
  /** The small model that tests deploy: 32 dimensions, 32 tokens. */
  public static final Path MODEL = golden("dense-bert-mean-normalize");

  /** A cross-encoder of the same size. */
  public static final Path CROSS_MODEL = golden("cross-bert");

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  static final String SCRIPT = ROOT.resolve("plugin/node.sh").toString();
  private static final String FOLDER = ROOT.resolve("tests/target/node").toString();
  private static final Shell SHELL = shell("");
  private static final int LAST_PORT = 32_000;
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(20_000 + new Random().nextInt(11_000));

  private final int port;
  private final Rest rest;

  /**
   * Starts nodes quickly.
   *
   * @param options more of the node's JVM
   */
  static Shell shell(String options) {
    return new Shell(
        ROOT,
        Map.of(
            "ES_JAVA_OPTS",
            Shell.QUICK + " -XX:-AlwaysPreTouch " + options,
            "CLI_JAVA_OPTS",
            Shell.QUICK));
  }

  static Path golden(String name) {
    return Path.of("src", "test", "resources", "goldens", name).toAbsolutePath();
  }

  private RealNode(int port) {
    this.port = port;
    this.rest = new Rest(URI.create("http://127.0.0.1:" + port));
  }

  private static RealNode start() {
    RealNode node = new RealNode(freePort());
    node.close(); // one that an interrupted run left
    SHELL.run("rm", "-rf", FOLDER + "/data");
    node.restart(Map.of());
    return node;
  }

  /**
   * Another one at each call, below those that the system gives to connections: it stays free while
   * its node is down.
   */
  static int freePort() {
    while (true) {
      int port = NEXT_PORT.getAndIncrement();
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) { // taken
        if (port > LAST_PORT) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Ends the node and starts it again on its data, with these settings beside the usual ones. */
  public void restart(Map<String, String> settings) {
    close();
    List<String> command = new ArrayList<>(List.of(SCRIPT, "start", "--folder", FOLDER));
    command.addAll(List.of("--port", String.valueOf(port)));
    command.addAll(List.of("--setting", "path.repo=" + repository()));
    settings.forEach((name, value) -> command.addAll(List.of("--setting", name + "=" + value)));
    SHELL.run(command);
  }

  /** Starts the node again on its data, after it was killed. */
  void restart() {
    restart(Map.of());
  }

  /** Ends the node at once, as a fault in native code does. */
  void kill() {
    kill(folder());
  }

  /** Ends the node of a folder by SIGKILL. */
  static void kill(Path folder) {
    try {
      long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
      ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
      process.destroyForcibly();
      process.onExit().join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the node is installed, with its data. */
  Path folder() {
    return Path.of(FOLDER);
  }

  /** Where snapshots may be put; empty when the node is installed. */
  Path repository() {
    return folder().resolve("data/repository");
  }

  /** What the node has logged since it was started last. */
  String log() {
    try {
      return Files.readString(folder().resolve("logs/semlux.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command line that was installed with the plugin. */
  public Path command() {
    return Path.of(FOLDER, "bin", "semlux", "semlux");
  }

  public Rest rest() {
    return rest;
  }

  /** Uploads and deploys a model folder. */
  public void deploy(Path model, String id) {
    deploy(model, id, Precision.AUTO);
  }

  public void deploy(Path model, String id, Precision precision) {
    ModelUpload.of(model, precision).send(rest, id);
    rest.succeed("POST", "/_semlux/models/" + id + "/_deploy?timeout=60s", "");
  }

  @Override
  public void close() {
    SHELL.run(SCRIPT, "stop", "--folder", FOLDER);
  }

  /** Gives tests the one node of this run. */
  public static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == RealNode.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(GLOBAL)
          .getOrComputeIfAbsent(RealNode.class, unused -> RealNode.start(), RealNode.class);
    }
  }
}

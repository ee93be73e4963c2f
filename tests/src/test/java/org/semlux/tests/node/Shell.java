package org.semlux.tests.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Commands as a user types them, in one folder and with some variables of the environment set. */
final class Shell {
  /** What lives for a minute is not worth the second compiler. */
  static final String QUICK = "-XX:TieredStopAtLevel=1";

  private static final int MINUTES = 20;

  private final Path folder;
  private final Map<String, String> environment;

  Shell(Path folder) {
    this(folder, Map.of());
  }

  Shell(Path folder, String variable, String value) {
    this(folder, Map.of(variable, value));
  }

  Shell(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  String run(String... command) {
    return run(List.of(command));
  }

  /**
   * Runs a command to its end.
   *
   * @return what it printed, errors among it
   * @throws IllegalStateException when it fails or takes more than twenty minutes; with what it
   *     printed
   */
  String run(List<String> command) {
    try {
      // A file and no pipe: a node that the command leaves running keeps hold of its output.
      Path output = Files.createTempFile(Path.of("target"), "shell", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().putIfAbsent("SEMLUX_JAVA_OPTS", QUICK);
      builder.environment().putAll(environment);
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
      if (!ended) {
        process.destroy();
      }
      String printed = Files.readString(output);
      Files.delete(output);
      if (!ended || process.exitValue() != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + (ended ? " failed: " : " did not end: ") + printed);
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + command, e);
    }
  }
}

package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs of {@code semlux} as processes of their own, which may be interrupted and killed. */
final class SemluxProcess {
  private SemluxProcess() {}

  /**
   * Starts a command.
   *
   * @param output what it makes; its messages go into a file beside that
   */
  static Process start(Path output, String... arguments) throws IOException {
    return start(output, ProcessBuilder.Redirect.DISCARD, arguments);
  }

  /** The same, with what it prints. */
  static Process start(Path output, ProcessBuilder.Redirect printed, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-Xshare:auto"));
    command.add("-XX:TieredStopAtLevel=1"); // lives of a second or two
    command.addAll(List.of("-Duser.language=ar", "-Duser.country=EG")); // digits of its own
    command.add("-Dsemlux.native=" + System.getProperty("semlux.native"));
    String path = System.getProperty("java.class.path");
    command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", path)));
    command.add(Semlux.class.getName());
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(printed)
        .redirectError(said(output).toFile())
        .start();
  }

  private static Path said(Path output) {
    return output.resolveSibling(output.getFileName() + ".err");
  }

  /** What the last one with this output said. */
  static String err(Path output) throws IOException {
    return Files.readString(said(output));
  }

  /** Waits for a run that does what it was asked for. */
  static void finish(Process process, Path output) throws Exception {
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(err(output)).isZero();
  }
}

package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start script with the packaged jars: needs target/semlux. */
class SemluxScriptIT {
  private static final Path RUNNABLE =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("target/semlux");
  private static final String JDK = System.getProperty("java.home");

  @TempDir Path folder;

  private record Run(int exitCode, String out, String err) {}

  @Test
  void runsThroughLinksFromAnyFolder() throws Exception {
    Path first = Files.createSymbolicLink(folder.resolve("first"), RUNNABLE.resolve("bin/semlux"));
    Path second = Files.createSymbolicLink(folder.resolve("semlux"), first.getFileName());

    Run run = run(Map.of(), second, "--version");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("semlux ");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void encodesAndPrintsNothingElse() throws Exception {
    Path input = Files.writeString(folder.resolve("naïve 数据.txt"), "one\ntwo\n");

    Run run = encode(RUNNABLE.resolve("bin/semlux"), input, Map.of("LC_ALL", "C"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"embedding\":["));
    assertThat(run.err()).isEmpty();
  }

  @Test
  void runsInANode() throws Exception {
    Path node = folder.resolve("node with spaces");
    Path script = node.resolve("bin/semlux/semlux");
    Path plugin = node.resolve("plugins/semlux");
    Files.createDirectories(script.getParent());
    Files.createDirectories(plugin.resolve("cli"));
    Files.copy(RUNNABLE.resolve("bin/semlux"), script);
    Files.createSymbolicLink(plugin.resolve("native"), RUNNABLE.resolve("native").toRealPath());
    try (Stream<Path> jars = Files.list(RUNNABLE.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        String name = jar.getFileName().toString();
        boolean shared = name.matches("(encoders|api|gson|pytorch|tokenizers|slf4j-api|proto).*");
        Files.copy(jar, plugin.resolve(shared ? "." : "cli").resolve(name));
      }
    }
    Path input = Files.writeString(folder.resolve("texts"), "one\n");

    Run run = encode(script, input, Map.of());

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("{\"embedding\":[");
  }

  @Test
  void anOldDefaultIsPassedOver() throws Exception {
    Path old = jdk("old", "17.0.15");

    Run run =
        run(
            Map.of("JAVA_HOME", old.toString(), "ES_JAVA_HOME", JDK),
            RUNNABLE.resolve("bin/semlux"),
            "--version");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("\nJava " + Runtime.version());

    Run noRelease =
        run(
            Map.of("JAVA_HOME", JDK, "ES_JAVA_HOME", jdk("older", "").toString()),
            RUNNABLE.resolve("bin/semlux"),
            "--version");
    assertThat(noRelease.out()).contains("\nJava " + Runtime.version());
  }

  @Test
  void theNodesOwnJdkIsUsedAndNothingNewerIsNeeded() throws Exception {
    Path node = folder.resolve("node");
    Files.createDirectories(node.resolve("bin/semlux"));
    Files.createDirectories(node.resolve("plugins/semlux/native/pytorch"));
    Files.copy(RUNNABLE.resolve("bin/semlux"), node.resolve("bin/semlux/semlux"));
    Files.move(jdk("bundled", "21.0.1"), node.resolve("jdk"));

    Run run = run(Map.of(), node.resolve("bin/semlux/semlux"), "encode", "--model", "a b");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith("--enable-native-access=ALL-UNNAMED\n")
        .contains("-Dsemlux.native=" + node.toRealPath().resolve("plugins/semlux/native"))
        .endsWith("org.semlux.training.cli.Semlux\nencode\n--model\na b\n");
  }

  @Test
  void anExplicitJdkIsTheOnlyOne() throws Exception {
    Run old =
        run(
            Map.of("SEMLUX_JAVA_HOME", jdk("old", "1.8.0_402").toString()),
            RUNNABLE.resolve("bin/semlux"),
            "--version");
    assertThat(old.exitCode()).isEqualTo(1);
    assertThat(old.err())
        .isEqualTo("semlux: SEMLUX_JAVA_HOME=" + folder + "/old is no JDK 21 or newer\n");

    Run options =
        run(
            Map.of(
                "SEMLUX_JAVA_HOME",
                jdk("new", "21").toString(),
                "SEMLUX_JAVA_OPTS",
                "-Xmx1g -Da=b"),
            RUNNABLE.resolve("bin/semlux"),
            "--version");
    assertThat(options.out()).contains("\n-Xmx1g\n-Da=b\n-cp\n");
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    Run natives =
        run(
            Map.of("SEMLUX_NATIVE", folder.toString()),
            RUNNABLE.resolve("bin/semlux"),
            "--version");
    assertThat(natives.exitCode()).isEqualTo(1);
    assertThat(natives.err()).startsWith("semlux: PyTorch's libraries are not in " + folder);

    Path alone = Files.copy(RUNNABLE.resolve("bin/semlux"), folder.resolve("semlux"));
    Run jars = run(Map.of(), alone, "--version");
    assertThat(jars.exitCode()).isEqualTo(1);
    assertThat(jars.err()).startsWith("semlux: the jars are not where they belong");
  }

  /** A folder that says it is this version, with a {@code java} that prints its arguments. */
  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Path java = home.resolve("bin/java");
    Files.createDirectories(java.getParent());
    if (version.isEmpty()) { // as old JREs are, which only java itself can be asked
      Files.writeString(java, "#!/bin/sh\necho 'java version \"1.8.0_402\"' >&2\n");
    } else {
      Files.writeString(
          home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
      Files.writeString(java, "#!/bin/sh\nfor a; do echo \"$a\"; done\n");
    }
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private Run encode(Path script, Path input, Map<String, String> environment) throws Exception {
    return run(
        environment,
        script,
        "encode",
        "--model",
        CommandLineRun.MODEL.toAbsolutePath().toString(),
        "--input",
        input.toString());
  }

  private Run run(Map<String, String> environment, Path script, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder
        .environment()
        .keySet()
        .removeAll(List.of("SEMLUX_JAVA_HOME", "ES_JAVA_HOME", "JAVA_HOME", "LC_ALL"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }
}

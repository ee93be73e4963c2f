package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.hub.HubServer;
import org.semlux.training.hub.ModelRepository;

/** In processes of their own, since endpoint and token come from the environment. */
class DownloadCommandTest {
  private static final int SECONDS = 120;

  @TempDir Path folder;
  private HubServer server;

  @BeforeEach
  void start() throws IOException {
    server = new HubServer(ModelRepository.of(folder.resolve("repository")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path output() {
    return folder.resolve("models/tiny");
  }

  private Process run(Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Semlux.class.getName(),
            "download",
            HubServer.ID,
            "--output",
            output().toString());
    builder.environment().keySet().removeAll(List.of("HF_TOKEN", "JAVA_TOOL_OPTIONS"));
    builder.environment().put("HF_ENDPOINT", server.url().toString());
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }

  private static String printed(Process process) throws Exception {
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).isTrue();
    return printed;
  }

  @Test
  void aKilledDownloadGoesOn() throws Exception {
    server.requireToken("hf_secret");
    server.store("model.safetensors", HubServer.hangAfter(64_000));
    Process first = run(Map.of("HF_TOKEN", "hf_secret"));
    for (int i = 0; i < 20 * SECONDS && partBytes() < 64_000; i++) {
      assertThat(first.waitFor(50, TimeUnit.MILLISECONDS)).isFalse();
    }
    first.destroyForcibly().waitFor();
    assertThat(output()).doesNotExist();

    Process second = run(Map.of("HF_TOKEN", "hf_secret"));

    assertThat(printed(second))
        .endsWith(output() + ": dense model of Transformer, Pooling, Dense; 10 files\n");
    assertThat(second.exitValue()).isZero();
    assertThat(ModelRepository.contents(output()))
        .isEqualTo(ModelRepository.needed(folder.resolve("repository")));
    assertThat(server.requests()).endsWith("store /model.safetensors bytes=64000-");
    assertThat(folder.resolve("models").toFile().list()).containsExactly("tiny");
  }

  /** The largest part that lies beside the output. */
  private long partBytes() throws IOException {
    if (!Files.isDirectory(folder.resolve("models"))) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(folder.resolve("models"))) {
      return files
          .filter(file -> file.toString().endsWith(".part"))
          .mapToLong(file -> file.toFile().length())
          .max()
          .orElse(0);
    }
  }

  @Test
  void thePoolingThatIsAssumedIsTold() throws Exception {
    Files.delete(folder.resolve("repository/modules.json"));

    assertThat(printed(run(Map.of())))
        .contains(output() + ": dense model of Transformer; ")
        .endsWith(
            "its files name no pooling, so assumed: mean; semlux import --pooling gives another\n");
  }

  @Test
  void adaptersThatAreLeftOutAreTold() throws Exception {
    Path adapter = Files.createDirectories(folder.resolve("repository/adapters/retrieval"));
    Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\":\"LORA\"}");

    assertThat(printed(run(Map.of())))
        .startsWith("semlux: the PEFT adapters in [adapters/retrieval] are left out, ")
        .endsWith("; 10 files\n");
  }

  @Test
  void errorsAreOneLine() throws Exception {
    server.requireToken("hf_secret");

    Process process = run(Map.of());

    assertThat(printed(process))
        .isEqualTo(
            "semlux: the hub shows no model org/tiny-model to strangers (401): check the name, and"
                + " set HF_TOKEN if it is private\n");
    assertThat(process.exitValue()).isEqualTo(1);
  }

  @Test
  void otherNamesAreMisuse() {
    CommandLineRun run = CommandLineRun.of("download", "a/b/c", "--output", output());

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("semlux: [a/b/c] is no model of a hub: name it as ORG/NAME, such as ");
    assertThat(CommandLineRun.of("download", "..", "--output", output()).exitCode()).isEqualTo(2);
    assertThat(
            CommandLineRun.of("download", "a/b", "--revision", "..", "--output", output())
                .exitCode())
        .isEqualTo(2);
  }
}

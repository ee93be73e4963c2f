package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.train.Checkpoints;

/** Runs of {@code semlux} as processes of their own, which are interrupted and killed. */
class TrainProcessTest {
  private static final int KILLS = 10;
  private static final int STEPS = 60;

  @TempDir Path folder;

  @Test
  void tenKillsChangeNothing() throws Exception {
    Path whole = folder.resolve("whole");
    long began = System.nanoTime();
    SemluxProcess.finish(judged(whole), whole);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);

    Path killed = folder.resolve("killed");
    Random moments = new Random(5);
    for (int i = 0; i < KILLS; i++) {
      Process process = judged(killed);
      boolean ended = process.waitFor(moments.nextLong(millis / 3, millis), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      assertThat(!ended || process.exitValue() == 0).as(SemluxProcess.err(killed)).isTrue();
      checkpointsAreWhole(killed);
    }
    SemluxProcess.finish(judged(killed), killed);

    assertThat(steps(killed)).isEqualTo(steps(whole)).hasSize(STEPS + 3);
    assertThat(killed.resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    assertThat(evaluations(killed)).isEqualTo(evaluations(whole)).hasSize(5);
    try (Stream<Path> left = Files.list(killed)) {
      assertThat(left)
          .noneMatch(file -> file.toString().contains("unfinished"))
          .doesNotContain(killed.resolve(".owner"));
    }
  }

  /** A run that begins or goes on, with evaluations at some of its checkpoints. */
  private Process judged(Path output) throws IOException {
    String pairs = TrainRun.PAIRS.toString();
    return start(output, STEPS, "--resume", "--dev", pairs, "--eval-steps", "20");
  }

  /**
   * The log without what evaluations found: which texts share a batch, and so the last digits, is a
   * matter of time.
   */
  private static List<String> steps(Path output) throws IOException {
    return TrainRun.timeless(output).stream()
        .map(line -> line.replaceFirst(",\"metrics\".*", ""))
        .toList();
  }

  /** The header, then epoch and step of each evaluation. */
  private static List<List<String>> evaluations(Path output) throws IOException {
    Path csv = output.resolve("eval/similarity_evaluation_pairs_results.csv");
    return Files.readAllLines(csv).stream()
        .map(line -> List.of(line.split(",")).subList(0, 2))
        .toList();
  }

  /** Each can be read, and says the step that its name says. */
  private static void checkpointsAreWhole(Path output) throws IOException {
    Checkpoints checkpoints = new Checkpoints(output);
    for (long step : checkpoints.steps()) {
      Path checkpoint = checkpoints.of(step);
      assertThat(Safetensors.open(checkpoint.resolve("model.safetensors")).names()).isNotEmpty();
      assertThat(checkpoint.resolve("modules.json")).isNotEmptyFile();
      if (step > 0) {
        assertThat(Safetensors.open(checkpoint.resolve("optimizer.safetensors")).names())
            .isNotEmpty();
        String state = Files.readString(checkpoint.resolve("trainer_state.json"));
        assertThat(JsonParser.parseString(state).getAsJsonObject().get("global_step").getAsLong())
            .isEqualTo(step);
      }
    }
  }

  @Test
  void ctrlCSavesTheLastStepFirst() throws Exception {
    Path output = folder.resolve("output");
    Process process = start(output, 100_000);
    while (!Files.exists(output.resolve("checkpoint-5"))) {
      assertThat(process.waitFor(10, TimeUnit.MILLISECONDS))
          .as(SemluxProcess.err(output))
          .isFalse();
    }
    assertThat(CommandLineRun.of((Object[]) arguments(output, 100_000, "--resume")).err())
        .isEqualTo(
            "semlux: another command writes into "
                + output
                + ": wait until it has ended, or stop it, or, if the folder is a copy, remove "
                + output.resolve(".owner")
                + "\n");
    int signal = interrupt(process);

    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + signal);
    long last = new Checkpoints(output).newest().orElseThrow();
    assertThat(SemluxProcess.err(output))
        .contains("Stopping when the step at hand is done and a checkpoint saved: kill -9 ")
        .endsWith(
            String.format(
                Locale.ROOT,
                "Stopped after step %,d: train goes on with --resume, adapt when it is started again%n",
                last));
    assertThat(output.resolve(".owner")).doesNotExist();
    checkpointsAreWhole(output);
    assertThat(TrainRun.steps(output))
        .last()
        .extracting(e -> e.get("step").getAsLong())
        .isEqualTo(last);

    Process resumed = start(output, 100_000, "--resume");
    while (new Checkpoints(output).newest().orElseThrow() <= last) {
      assertThat(resumed.waitFor(10, TimeUnit.MILLISECONDS))
          .as(SemluxProcess.err(output))
          .isFalse();
    }
    interrupt(resumed);
    assertThat(resumed.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(TrainRun.steps(output).get((int) last).get("step").getAsLong()).isEqualTo(last + 1);
  }

  @Test
  void numbersArePlainDigitsInEveryLocale() throws Exception {
    Path output = folder.resolve("output");
    Process process = start(output, 1, "--loss", "Triplet");

    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(SemluxProcess.err(output))
        .contains("has 2 texts and 0 labels")
        .doesNotContainPattern("[٠-٩]");
  }

  /** Beside a node, whose searches have the other cores. */
  @Test
  void noMoreThreadsComputeThanWereAskedFor() throws Exception {
    Path output = folder.resolve("output");
    String pairs = TrainRun.PAIRS.toString();
    Process process = start(output, 100_000, "--threads", "1", "--dev", pairs, "--eval-steps", "5");
    while (!Files.exists(output.resolve("checkpoint-10"))) {
      assertThat(process.waitFor(10, TimeUnit.MILLISECONDS))
          .as(SemluxProcess.err(output))
          .isFalse();
    }
    List<String> names = threads(process);
    process.destroyForcibly().waitFor();

    assertThat(names).containsOnlyOnce("semlux-train", "semlux-encode-0");
    assertThat(names).doesNotContain("semlux-encode-1").noneMatch(name -> name.startsWith("ForkJ"));
    Process refused = start(output, 1, "--threads", "0");
    assertThat(refused.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(SemluxProcess.err(output)).startsWith("semlux: --threads starts at 1\n");
  }

  private static Path proc(Process process) {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  /** Their names; those that end meanwhile may be left out. */
  private static List<String> threads(Process process) {
    Path folder = proc(process).resolve("task");
    List<String> names = new ArrayList<>();
    for (String id : Objects.requireNonNullElse(folder.toFile().list(), new String[0])) {
      try {
        names.add(Files.readString(folder.resolve(id).resolve("comm")).strip());
      } catch (IOException e) {
        // That one has ended.
      }
    }
    return names;
  }

  /**
   * As Ctrl-C does; where a shell made it deaf to that, as to those in the background, asks it to
   * end.
   */
  private static int interrupt(Process process) throws Exception {
    String id = String.valueOf(process.pid());
    String ignored =
        Files.readAllLines(proc(process).resolve("status")).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .findFirst()
            .orElseThrow();
    boolean deaf = (Long.parseUnsignedLong(ignored.substring(7).strip(), 16) >> 1 & 1) == 1;
    int signal = deaf ? 15 : 2;
    assertThat(new ProcessBuilder("kill", "-" + signal, id).start().waitFor()).isZero();
    return signal;
  }

  @Test
  void anAnswerThatNobodyGetsIsAnError() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "a disk that is full");
    Path output = folder.resolve("output");
    Process process =
        SemluxProcess.start(
            output,
            ProcessBuilder.Redirect.to(full.toFile()),
            "info",
            "--model",
            CommandLineRun.MODEL.toString());
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(SemluxProcess.err(output))
        .isEqualTo("semlux: standard output is closed or full: not all of the answer is there\n");
  }

  /** PyTorch takes itself apart at exit: threads that compute then would crash. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "encode --model MODEL --input TEXTS --output OUTPUT",
        "sparsify --base MODEL --texts TEXTS --output OUTPUT",
        "benchmark --model MODEL --data TEXTS --rounds 1000",
        "mine --model MODEL --data PAIRS --corpus TEXTS --output OUTPUT",
        "evaluate --model MODEL --data PAIRS --output OUTPUT --precision float32"
      })
  void ctrlCEndsWhatComputesInOrder(String command) throws Exception {
    Path texts = folder.resolve("texts.txt");
    Path pairs = folder.resolve("pairs.csv");
    String text = "a text of some words that takes its time ".repeat(5);
    Files.writeString(
        texts,
        IntStream.range(0, 60_000)
            .mapToObj(i -> i + " " + text + "\n") // not cut before they differ
            .collect(Collectors.joining()));
    Files.writeString(
        pairs,
        IntStream.range(0, 60_000)
            .mapToObj(i -> "%s,%s %s,%s\n".formatted(text, i, text, i % 7))
            .collect(Collectors.joining("", "sentence1,sentence2,score\n", "")));
    Path output = folder.resolve("made");
    String arguments =
        command
            .replace("MODEL", CommandLineRun.MODEL.toString())
            .replace("TEXTS", texts.toString())
            .replace("PAIRS", pairs.toString())
            .replace("OUTPUT", output.toString());
    for (int i = 0; i < 2; i++) {
      Process process = SemluxProcess.start(output, arguments.split(" "));
      while (!Files.readString(proc(process).resolve("maps")).contains("libtorch")) {
        assertThat(process.waitFor(10, TimeUnit.MILLISECONDS))
            .as(SemluxProcess.err(output))
            .isFalse();
      }
      assertThat(process.waitFor(2, TimeUnit.SECONDS)).as(SemluxProcess.err(output)).isFalse();
      int signal = interrupt(process);

      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(SemluxProcess.err(output)).isEqualTo(128 + signal);
      assertThat(SemluxProcess.err(output)).endsWith("semlux: stopped before its end\n");
      try (Stream<Path> files = Files.walk(folder)) { // a folder of results to come may be there
        assertThat(files.filter(file -> file.startsWith(output) && Files.isRegularFile(file)))
            .isEmpty();
      }
    }
  }

  private Process start(Path output, int steps, String... more) throws IOException {
    return SemluxProcess.start(output, arguments(output, steps, more));
  }

  private static String[] arguments(Path output, int steps, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("train", "--task", "bi-encoder"));
    arguments.addAll(List.of("--base", CommandLineRun.MODEL.toString(), "--fp32"));
    arguments.addAll(List.of("--train", TrainRun.PAIRS.toString(), "--output", output.toString()));
    arguments.addAll(List.of("--max-steps", String.valueOf(steps), "--save-steps", "5"));
    arguments.addAll(List.of("--per-device-train-batch-size", "4", "--logging-steps", "1"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }
}

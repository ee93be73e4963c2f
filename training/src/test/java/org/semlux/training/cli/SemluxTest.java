package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SemluxTest {
  @TempDir Path folder;

  @Test
  void versionIsTheBuilds() {
    CommandLineRun run = CommandLineRun.of("--version");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).matches("(?s)semlux \\d+\\.\\d+\\.\\d+\nJava \\d+.*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"download", "encode", "score", "evaluate", "benchmark", "deploy"})
  void helpNamesDefaultsAndExamplesAndFitsATerminal(String command) {
    CommandLineRun run = CommandLineRun.of(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: semlux " + command, "Default: ", "Examples:");
    assertThat(run.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    assertThat(run.out()).doesNotContain("Optional.empty").contains("\n  semlux " + command + " ");
    assertThat(CommandLineRun.of("--help").out()).contains("\n  " + command + " ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "decode",
        "encode",
        "encode --model m",
        "encode --model m --input",
        "encode --model m --input - --input-type question",
        "encode --model m --input - --precision float16",
        "encode --model m --input - extra",
        "encode --model m --input - --unknown",
        "score --model m",
        "evaluate --model m",
        "evaluate --model m --data d --similarity-fn-names cosine,hamming",
        "evaluate --model m --reranking r --split test",
        "evaluate --model m --queries q --corpus c --qrels r --skip-bad-rows",
        "benchmark",
        "benchmark --model m --threads 0",
        "benchmark --model m --rounds 0",
        "deploy",
        "deploy m --to http://localhost:1",
        "deploy m --to localhost:1 --id a",
        "deploy m --to ftp://localhost --id a",
        "deploy m --to http://elastic:secret@localhost:1 --id a",
        "deploy m --to http:elastic:secret@localhost:1 --id a",
        "deploy m --to http://elastic:secret%zz@localhost:1 --id a",
        "models --at http://elastic:secret^@localhost:1",
        "models --at http://localhost:1?api_key=secret",
        "deploy m --to http://localhost:1 --id Upper",
        "deploy m --to http://localhost:1 --id -a",
        "deploy m --to http://localhost:1 --id a --timeout 5",
        "deploy m --to http://localhost:1 --id a --user u",
        "deploy m --to http://localhost:1 --id a --password-file f",
        "deploy m --to http://localhost:1 --id a --user u --password-file f --api-key-env K"
      })
  void misuseIsSaidInOneLineAndExitsWithTwo(String arguments) {
    Object[] split =
        Arrays.stream(arguments.split(" ")).filter(argument -> !argument.isEmpty()).toArray();

    CommandLineRun run = CommandLineRun.of(split);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("semlux: ").contains("--help");
    assertThat(run.err()).doesNotContain("\tat ").doesNotContain("secret");
  }

  @Test
  void calibrationIsRefusedWhereNothingIsRounded() {
    CommandLineRun run =
        CommandLineRun.withInput(
            "a text\n",
            "encode",
            "--model",
            CommandLineRun.MODEL,
            "--input",
            "-",
            "--calibration",
            folder.resolve("sentences.txt"));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("semlux: --calibration is for --precision int8 alone\n");
  }

  @Test
  void errorsAreOneLineAndExitWithOne() {
    Path missing = folder.resolve("missing");

    CommandLineRun run = CommandLineRun.of("encode", "--model", folder, "--input", missing);

    assertThat(run).isEqualTo(new CommandLineRun(1, "", "semlux: no such file: " + missing + "\n"));
  }

  @Test
  void onlyDebugPrintsStackTraces() {
    Path missing = folder.resolve("missing");

    CommandLineRun run =
        CommandLineRun.of("encode", "--model", folder, "--input", missing, "--debug");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("java.nio.file.NoSuchFileException")
        .contains("\tat org.semlux.training.cli.EncodeCommand")
        .endsWith("semlux: no such file: " + missing + "\n");
    assertThat(CommandLineRun.of("--debug", "encode", "--model", folder, "--input", missing))
        .isNotNull()
        .extracting(CommandLineRun::err)
        .asString()
        .contains("\tat ");
  }

  @Test
  void aFolderThatIsNoModelIsNamed() {
    CommandLineRun run = CommandLineRun.withInput("", "encode", "--model", folder, "--input", "-");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("model [" + folder.getFileName() + "]", "no model folder");
  }
}

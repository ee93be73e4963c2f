package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An option that would change nothing beside others is refused by its name. */
class IgnoredOptionsTest {
  private static final String TABLE = "sparse-inference-free-query";

  @TempDir Path folder;

  /** The option, beside what it changes nothing, and what is said of it. */
  @ParameterizedTest
  @CsvSource({
    "dense-bert-cls, --per-direction, --loss MultipleNegativesRanking, changes nothing with one of",
    "dense-bert-cls, --query-table-learning-rate 1, --fp32, needs a sparse encoder with a table",
    "sparse-bert, --query-table-learning-rate 1, --fp32, needs a sparse encoder with a table",
    "sparse-bert, --regularizer-warmup-ratio 0.2, --document-regularizer-weight 0, changes nothing",
  })
  void ofTraining(String base, String option, String beside, String said) {
    refused(CommandLineRun.golden(base), option, beside, said);
  }

  private void refused(Path base, String option, String beside, String said) {
    String task = TrainRun.task(base.getFileName().toString());
    CommandLineRun run = TrainRun.on(base, task, output(), option + " " + beside);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("semlux: " + option.split(" ")[0] + " " + said)
        .hasLineCount(1);
    assertThat(output()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "--query-table-learning-rate 1e-2, --fp32",
    "--query-table-learning-rate 1e-2, --inference-free",
    "--query-regularizer-weight 1e-3, --fp32"
  })
  void ofATableThatStaysAsItIs(String option, String beside) throws IOException {
    Path frozen = folder.resolve("sparse-frozen");
    copy(CommandLineRun.golden(TABLE), frozen);
    Path config = frozen.resolve("query_0_SparseStaticEmbedding/config.json");
    String before = Files.readString(config);
    String after = before.replace("\"frozen\": false", "\"frozen\": true");
    assertThat(after).isNotEqualTo(before);
    Files.writeString(config, after);

    refused(frozen, option, beside, "changes nothing where the base says that its table");
    CommandLineRun learnt =
        TrainRun.on(
            CommandLineRun.golden(TABLE), "sparse-encoder", output(), option + " --max-steps 1");
    assertThat(learnt.exitCode()).as(learnt.err()).isZero();
  }

  @Test
  void isRefusedToARunThatGoesOnWhereNoneBeganWithIt() {
    TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), "--max-steps 1 --fp32");
    CommandLineRun table =
        TrainRun.on(
            CommandLineRun.MODEL,
            "bi-encoder",
            output(),
            "--max-steps 1 --query-table-learning-rate 1 --fp32 --resume");
    assertThat(table.exitCode()).isEqualTo(1);
    assertThat(table.err()).startsWith("semlux: --query-table-learning-rate needs a sparse");
  }

  @Test
  void ofFewSteps() {
    CommandLineRun run =
        TrainRun.on(
            CommandLineRun.MODEL, "bi-encoder", output(), "--max-steps 3 --profile-steps 2 --fp32");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("products   ");
  }

  @Test
  void ofASplitThatNoColumnTells() {
    CommandLineRun run =
        CommandLineRun.of(
            "evaluate",
            "--model",
            CommandLineRun.MODEL,
            "--data",
            TrainRun.PAIRS,
            "--split",
            "dev");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "semlux: [" + TrainRun.PAIRS + "] has no column named split: leave --split out\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"models --at", "deploy m --id m --to"})
  void ofCertificatesWhereNothingIsSigned(String command) {
    CommandLineRun run =
        CommandLineRun.of((Object[]) (command + " http://localhost:9 --ca-cert ca.crt").split(" "));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("semlux: --ca-cert is of https, and http://localhost:9 is none");
  }

  @Test
  void ofQueriesThatNobodyJudges() throws IOException {
    Path queries = Files.writeString(folder.resolve("queries.tsv"), "1\tone\n");
    Path clicks = Files.writeString(folder.resolve("clicks.tsv"), "one\ta\n");
    String tune = "tune --index i --field a --semlux-text-field b --from http://localhost:9";
    CommandLineRun run =
        CommandLineRun.of(
            (Object[]) (tune + " --clicks " + clicks + " --queries " + queries).split(" "));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).startsWith("semlux: --queries are searched for where --qrels judges");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }

  private Path output() {
    return folder.resolve("output");
  }
}

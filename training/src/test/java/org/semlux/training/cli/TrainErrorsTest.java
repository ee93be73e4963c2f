package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.training.folder.Leftovers;
import org.semlux.training.train.Checkpoints;

/** What {@code semlux train} says when it cannot: one sentence each. */
class TrainErrorsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--num-train-epochs 0",
        "--num-train-epochs Infinity",
        "--num-train-epochs x",
        "--per-device-train-batch-size 0",
        "--gradient-accumulation-steps 0",
        "--learning-rate -1",
        "--learning-rate NaN",
        "--warmup-steps -1",
        "--warmup-ratio 1.5",
        "--weight-decay 1",
        "--adam-beta1 1",
        "--adam-epsilon 0",
        "--adam-epsilon Infinity",
        "--max-grad-norm -1",
        "--max-grad-norm NaN",
        "--max-grad-norm Infinity",
        "--max-steps 0",
        "--max-steps -7",
        "--logging-steps 0",
        "--save-steps -1",
        "--eval-steps -1",
        "--save-total-limit -1",
        "--early-stopping-patience -1",
        "--regularizer-warmup-ratio 2",
        "--document-regularizer-weight -1",
        "--query-regularizer-weight -1",
        "--lora-alpha Infinity --lora-rank 2",
        "--score-scale NaN",
        "--temperature 1e200 --loss DistillKLDiv",
        "--matryoshka-weights NaN --matryoshka-dims 32",
        "--matryoshka-weights -1 --matryoshka-dims 32",
        "--dropout 1",
        "--dropout -0.1",
        "--max-seq-length 0",
        "--max-seq-length 41",
        "--bf16 --fp32",
        "--loss BinaryCrossEntropy",
        "--loss Softmax",
        "--lr-scheduler-type square",
        "--early-stopping-patience 2",
        "--task router"
      })
  void aSettingThatMakesNoSense(String option) {
    CommandLineRun run = TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), option);

    assertThat(run.exitCode()).as(run.err()).isBetween(1, 2);
    assertThat(run.err())
        .startsWith("semlux: ")
        .contains(option.split(" ")[0])
        .doesNotContain("unexpected");
    assertThat(run.err().lines().count()).as(run.err()).isLessThanOrEqualTo(2);
    assertThat(output()).doesNotExist();
  }

  /** Its card has the hashes of all of them, which nobody could take any more. */
  @ParameterizedTest
  @ValueSource(strings = {"train", "dev", "test"})
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // a pipe waits for its writer
  void dataFromAPipe(String option) throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    CommandLineRun run =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), "--" + option + " " + pipe);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("semlux: [" + pipe + "] is a pipe, whose data are gone");
    assertThat(output()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "dense-bert-mean-normalize, sparse-encoder, semlux sparsify",
    "sparse-inference-free-query, bi-encoder, only a transformer",
    "dense-static-embedding, cross-encoder, only a transformer",
    "dense-word-embeddings-bilstm-mean, cross-encoder, only a transformer",
    "cross-bert-3-labels, cross-encoder, only one label"
  })
  void aBaseThatDoesNotFit(String base, String task, String said) throws IOException {
    CommandLineRun run = TrainRun.on(CommandLineRun.golden(base), task, output(), "");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("semlux: model [" + base + "]: ")
        .contains(said)
        .hasLineCount(1);
    assertNoModel();
  }

  @ParameterizedTest
  @CsvSource({"cross-bert, or from a bi-encoder", "dense-static-embedding, only a transformer"})
  void whatNoMultiVectorEncoderIsMadeOf(String base, String said) throws IOException {
    Path model = CommandLineRun.golden(base);
    CommandLineRun run = TrainRun.on(model, "multi-vector-encoder", output(), "");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("semlux: model [" + base + "]: ").contains(said);
    assertNoModel();
  }

  @Test
  void narrowMatricesBesideNothing() throws IOException {
    failed(
        "it has no product [q_proj] for --lora-target-modules, it has [dense, key, query, value]",
        "--lora-rank 4 --lora-target-modules q_proj");
    failed("say nothing without --lora-rank", "--lora-alpha 4");
    failed("--inference-free is for sparse encoders", "--inference-free");
    Path vectors = Files.writeString(folder.resolve("vectors.txt"), "a 1 2\nb 3 4\n");
    String lstm = "--task bi-encoder --hidden-dim 8 --lora-rank 2";
    check(
        TrainRun.onVectors(vectors, output(), lstm),
        "it has no products that LoRA can stand beside");
    assertNoModel();
  }

  @Test
  void settingsOfWhatIsNotThere() throws IOException {
    String table = "--query-table-learning-rate needs a sparse encoder with a table";
    failed(table, "--query-table-learning-rate 1e-2");
    CommandLineRun sparse =
        TrainRun.on(
            CommandLineRun.golden("sparse-bert"),
            "sparse-encoder",
            output(),
            "--query-table-learning-rate 1e-2");
    check(sparse, table);
    CommandLineRun tokens =
        TrainRun.on(
            CommandLineRun.golden("multi-vector-bert-fixed"),
            "multi-vector-encoder",
            output(),
            "--loss MultipleNegativesRanking --per-direction");
    check(tokens, "--per-direction of a multi-vector encoder makes no sense");
    assertNoModel();
  }

  /** A slice of a vector ends where the vector does, and nobody would know. */
  @Test
  void vectorsThatAreTooShort() throws IOException {
    String wide = "--max-steps 1 --fp32 --matryoshka-dims 4096,33,16";
    String said =
        "--matryoshka-dims 4096,33 goes beyond the model's vectors, which have 32 numbers";
    for (String base : List.of("dense-mpnet-mean-normalize", "cross-bert")) { // and a new head
      check(TrainRun.on(CommandLineRun.golden(base), "bi-encoder", output(), wide), said);
    }
    Path vectors = Files.writeString(folder.resolve("vectors.txt"), "a 1 2\nb 3 4\n");
    String lstm = "--task bi-encoder --hidden-dim 16 " + wide;
    check(TrainRun.onVectors(vectors, output(), lstm), said);
    assertNoModel();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--margin 1 --loss MultipleNegativesRanking",
        "--temperature 2 --loss MarginMSE",
        "--scale 30 --loss CosineSimilarity",
        "--document-regularizer-weight 1e-3",
        "--query-regularizer-weight 1e-3",
        "--regularizer-warmup-ratio 0.3",
        "--multi-dataset-batch-sampler round_robin"
      })
  void whatWouldChangeNothing(String options) {
    CommandLineRun run = TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), options);
    check(run, options.split(" ")[0] + " is ");
    assertThat(run.err()).contains("leave it out");
    assertThat(output()).doesNotExist();
  }

  @Test
  void weightsThatMakeNoSense() throws IOException {
    failed(
        "--matryoshka-weights [1.0] are not one for each of --matryoshka-dims [32, 16]",
        "--matryoshka-dims 32,16 --matryoshka-weights 1");
    for (String option : List.of("--document-regularizer-weight", "--query-regularizer-weight")) {
      Path base = CommandLineRun.golden("sparse-bert");
      check(
          TrainRun.on(base, "sparse-encoder", output(), option + " Infinity"),
          option + " Infinity makes no sense");
    }
    assertNoModel();
  }

  @Test
  void aWarmUpOfAConstantRate() throws IOException {
    for (String option : List.of("--warmup-steps 5", "--warmup-ratio 0.1")) {
      failed(
          "change nothing where --lr-scheduler-type is constant",
          "--lr-scheduler-type constant --max-steps 1 --fp32 " + option);
    }
    assertNoModel();
  }

  /** One that began so goes on, and is told. */
  @Test
  void aWarmUpOfAConstantRateThatARunHas() throws IOException {
    CommandLineRun run =
        TrainRun.on(
            CommandLineRun.MODEL,
            "bi-encoder",
            output(),
            "--lr-scheduler-type constant --max-steps 1 --fp32 --warmup-steps 5 --resume");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("change nothing where --lr-scheduler-type is constant");
  }

  /** Some dimensions may be left out of the loss, but not all. */
  @Test
  void aMatryoshkaWeightOf0() throws IOException {
    failed(
        "--matryoshka-weights [0.0, 0.0] makes no sense",
        "--matryoshka-dims 32,16 --matryoshka-weights 0,0");
    CommandLineRun run =
        TrainRun.on(
            CommandLineRun.golden("dense-mpnet-mean-normalize"),
            "bi-encoder",
            output(),
            "--max-steps 1 --fp32 --matryoshka-dims 32,16 --matryoshka-weights 1,0");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void dropoutOfWhatDropsNothing() throws IOException {
    Path base = CommandLineRun.golden("dense-static-embedding");
    check(
        TrainRun.on(base, "bi-encoder", output(), "--dropout 0.1"),
        "model [dense-static-embedding]: nothing in it drops out: leave --dropout out");
    assertNoModel();
  }

  /** What the end of a run would write over. */
  @Test
  void anOutputThatHoldsSomethingElse() throws IOException {
    for (String name :
        List.of(
            "config.json",
            "model.safetensors",
            "1_Pooling/config.json",
            "tokenizer.json",
            "training_log.jsonl",
            "README.md")) {
      Path output = folder.resolve("of-" + name.replace('/', '-'));
      Path held = output.resolve(name);
      Files.createDirectories(held.getParent());
      Files.writeString(held, "years of work");
      for (String options : List.of("", "--resume")) {
        check(
            TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output, options),
            output
                + " holds ["
                + name
                + "], and no checkpoint to go on from: give another --output");
      }
      assertThat(held).hasContent("years of work");
      assertThat(output.toFile().list()).containsExactly(name.split("/")[0]);
    }
  }

  /** What no run writes and no model reads is in nobody's way; results of others stay whole. */
  @Test
  void anOutputWithOtherFilesIsTrainedInto() throws IOException {
    Path other = Files.createDirectories(output()).resolve("other.safetensors");
    Files.writeString(other, "years of work");
    Path results = output().resolve("eval/similarity_evaluation_pairs_results.csv");
    Files.createDirectories(results.getParent());
    Path dev = Files.copy(TrainRun.PAIRS, folder.resolve("pairs.csv"));
    String options = "--max-steps 1 --fp32 --dev " + dev;
    CommandLineRun first =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", folder.resolve("first"), options);
    assertThat(first.exitCode()).as(first.err()).isZero();
    Files.copy(folder.resolve("first").resolve(output().relativize(results)), results);
    List<String> before = Files.readAllLines(results);
    assertThat(before.get(before.size() - 1)).contains(",-1,");

    CommandLineRun run =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), options + " --resume");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.readAllLines(results)).startsWith(before.toArray(String[]::new));
    assertThat(other).hasContent("years of work");
  }

  @Test
  void anOutputThatIsTheBase() throws IOException {
    Path base = Files.createDirectories(folder.resolve("model"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), base);
    for (Path output : List.of(base, link, folder)) {
      check(
          TrainRun.on(base, "bi-encoder", output, ""),
          "the output " + output + " would replace the base " + base);
    }
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void optionsOfPairsWhereNoneAreLearntFrom() throws IOException {
    Path rows =
        Files.writeString(folder.resolve("rows.csv"), "anchor,positive\na river,the water\n");
    String[] learn = {"--train", rows.toString()};
    String loss = "--loss MultipleNegativesRanking ";
    for (String option :
        List.of(
            "--sentence1-column anchor",
            "--sentence2-column positive",
            "--score-column s",
            "--score-scale 2",
            "--skip-bad-rows")) {
      failed(
          option.split(" ")[0] + " is for scored pairs, and --loss MultipleNegativesRanking learns",
          loss + option,
          (Object[]) learn);
    }
    failed("--score-scale is for", loss + "--score-scale 2 --dev " + rows, (Object[]) learn);
    assertNoModel();
  }

  @Test
  void anLstmOverNoWordVectors() throws IOException {
    for (String option : List.of("--hidden-dim 1024", "--num-layers 1", "--update-embeddings")) {
      failed("of a new LSTM over --word-vectors: leave them out with --base", option);
    }
    assertNoModel();
  }

  /** As mine writes lists with a margin: which negatives are missing nobody could tell. */
  @Test
  void listsOfSeveralLengthsWithoutLabels() throws IOException {
    Path lists =
        Files.writeString(
            folder.resolve("lists.jsonl"),
            """
            {"query":"a river","docs":["the river","the sea"],"labels":[1,0]}
            {"query":"some rain","docs":["it rains","the sea","the snow"],"labels":[1,0,0]}
            """);
    failed(
        "lists.jsonl: row 2 [some rain] has 4 texts and 0 labels and row 1 has 3 and 0",
        "--loss MultipleNegativesRanking",
        "--train",
        lists);
    assertNoModel();
  }

  @Test
  void theOldRunIsLeftAlone() throws IOException {
    CommandLineRun first =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), "--max-steps 1 --fp32");
    assertThat(first.exitCode()).as(first.err()).isZero();

    failed("holds a run already: give --resume", "--max-steps 1 --fp32");
    failed("--scale Infinity makes no sense", "--scale Infinity");
    failed("written with other data or settings", "--max-steps 2 --fp32 --resume");
    Path other = rows("A dog runs,A cat sleeps,0.5", "A man,A woman,0.1");
    failed("other data or settings", "--max-steps 1 --fp32 --resume", "--train", other);
    assertThat(TrainRun.steps(output())).hasSize(1);
  }

  /** Without a weight of their own queries count as documents, with 0 they cost nothing. */
  @Test
  void aRunWithoutAWeightOfQueriesGoesOnSo() throws IOException {
    Path base = CommandLineRun.golden("sparse-bert");
    String options = "--max-steps 1 --fp32";
    CommandLineRun first = TrainRun.on(base, "sparse-encoder", output(), options);
    assertThat(first.exitCode()).as(first.err()).isZero();

    check(
        TrainRun.on(
            base, "sparse-encoder", output(), options + " --resume --query-regularizer-weight 0"),
        "was written with other data or settings (query_regularizer_weight, query_regularizer)");
  }

  /** They noted a weight of 0 where none was given. */
  @Test
  void aRunOfAnEarlierBuildWithoutAWeightOfQueriesGoesOn() throws IOException {
    Path base = CommandLineRun.golden("sparse-bert");
    String options = "--max-steps 1 --fp32";
    CommandLineRun first = TrainRun.on(base, "sparse-encoder", output(), options);
    assertThat(first.exitCode()).as(first.err()).isZero();
    Path state = output().resolve("checkpoint-1/trainer_state.json");
    String now = Files.readString(state);
    String earlier = now.replace("query_regularizer=none", "query_regularizer_weight=0.0");
    assertThat(earlier).isNotEqualTo(now);
    Files.writeString(state, earlier);

    String resume = options + " --resume";
    check(
        TrainRun.on(base, "sparse-encoder", output(), resume + " --query-regularizer-weight 0"),
        "was written by an earlier build, which noted a weight of 0 where none was given too");
    check(
        TrainRun.on(base, "sparse-encoder", output(), resume + " --query-regularizer-weight 1"),
        "was written with other data or settings (query_regularizer_weight)");
    CommandLineRun again = TrainRun.on(base, "sparse-encoder", output(), resume);
    assertThat(again.exitCode()).as(again.err()).isZero();
  }

  @Test
  void whatAnotherCommandBeginsIsLeftAlone() throws IOException {
    Path begun = Files.createDirectories(output().resolve("checkpoint-0.unfinished"));
    Path written = Files.writeString(begun.resolve("vocab.txt"), "[PAD]");
    Leftovers.take(output(), notice -> {});
    String options = "--max-steps 1 --fp32";
    check(
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), options),
        "another command writes into " + output());
    assertThat(written).hasContent("[PAD]");

    Leftovers.release(output());
    CommandLineRun run = TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(written).doesNotExist();
    assertThat(output().resolve(".owner")).doesNotExist();
  }

  /** Of what is unfinished in the output, only checkpoints are a run's. */
  @Test
  void othersUnfinishedFilesAreLeftAlone() throws IOException {
    Path other = Files.createDirectories(output()).resolve("thesis.unfinished");
    Files.writeString(other, "years of work");
    Path left = Files.createDirectory(output().resolve("checkpoint-1.unfinished"));
    CommandLineRun run =
        TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), "--max-steps 1 --fp32");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(other).hasContent("years of work");
    assertThat(left).doesNotExist();
  }

  @Test
  void aFolderWithAModelIsLeftAlone() throws IOException {
    Path model = Files.createDirectories(output());
    Files.copy(CommandLineRun.MODEL.resolve("modules.json"), model.resolve("modules.json"));

    failed("holds [modules.json], and no checkpoint to go on from: give another --output", "");
  }

  @Test
  void badData() throws IOException {
    failed("holds no rows", "", "--train", rows());
    failed("rows.csv:3: ", "", "--train", rows("A dog,A cat,0.5", "A man,A woman,much"));
    failed("holds 1 pairs: no correlation exists", "", "--dev", rows("A dog,A cat,0.5"));
    failed("no such file", "", "--train", folder.resolve("missing.csv"));
    Path missing = folder.resolve("missing");
    check(TrainRun.on(missing, "bi-encoder", output(), ""), "is not there");
    Path high = rows("A dog,A cat,9.5", "A man,A woman,1");
    failed("exceeds the score scale", "", "--train", high);
  }

  @Test
  void theLossIsNoNumber() throws IOException {
    Path base = folder.resolve("base");
    try (Stream<Path> files = Files.walk(CommandLineRun.MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = base.resolve(CommandLineRun.MODEL.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    byte[] weights = Files.readAllBytes(base.resolve("model.safetensors"));
    ByteBuffer numbers = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
    numbers.position(Math.toIntExact(Long.BYTES + numbers.getLong(0))); // behind the header
    while (numbers.hasRemaining()) {
      numbers.putFloat(Float.NaN);
    }
    Files.write(base.resolve("model.safetensors"), weights);

    CommandLineRun run = TrainRun.on(base, "bi-encoder", output(), "--fp32");

    check(run, "the loss is NaN at step 1: lower --learning-rate, or look for bad rows");
  }

  /** Nothing would be learnt from them, or weights that are no numbers. */
  @Test
  void theGradientsAreNoNumbers() throws IOException {
    Path rows =
        Files.writeString(
            folder.resolve("rows.jsonl"),
            """
            {"anchor":"a river","positive":"the water","negative":"the snow","scores":[1.5e19,0]}
            """);
    failed(
        "the norm of the gradients is Infinity at step 1: lower --learning-rate, or look for bad",
        "--fp32 --loss MarginMSE",
        "--train",
        rows);
    assertThat(new Checkpoints(output()).steps()).containsExactly(0L);
  }

  @Test
  void badWordVectors() throws IOException {
    vectorsFail("a 1 2\nb 1 x\n", "vectors.txt:2: [x] is no number");
    vectorsFail("", "holds no word vectors");
    vectorsFail("a\n", "vectors.txt:1: no word with its numbers");
    vectorsFail("a 1 NaN\n", "vectors.txt:1: ");
    vectorsFail(
        "3 2\na 1 2 \nb  1 2\nc  1 2\n\n",
        "vectors.txt]: 2 of 3 lines have not 2 numbers behind a word, as the first has");
    Path latin = folder.resolve("latin.txt");
    Files.write(latin, "a 1 2\nd\u00e9j\u00e0 1 2\n".getBytes(ISO_8859_1));
    check(
        TrainRun.onVectors(latin, output(), "--task bi-encoder"),
        "latin.txt:2: the text from here on is not UTF-8");
    vectorsFail("a 1 2\n", "--hidden-dim", "--hidden-dim 0");
    vectorsFail("a 1 2\n", "--max-vocab-size", "--max-vocab-size 0");
    CommandLineRun task = TrainRun.onVectors(folder, output(), "--task cross-encoder");
    assertThat(task.err()).contains("--word-vectors make a bi-encoder, and no cross-encoder");
  }

  private void vectorsFail(String text, String said, String... options) throws IOException {
    Path vectors = Files.writeString(folder.resolve("vectors.txt"), text);
    String all = "--task bi-encoder " + String.join(" ", options);
    check(TrainRun.onVectors(vectors, output(), all), said);
    assertNoModel();
  }

  private void failed(String said, String options, Object... more) {
    check(TrainRun.on(CommandLineRun.MODEL, "bi-encoder", output(), options, more), said);
  }

  private static void check(CommandLineRun run, String said) {
    assertThat(run.exitCode()).as(run.err()).isBetween(1, 2);
    String last =
        run.err().lines().filter(line -> line.startsWith("semlux: ")).findFirst().orElse("");
    assertThat(last).as(run.err()).contains(said).doesNotContain("unexpected");
  }

  private void assertNoModel() {
    assertThat(output().resolve("modules.json")).doesNotExist();
    assertThat(output().resolve("checkpoint-0")).doesNotExist();
  }

  private Path rows(String... rows) throws IOException {
    String text = "sentence1,sentence2,score\n" + String.join("\n", rows) + "\n";
    return Files.writeString(folder.resolve("rows.csv"), text);
  }

  private Path output() {
    return folder.resolve("output");
  }
}

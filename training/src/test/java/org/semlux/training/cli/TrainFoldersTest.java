package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.train.Checkpoints;

/** However a folder is written and whatever it holds: what is trained is what is there. */
class TrainFoldersTest {
  private static final String TABLE = "query_0_SparseStaticEmbedding";
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path folder;

  @Test
  void dotsInTheNamesOfTheOutputAndOfModules() throws IOException {
    Path base = copy("dense-bert-mean-dense");
    replace(base.resolve("modules.json"), "\"path\": \"", "\"path\": \"./");
    Files.createDirectory(folder.resolve("a"));
    for (Path output :
        new Path[] {folder.resolve(".").resolve("run"), folder.resolve("a/../other")}) {
      succeed(base, "bi-encoder", output, "--max-steps 1 --learning-rate 1e-2");
      for (String weights : new String[] {WEIGHTS, "2_Dense/" + WEIGHTS}) {
        Path before = output.resolve("checkpoint-0").resolve(weights);
        assertThat(Files.mismatch(before, output.resolve(weights))).as(weights).isNotNegative();
      }
    }
  }

  @Test
  void aFrozenTableStaysAsItIs() throws IOException {
    Path base = folder.resolve("base");
    Path sparse = CommandLineRun.golden("sparse-bert");
    succeed(sparse, "sparse-encoder", base, "--max-steps 2 --inference-free");
    replace(base.resolve(TABLE).resolve("config.json"), "false", "true");

    Path output = folder.resolve("output");
    succeed(base, "sparse-encoder", output, "--max-steps 3 --weight-decay 0.5");

    assertThat(output.resolve(TABLE).resolve(WEIGHTS))
        .hasSameBinaryContentAs(base.resolve(TABLE).resolve(WEIGHTS));
    Path network = Path.of("document_0_Transformer", WEIGHTS);
    assertThat(Files.mismatch(base.resolve(network), output.resolve(network))).isNotNegative();
  }

  @Test
  void aTableThatWouldNotFit() throws IOException {
    Path base = copy("sparse-bert");
    JsonObject tokenizer = read(base.resolve("tokenizer.json"));
    tokenizer.getAsJsonObject("model").getAsJsonObject("vocab").remove("##ful");
    Files.writeString(base.resolve("tokenizer.json"), tokenizer.toString());

    refused(
        base,
        "sparse-encoder",
        "--inference-free",
        "model [sparse-bert]: its network gives 216 terms and its tokenizer knows 215");
    succeed(base, "sparse-encoder", folder.resolve("output"), "--max-steps 1");
  }

  @Test
  void aRouterWithoutATable() throws IOException {
    Path base = copy("sparse-inference-free-query");
    Path config = base.resolve("router_config.json");
    JsonObject router = read(config);
    JsonObject routes = router.getAsJsonObject("structure");
    routes.add("query", routes.get("document").deepCopy());
    Files.writeString(config, router.toString());

    refused(base, "sparse-encoder", "--inference-free", "its router has no table");
    succeed(base, "sparse-encoder", folder.resolve("output"), "--max-steps 1");
  }

  @Test
  void aRouterThatLooksDocumentsUp() throws IOException {
    Path base = copy("sparse-inference-free-query");
    Path config = base.resolve("router_config.json");
    JsonObject router = read(config);
    JsonObject routes = router.getAsJsonObject("structure");
    routes.add("document", routes.get("query"));
    Files.writeString(config, router.toString());

    refused(base, "sparse-encoder", "", "its router looks documents up in a table");
  }

  /** Cut to one length they are served; what is learnt is the whole of them. */
  @Test
  void routersWhoseVectorsCannotBeCompared() throws IOException {
    Path base = copy("dense-router");
    Path config = base.resolve("router_config.json");
    JsonObject router = read(config);
    router.getAsJsonObject("structure").getAsJsonArray("query").remove(2);
    Files.writeString(config, router.toString());
    refused(base, "bi-encoder", "", "vectors are not of one length: {query=32, document=16}");

    replace(base.resolve("config_sentence_transformers.json"), "{", "{\"truncate_dim\": 16,");
    refused(base, "bi-encoder", "", "queries are told in 32 numbers and documents in 16");
  }

  @Test
  void bothNetworksOfARouterLearnAndAreCut() throws IOException {
    Path base = copy("dense-router");
    Path output = folder.resolve("output");
    succeed(base, "bi-encoder", output, "--max-steps 1 --learning-rate 1e-2 --max-seq-length 9");
    for (String side : new String[] {"query_", "document_"}) {
      for (String module : new String[] {"0_Transformer", "2_Dense"}) {
        Path weights = Path.of(side + module, WEIGHTS);
        assertThat(Files.mismatch(base.resolve(weights), output.resolve(weights)))
            .as("%s", weights)
            .isNotNegative();
      }
      Path settings = output.resolve(side + "0_Transformer").resolve("sentence_bert_config.json");
      assertThat(read(settings).get("max_seq_length").getAsInt()).isEqualTo(9);
    }
  }

  /** So a checkpoint must not: each has its own narrow matrices. */
  @Test
  void twoNetworksThatNameTheirWeightsAlike() throws IOException {
    Path base = copy("dense-router");
    for (String file : new String[] {"config.json", WEIGHTS}) {
      Files.copy(
          base.resolve("document_0_Transformer").resolve(file),
          base.resolve("query_0_Transformer").resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }
    Path output = folder.resolve("output");
    succeed(base, "bi-encoder", output, "--max-steps 1 --lora-rank 2");
    assertThat(Safetensors.open(output.resolve("checkpoint-1/optimizer.safetensors")).names())
        .contains(
            "lora_A.document_0_Transformer/encoder.layer.0.attention.self.query.weight",
            "lora_A.query_0_Transformer/encoder.layer.0.attention.self.query.weight");
  }

  /** What a refused model has left is no run. */
  @Test
  void narrowMatricesBesideNoProductOfAnotherKindOfBase() throws IOException {
    refused(
        CommandLineRun.MODEL,
        "cross-encoder",
        "--lora-rank 2 --lora-target-modules q_proj",
        "it has no product [q_proj] for --lora-target-modules, it has [dense, key, query, value]");
    succeed(
        CommandLineRun.MODEL,
        "cross-encoder",
        folder.resolve("output"),
        "--max-steps 1 --lora-rank 2 --lora-target-modules query");
  }

  @Test
  void aRunThatBeganWithAnotherModel() throws IOException {
    Path base = CommandLineRun.golden("sparse-bert");
    Path output = folder.resolve("output");
    succeed(base, "sparse-encoder", output, "--max-steps 1");
    for (String option : new String[] {"--inference-free", "--dropout 0", "--max-seq-length 9"}) {
      failed(base, output, "--max-steps 1 --fp32 --resume " + option, "base");
    }
    Path other = CommandLineRun.golden("sparse-distilbert");
    failed(other, output, "--max-steps 1 --fp32 --resume", "base");
    Path changed = copy("sparse-bert");
    replace(changed.resolve("config.json"), "\"gelu\"", "\"relu\"");
    failed(changed, output, "--max-steps 1 --fp32 --resume", "base");
    Files.move(new Checkpoints(output).of(1), folder.resolve("gone"));
    failed(base, output, "--max-steps 1 --fp32 --resume --inference-free", "base");
    succeed(base, "sparse-encoder", output, "--max-steps 1 --resume");
  }

  /** Whatever changes what is read of the same files; and what the best was judged by. */
  @Test
  void aRunThatReadItsDataOtherwise() throws IOException {
    Path base = copy("sparse-bert");
    Path output = folder.resolve("output");
    String first = folder.resolve("rows.csv").toString();
    Files.writeString(Path.of(first), "sentence1,sentence2,score,s2\na,b,5,1\nc,d,1,2\ne,f,2,5\n");
    String options = "--max-steps 1 --dev " + first + " --train " + first;
    succeed(base, "sparse-encoder", output, options);

    String resumed = options + " --fp32 --resume";
    failed(base, output, resumed + " --score-scale 10", "train");
    failed(base, output, resumed + " --score-column s2", "train, dev");
    failed(base, output, resumed + " --sentence2-column s2", "train, dev");
    failed(base, output, resumed.replaceFirst("--dev \\S+", "--dev " + TrainRun.PAIRS), "dev");
    failed(base, output, resumed + " --learning-rate 1", "learning_rate");
    succeed(base, "sparse-encoder", output, options + " --resume");

    Path state = output.resolve("checkpoint-1/trainer_state.json");
    JsonObject old = read(state);
    old.remove("version");
    Files.writeString(state, old.toString());
    CommandLineRun run = TrainRun.on(base, "sparse-encoder", output, resumed);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("was written by another version of semlux");
  }

  /** The inner loss's, too, where another one stands around it; and its card tells them. */
  @ParameterizedTest
  @CsvSource({
    "sparse-bert, SparseMultipleNegativesRanking, --scale 7, scale",
    "sparse-bert, SparseMultipleNegativesRanking, --similarity-fct cosine --scale 1, similarity_fct",
    "sparse-bert, SparseMultipleNegativesRanking, '--directions query_to_doc,doc_to_doc', directions",
    "sparse-bert, SparseMultipleNegativesRanking, --per-direction, partition_mode",
    "dense-bert-mean-dense, Contrastive, --margin 0.7, margin",
    "dense-bert-mean-dense, Contrastive, --distance-metric manhattan, distance_metric",
    "dense-bert-mean-dense, CoSENT, --scale 7, scale",
  })
  void aRunWithAnotherSettingOfItsLoss(String golden, String loss, String option, String differs)
      throws IOException {
    Path base = CommandLineRun.golden(golden);
    Path rows = Files.writeString(folder.resolve("rows.csv"), "a,b,label\nx,y,1\nz,w,0\n");
    String options = "--max-steps 1 --loss " + loss;
    if (!loss.equals("CoSENT")) {
      options += " --train " + rows;
    }
    if (TrainRun.task(golden).equals("bi-encoder")) {
      options += " --matryoshka-dims 8,4";
    }
    Path output = folder.resolve("output");
    succeed(base, TrainRun.task(golden), output, options);

    String resumed = options + " --fp32 --resume " + option;
    CommandLineRun run = TrainRun.on(base, TrainRun.task(golden), output, resumed);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err())
        .contains("was written with other data or settings (loss." + differs + "): give the same");
    JsonObject written = read(output.resolve("provenance.json")).getAsJsonObject("loss");
    assertThat(written.getAsJsonObject("parameters").keySet()).contains("loss", differs);
  }

  /** Whatever is fastest where it goes on. */
  @ParameterizedTest
  @ValueSource(strings = {"--bf16", "--fp32"})
  void aRunGoesOnInThePrecisionThatItBeganWith(String precision) throws IOException {
    Path base = CommandLineRun.golden("sparse-bert");
    Path output = folder.resolve("output");
    String options = "--max-steps 2 --save-steps 1 --save-total-limit 2 ";
    CommandLineRun run = TrainRun.on(base, "sparse-encoder", output, options + precision);
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path end = new Checkpoints(output).of(2);
    byte[] weights = Files.readAllBytes(end.resolve(WEIGHTS));
    Files.move(end, folder.resolve("gone"));

    String other = precision.equals("--bf16") ? "--fp32" : "--bf16";
    failed(base, output, options + "--resume " + other, "bf16");
    run = TrainRun.on(base, "sparse-encoder", output, options + "--resume");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).containsPattern("Training in (bfloat16|float32): the run began so");
    assertThat(end.resolve(WEIGHTS)).hasBinaryContent(weights);
  }

  @Test
  void anLstmThatBeganOtherwise() throws IOException {
    Path vectors = Files.writeString(folder.resolve("v.txt"), "the 1 0\nrain 0 1\nriver 1 1\n");
    Path others = Files.writeString(folder.resolve("w.txt"), "the 1 0\nrain 0 1\nriver 1 2\n");
    Path output = folder.resolve("output");
    String options = "--task bi-encoder --fp32 --max-steps 1 --hidden-dim 4";
    CommandLineRun run = TrainRun.onVectors(vectors, output, options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    for (String more :
        new String[] {"--num-layers 2", "--update-embeddings", "--max-vocab-size 2"}) {
      run = TrainRun.onVectors(vectors, output, options + " --resume " + more);
      assertThat(run.err()).as(more).contains("other data or settings (base)");
    }
    run = TrainRun.onVectors(others, output, options + " --resume");
    assertThat(run.err()).contains("other data or settings (base)");
  }

  /**
   * Else transformers, which loads in the type that the config says, would round what was learnt.
   */
  @Test
  void theConfigSaysTheTypeOfTheWeights() throws IOException {
    for (String said : new String[] {"torch_dtype", "dtype"}) {
      Path base = copy("sparse-bert");
      JsonObject config = read(base.resolve("config.json"));
      config.remove("dtype");
      config.addProperty(said, "bfloat16");
      Files.writeString(base.resolve("config.json"), config.toString());
      Path output = folder.resolve(said);
      succeed(base, "sparse-encoder", output, "--max-steps 1");

      config.remove(said);
      config.addProperty("dtype", "float32");
      assertThat(read(output.resolve("config.json"))).isEqualTo(config);
    }
  }

  private static void failed(Path base, Path output, String options, String differs) {
    CommandLineRun run = TrainRun.on(base, "sparse-encoder", output, options);
    assertThat(run.exitCode()).as(options + run.err()).isEqualTo(1);
    assertThat(run.err()).contains("was written with other data or settings (" + differs + ")");
  }

  private void refused(Path base, String task, String options, String said) {
    Path output = folder.resolve("output");
    CommandLineRun run = TrainRun.on(base, task, output, options);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(said).doesNotContain("unexpected");
    assertThat(output.resolve("checkpoint-0")).doesNotExist();
  }

  private static void succeed(Path base, String task, Path output, String options) {
    CommandLineRun run = TrainRun.on(base, task, output, "--fp32 " + options);
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private Path copy(String golden) throws IOException {
    Path from = CommandLineRun.golden(golden);
    Path to = folder.resolve(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  private static void replace(Path file, String old, String now) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, now));
  }

  private static JsonObject read(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }
}

package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Safetensors;

/** {@code semlux adapt} for each task, and of bases of many kinds. */
class AdaptTasksTest {
  @TempDir Path folder;

  /** A sparse encoder beside BM25, and a reranker beside what it reranks. */
  @ParameterizedTest
  @CsvSource({
    "bi-encoder, dense-bert-mean-normalize, cross-bert",
    "sparse-encoder, sparse-bert, ",
    "sparse-encoder, sparse-bert, cross-bert",
    "cross-encoder, cross-bert, ",
    "cross-encoder, dense-roberta-mean, cross-bert",
    "multi-vector-encoder, dense-roberta-mean, ",
    "multi-vector-encoder, dense-bert-mean-normalize, cross-bert",
    "multi-vector-encoder, multi-vector-bert-fixed, "
  })
  void otherModelsAreAdaptedToo(String task, String base, String teacher) throws IOException {
    List<Object> options = new ArrayList<>(List.of("--task", task));
    options.addAll(List.of("--base", CommandLineRun.golden(base)));
    options.addAll(List.of("--retriever", CommandLineRun.golden("dense-mpnet-mean-normalize")));
    options.addAll(List.of("--lora-rank", 4, "--learning-rate", 1e-3));
    if (teacher != null) {
      options.addAll(List.of("--teacher", CommandLineRun.golden(teacher)));
    }
    if (task.equals("cross-encoder") || teacher == null) {
      options.addAll(List.of("--relative-margin", 0)); // random vectors are near each other
    }
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), options.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();

    Path output = folder.resolve("adapted");
    JsonObject report = AdaptRun.read(output.resolve("adaptation.json"));
    EncoderKind kind =
        task.equals("bi-encoder")
            ? EncoderKind.DENSE
            : EncoderKind.valueOf(
                task.replace("-encoder", "").replace('-', '_').toUpperCase(Locale.ROOT));
    boolean sparse = kind == EncoderKind.SPARSE;
    boolean same = ModelFolder.open(CommandLineRun.golden(base)).kind() == kind;
    assertThat(report.has("beside")).isEqualTo(same);
    assertThat(report.getAsJsonArray("judged")).hasSize(1);
    assertThat(ModelFolder.open(output).kind()).isEqualTo(kind);
    Safetensors after = Safetensors.open(output.resolve("model.safetensors"));
    assertThat(after.names()).noneMatch(name -> name.contains("lora"));
    if (sparse) { // a tied word embedding does not learn beside narrow matrices
      String name = "bert.embeddings.word_embeddings.weight";
      Safetensors before =
          Safetensors.open(CommandLineRun.golden(base).resolve("model.safetensors"));
      assertThat(after.find(name).orElseThrow().toFloats())
          .isEqualTo(before.find(name).orElseThrow().toFloats());
    }
  }

  /** A base whose vectors' lengths count is searched and trained so; what nothing searches by. */
  @Test
  void theBasesOwnSimilarity() throws IOException {
    Path base = copy(CommandLineRun.golden("dense-roberta-mean"));
    Path settings = base.resolve("config_sentence_transformers.json");
    String cosine = Files.readString(settings);
    Files.writeString(settings, cosine.replace("\"cosine\"", "\"dot\""));
    CommandLineRun run =
        AdaptRun.on(folder, AdaptRun.corpus(folder), "--base", base, "--max-pairs", 40);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject loss =
        AdaptRun.read(folder.resolve("adapted.work/trained/provenance.json"))
            .getAsJsonObject("loss");
    assertThat(loss.toString()).contains("dot_score").doesNotContain("cos_sim");

    Files.writeString(settings, cosine.replace("\"cosine\"", "\"manhattan\""));
    CommandLineRun refused = AdaptRun.on(folder, AdaptRun.corpus(folder), "--base", base);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("its similarity_fn_name is manhattan");
  }

  /** Queries that are looked up cost nothing. */
  @Test
  void aBaseWithATable() throws IOException {
    Path looksUp = folder.resolve("looks-up");
    CommandLineRun made =
        TrainRun.on(
            CommandLineRun.golden("sparse-bert"),
            "sparse-encoder",
            looksUp,
            "--max-steps 1 --fp32 --inference-free");
    assertThat(made.exitCode()).as(made.err()).isZero();
    Path retriever = CommandLineRun.golden("dense-mpnet-mean-normalize");
    Object[] sparse = {
      "--task",
      "sparse-encoder",
      "--base",
      looksUp,
      "--retriever",
      retriever,
      "--relative-margin",
      0
    };
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), sparse);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(folder.resolve("adapted.work/trained/README.md"))
        .content()
        .contains("SparseMultipleNegativesRankingLoss");
    JsonObject settings =
        AdaptRun.read(folder.resolve("adapted.work/trained/provenance.json"))
            .getAsJsonObject("hyperparameters");
    assertThat(settings.get("document_regularizer_weight").getAsDouble()).isEqualTo(1e-3);
    assertThat(settings.keySet()).doesNotContain("query_regularizer_weight");
  }

  /** The table is learnt, from how rare each term is. */
  @Test
  void aBaseThatGetsATable() throws IOException {
    Object[] options = {
      "--task",
      "sparse-encoder",
      "--base",
      CommandLineRun.golden("sparse-bert"),
      "--retriever",
      CommandLineRun.golden("dense-mpnet-mean-normalize"),
      "--relative-margin",
      0,
      "--inference-free",
      "--learning-rate",
      1e-3
    };
    CommandLineRun run = AdaptRun.on(folder, AdaptRun.corpus(folder), options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    String table = "query_0_SparseStaticEmbedding/model.safetensors";
    float[] before = weights(folder.resolve("adapted.work/inference_free").resolve(table));
    float[] after = weights(folder.resolve("adapted").resolve(table));
    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);

    CommandLineRun dense = AdaptRun.on(folder, AdaptRun.corpus(folder), "--inference-free");
    assertThat(dense.exitCode()).isEqualTo(2);
    assertThat(dense.err()).contains("--inference-free is for sparse encoders");
  }

  private static float[] weights(Path table) throws IOException {
    return Safetensors.open(table).find("weight").orElseThrow().toFloats();
  }

  @Test
  void aBaseInShards() throws IOException {
    Path base = copy(CommandLineRun.golden("dense-mpnet-mean-normalize"));
    Path shard = base.resolve("model-00001-of-00001.safetensors");
    Files.move(base.resolve("model.safetensors"), shard);
    JsonObject places = new JsonObject();
    Safetensors.open(shard)
        .names()
        .forEach(name -> places.addProperty(name, shard.getFileName().toString()));
    JsonObject index = new JsonObject();
    index.add("weight_map", places);
    Files.writeString(base.resolve("model.safetensors.index.json"), index.toString());

    CommandLineRun run =
        AdaptRun.on(
            folder,
            AdaptRun.corpus(folder),
            "--base",
            base,
            "--learning-rate",
            1e-3,
            "--base-share",
            0.5);
    assertThat(run.exitCode()).as(run.err()).isZero();
    Path output = folder.resolve("adapted");
    Path trained = folder.resolve("adapted.work/trained");
    String name = "encoder.layer.0.attention.attn.q.weight";
    float[] mean = numbers(output, name);
    float[] before = numbers(trained.resolve("checkpoint-0"), name);
    float[] after = numbers(trained, name);
    assertThat(before).isEqualTo(Safetensors.open(shard).find(name).orElseThrow().toFloats());
    assertThat(after).isNotEqualTo(before);
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isEqualTo((float) (0.5 * before[i] + 0.5 * after[i]));
    }
  }

  private Path copy(Path model) throws IOException {
    Path copy = folder.resolve("base");
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(model.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return copy;
  }

  private static float[] numbers(Path model, String name) throws IOException {
    return Safetensors.open(model.resolve("model.safetensors")).find(name).orElseThrow().toFloats();
  }
}

package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;

/** Bases of another kind than what is trained, and word vectors: what training makes of them. */
class TrainBasesTest {
  private static final String[] TEXTS = {"\"The river rises\"", "\"A dog\""};

  @TempDir Path folder;
  private int runs;

  @ParameterizedTest
  @ValueSource(strings = {"sparse-bert", "sparse-distilbert", "sparse-mpnet", "cross-roberta"})
  void aTransformerBecomesABiEncoderWithMeanPooling(String base) throws IOException {
    train(CommandLineRun.golden(base), "bi-encoder");

    JsonArray modules = json("modules.json").getAsJsonArray();
    assertThat(modules).hasSize(2);
    assertThat(json("1_Pooling/config.json").getAsJsonObject().get("pooling_mode").getAsString())
        .isEqualTo("mean");
    assertThat(json("config.json").getAsJsonObject().get("architectures").toString())
        .endsWith("Model\"]");
    assertLearned();
    List<JsonElement> answers = TrainRun.answers("encode", output(), List.of(TEXTS));
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0).getAsJsonObject().getAsJsonArray("embedding")).hasSize(32);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dense-bert-mean-normalize",
        "dense-distilbert-cls-max",
        "dense-roberta-mean",
        "dense-xlm-roberta-mean",
        "dense-mpnet-mean-normalize",
        "dense-modernbert-mean",
        "sparse-bert"
      })
  void aTransformerBecomesACrossEncoderWithANewHead(String base) throws IOException {
    train(CommandLineRun.golden(base), "cross-encoder");

    JsonObject config = json("config.json").getAsJsonObject();
    assertThat(config.get("architectures").toString()).contains("ForSequenceClassification");
    assertThat(config.getAsJsonObject("id2label").keySet()).containsExactly("0");
    assertLearned();
    List<JsonElement> answers =
        TrainRun.answers("score", output(), List.of("[\"The river rises\",\"A dog\"]"));
    assertThat(answers.get(0).getAsJsonObject().get("score").getAsDouble()).isBetween(0., 1.);
  }

  /** Its vectors are the tokens' states; prompts and where texts are cut are the base's. */
  @ParameterizedTest
  @ValueSource(strings = {"dense-bert-mean-normalize", "dense-bert-prompts"})
  void aBiEncoderBecomesAMultiVectorEncoder(String base) throws IOException {
    Path dense = CommandLineRun.golden(base);
    train(dense, "multi-vector-encoder");

    assertLearned();
    assertThat(json("modules.json").getAsJsonArray()).hasSize(2);
    String settings = "config_sentence_transformers.json";
    assertThat(json(settings).getAsJsonObject().get("prompts"))
        .isEqualTo(
            JsonParser.parseString(Files.readString(dense.resolve(settings)))
                .getAsJsonObject()
                .get("prompts"));
    JsonArray tokens =
        TrainRun.answers("encode", output(), List.of(TEXTS), "--input-type", "document")
            .get(1)
            .getAsJsonObject()
            .getAsJsonArray("token_embeddings");
    assertThat(tokens).hasSizeGreaterThan(3);
    for (JsonElement token : tokens) {
      double squares = 0;
      for (JsonElement number : token.getAsJsonArray()) {
        squares += Math.pow(number.getAsDouble(), 2);
      }
      assertThat(squares).isCloseTo(1, within(1e-5));
    }
  }

  /** Its table begins with ones, and what it trained to is what is served. */
  @ParameterizedTest
  @ValueSource(strings = {"sparse-bert", "sparse-distilbert"})
  void aSparseEncoderGetsATableOfQueryWeights(String base) throws IOException {
    CommandLineRun run =
        TrainRun.on(
            CommandLineRun.golden(base),
            "sparse-encoder",
            output(),
            "--fp32 --inference-free --max-steps 3 --query-table-learning-rate 1e-2");
    assertThat(run.exitCode()).as(run.err()).isZero();

    StoredTensor table =
        Safetensors.open(output().resolve("query_0_SparseStaticEmbedding/model.safetensors"))
            .find("weight")
            .orElseThrow();
    assertThat(table.toFloats()).contains(1).hasSizeGreaterThan(100);
    float[] ones = new float[table.toFloats().length];
    Arrays.fill(ones, 1);
    assertThat(table.toFloats()).isNotEqualTo(ones);
    JsonObject weights =
        TrainRun.answers("encode", output(), List.of(TEXTS), "--token-ids", "--input-type", "query")
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("weights_by_id");
    assertThat(weights.keySet()).isNotEmpty();
    for (String id : weights.keySet()) {
      assertThat(weights.get(id).getAsFloat()).isEqualTo(table.toFloats()[Integer.parseInt(id)]);
    }
  }

  @Test
  void aDropoutModuleDropsInTrainingAlone() throws IOException {
    Path plain = CommandLineRun.golden("dense-static-embedding");
    Path base = folder.resolve("base");
    try (Stream<Path> files = Files.walk(plain)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = base.resolve(plain.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    Path list = base.resolve("modules.json");
    JsonArray modules = JsonParser.parseString(Files.readString(list)).getAsJsonArray();
    JsonObject module = modules.get(0).getAsJsonObject().deepCopy();
    module.addProperty("idx", modules.size());
    module.addProperty("path", "9_Dropout");
    module.addProperty("type", "sentence_transformers.models.Dropout");
    modules.add(module);
    Files.writeString(list, modules.toString());
    Files.createDirectory(base.resolve("9_Dropout"));
    Files.writeString(base.resolve("9_Dropout/config.json"), "{\"dropout\": 0.5}");

    assertThat(losses(base, "--seed 1")).isNotEqualTo(losses(base, "--seed 2"));
    assertThat(losses(base, "--dropout 0")).isEqualTo(losses(plain, ""));
    assertThat(TrainRun.answers("encode", base, List.of(TEXTS)))
        .isEqualTo(TrainRun.answers("encode", plain, List.of(TEXTS)));
  }

  private double[] losses(Path base, String options) throws IOException {
    Path output = folder.resolve("losses" + runs++);
    String fixed = "--fp32 --no-shuffle --logging-steps 1 --max-steps 4 ";
    CommandLineRun run = TrainRun.on(base, "bi-encoder", output, fixed + options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return TrainRun.series(TrainRun.steps(output), "loss");
  }

  @Test
  void theSameSeedDrawsTheSameHead() throws IOException {
    for (String name : List.of("a", "b", "c")) {
      CommandLineRun run =
          TrainRun.on(
              CommandLineRun.MODEL,
              "cross-encoder",
              folder.resolve(name),
              "--max-steps 1 --seed " + (name.equals("c") ? 2 : 1));
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
    Path first = folder.resolve("a/checkpoint-0/model.safetensors");
    assertThat(folder.resolve("b/checkpoint-0/model.safetensors")).hasSameBinaryContentAs(first);
    assertThat(Files.mismatch(folder.resolve("c/checkpoint-0/model.safetensors"), first))
        .isPositive();
  }

  @Test
  void tokensOfATextAreCutAsTold() throws IOException {
    CommandLineRun run =
        TrainRun.on(
            CommandLineRun.MODEL, "bi-encoder", output(), "--max-steps 1 --max-seq-length 5");
    assertThat(run.exitCode()).as(run.err()).isZero();

    List<JsonElement> answers =
        TrainRun.answers("encode", output(), List.of("the river rises", "the river rises today"));
    assertThat(answers.get(0)).isEqualTo(answers.get(1));
  }

  @Test
  void wordVectorsOfAnyFileGiveTheSameModel() throws IOException {
    String text = vectors(60);
    Path plain = Files.writeString(folder.resolve("glove.txt"), text);
    Path zipped = folder.resolve("glove.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(text.getBytes(UTF_8));
    }
    Path header = Files.writeString(folder.resolve("word2vec.txt"), "60 6\n" + text);
    Path first = words("plain", plain, "");

    for (Path other : List.of(words("zipped", zipped, ""), words("header", header, ""))) {
      for (String file : List.of("model.safetensors", "1_LSTM/model.safetensors")) {
        assertThat(other.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
      }
    }
    assertThat(vectorsOf(first)).hasSize(61 * 6).startsWith(0, 0, 0, 0, 0, 0);
    assertThat(vectorsOf(first)).isEqualTo(vectorsOf(first.resolve("checkpoint-0")));
    assertThat(first.resolve("checkpoint-0/1_LSTM/model.safetensors"))
        .satisfies(
            start ->
                assertThat(Files.mismatch(start, first.resolve("1_LSTM/model.safetensors")))
                    .isPositive());
  }

  @Test
  void wordVectorsAreTrainedWhereAsked() throws IOException {
    Path text = Files.writeString(folder.resolve("glove.txt"), vectors(60));

    Path trained = words("trained", text, "--update-embeddings --max-vocab-size 40");

    float[] now = vectorsOf(trained);
    float[] before = vectorsOf(trained.resolve("checkpoint-0"));
    assertThat(now).hasSize(41 * 6);
    int changed = 0;
    for (int row = 0; row < 41; row++) {
      changed += Arrays.equals(now, 6 * row, 6 * row + 6, before, 6 * row, 6 * row + 6) ? 0 : 1;
    }
    assertThat(changed).isBetween(5, 39); // words that the pairs hold, not all that there are
    JsonObject config =
        JsonParser.parseString(Files.readString(trained.resolve("wordembedding_config.json")))
            .getAsJsonObject();
    assertThat(config.get("update_embeddings").getAsBoolean()).isTrue();
  }

  /** Vectors of words that the pairs use and of some that they do not. */
  private static String vectors(int count) throws IOException {
    List<String> words = new ArrayList<>();
    for (String word : Files.readString(TrainRun.PAIRS).split("[^a-z]+")) {
      if (word.length() > 2 && !words.contains(word) && words.size() < count / 2) {
        words.add(word);
      }
    }
    while (words.size() < count) {
      words.add("unheard" + words.size());
    }
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(words.get((i * 7) % count));
      random.doubles(6, -1, 1).forEach(x -> text.append(' ').append((float) x));
      text.append('\n');
    }
    return text.toString();
  }

  private Path words(String name, Path vectors, String options) {
    String all = "--task bi-encoder --hidden-dim 8 --fp32 --learning-rate 0.01 " + options;
    CommandLineRun run = TrainRun.onVectors(vectors, folder.resolve(name), all.strip());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return folder.resolve(name);
  }

  private static float[] vectorsOf(Path model) throws IOException {
    return Safetensors.open(model.resolve("model.safetensors"))
        .find("emb_layer.weight")
        .map(StoredTensor::toFloats)
        .orElseThrow();
  }

  private void train(Path base, String task) {
    CommandLineRun run =
        TrainRun.on(
            base,
            task,
            output(),
            "--learning-rate 2e-3 --num-train-epochs 12 --logging-steps 3 --dropout 0 --fp32");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private void assertLearned() throws IOException {
    double[] losses = TrainRun.series(TrainRun.steps(output()), "loss");
    assertThat(losses[losses.length - 1]).isLessThan(losses[0]);
  }

  private JsonElement json(String file) throws IOException {
    return JsonParser.parseString(Files.readString(output().resolve(file)));
  }

  private Path output() {
    return folder.resolve("output");
  }
}

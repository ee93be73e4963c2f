package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.SafetensorsWriter;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/** The same model in the shapes that folders come in: older, plain, in shards, in fewer bits. */
class FolderVariantsTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path temporary;

  private record Tensors(Map<String, StoredTensor> byName) implements TensorSource {
    @Override
    public Set<String> names() {
      return byName.keySet();
    }

    @Override
    public Optional<StoredTensor> find(String name) {
      return Optional.ofNullable(byName.get(name));
    }
  }

  private Path copy(String golden) throws IOException {
    Path from = Goldens.committed().resolve(golden);
    Path to = temporary.resolve(golden);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private static List<float[]> answers(Path folder) throws IOException {
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderContractTest.float32())) {
      return encoder.encode(EncoderContractTest.corpus()).stream()
          .map(DenseVector::values)
          .toList();
    }
  }

  private static void assertSameAnswers(Path folder, Path other) throws IOException {
    List<float[]> actual = answers(folder);
    List<float[]> expected = answers(other);
    for (int i = 0; i < expected.size(); i++) {
      EncoderContractTest.assertSame(actual.get(i), expected.get(i));
    }
  }

  private static void assertSameAsGolden(Path folder) throws IOException {
    assertSameAnswers(folder, Goldens.committed().resolve(folder.getFileName()));
  }

  private static Map<String, StoredTensor> read(Path file) throws IOException {
    Safetensors stored = Safetensors.open(file);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    stored.names().forEach(name -> tensors.put(name, stored.find(name).orElseThrow()));
    return tensors;
  }

  private static void write(Path file, Map<String, StoredTensor> tensors) throws IOException {
    write(file, tensors, tensors.keySet());
  }

  private static void write(Path file, Map<String, StoredTensor> tensors, Collection<String> names)
      throws IOException {
    SafetensorsWriter.write(file, names, new Tensors(tensors), written -> {});
  }

  private static void rename(Path file, UnaryOperator<String> to) throws IOException {
    Map<String, StoredTensor> renamed = new LinkedHashMap<>();
    read(file).forEach((name, tensor) -> renamed.put(to.apply(name), tensor));
    write(file, renamed);
  }

  private static void edit(Path file, Consumer<JsonObject> change) throws IOException {
    JsonObject json = JsonFile.read(file).object();
    change.accept(json);
    Files.writeString(file, json.toString(), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense-roberta-mean", "dense-modernbert-mean", "dense-xlm-roberta-mean"})
  void aPlainTransformerIsMeanPooled(String golden) throws IOException {
    Path folder = copy(golden);
    Files.delete(folder.resolve("modules.json"));
    Files.delete(folder.resolve("sentence_bert_config.json"));
    Files.delete(folder.resolve("config_sentence_transformers.json"));
    Files.delete(folder.resolve("1_Pooling/config.json"));
    assertSameAsGolden(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "dense-bert-cls, bert.",
    "dense-distilbert-cls-max, distilbert.",
    "dense-roberta-mean, roberta.",
    "dense-xlm-roberta-mean, roberta.",
    "dense-mpnet-mean-normalize, mpnet.",
    "dense-modernbert-mean, model."
  })
  void aLanguageModelsFolderNamesItsBody(String golden, String prefix) throws IOException {
    Path folder = copy(golden);
    rename(folder.resolve(WEIGHTS), name -> prefix + name);
    assertSameAsGolden(folder);
  }

  @Test
  void shards() throws IOException {
    Path folder = copy("dense-bert-cls");
    Map<String, StoredTensor> tensors = read(folder.resolve(WEIGHTS));
    List<String> names = List.copyOf(tensors.keySet());
    JsonObject fileOf = new JsonObject();
    for (int shard = 0; shard < 3; shard++) {
      List<String> part = names.subList(shard * names.size() / 3, (shard + 1) * names.size() / 3);
      String file = "model-0000%d-of-00003.safetensors".formatted(shard + 1);
      write(folder.resolve(file), tensors, part);
      part.forEach(name -> fileOf.addProperty(name, file));
    }
    Files.delete(folder.resolve(WEIGHTS));
    JsonObject index = new JsonObject();
    index.add("weight_map", fileOf);
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString(), UTF_8);
    assertSameAsGolden(folder);

    Files.delete(folder.resolve("model-00002-of-00003.safetensors"));
    assertThatThrownBy(() -> answers(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model-00002-of-00003.safetensors");
  }

  /** Numbers of 16 bits read as the same numbers of 32. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void weightsOfHalfTheBits(Dtype dtype) throws IOException {
    Path half = copy("dense-mpnet-mean-normalize");
    Path single = temporary.resolve("rounded");
    Files.createDirectories(single.resolve("1_Pooling"));
    for (String file :
        List.of(
            "config.json",
            "modules.json",
            "tokenizer.json",
            "1_Pooling/config.json",
            "tokenizer_config.json")) {
      Files.copy(half.resolve(file), single.resolve(file));
    }
    Map<String, StoredTensor> halves = new LinkedHashMap<>();
    Map<String, StoredTensor> singles = new LinkedHashMap<>();
    read(half.resolve(WEIGHTS))
        .forEach(
            (name, tensor) -> {
              ByteBuffer narrow = buffer(2 * tensor.elements());
              ByteBuffer wide = buffer(4 * tensor.elements());
              while (wide.hasRemaining()) {
                float value = tensor.data().getFloat(wide.position());
                short bits =
                    dtype == Dtype.F16
                        ? Float.floatToFloat16(value)
                        : (short) (Float.floatToIntBits(value) >>> 16);
                narrow.putShort(bits);
                wide.putFloat(
                    dtype == Dtype.F16
                        ? Float.float16ToFloat(bits)
                        : Float.intBitsToFloat(bits << 16));
              }
              halves.put(name, new StoredTensor(name, dtype, tensor.shape(), narrow.flip()));
              singles.put(name, new StoredTensor(name, Dtype.F32, tensor.shape(), wide.flip()));
            });
    write(half.resolve(WEIGHTS), halves);
    write(single.resolve(WEIGHTS), singles);
    assertSameAnswers(half, single);
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void modernBertAsTransformers4DescribesIt() throws IOException {
    Path folder = copy("dense-modernbert-mean");
    edit(
        folder.resolve("config.json"),
        config -> {
          config.remove("layer_types");
          config.remove("rope_parameters");
          config.addProperty("global_attn_every_n_layers", 3);
          config.addProperty("global_rope_theta", 160_000.0);
          config.addProperty("local_rope_theta", 10_000.0);
        });
    assertSameAsGolden(folder);
    edit(folder.resolve("config.json"), c -> c.addProperty("global_attn_every_n_layers", 2));
    float[] other = answers(folder).get(0);
    float[] golden = answers(Goldens.committed().resolve(folder.getFileName())).get(0);
    assertThat(EncoderContractTest.difference(other, golden)).isGreaterThan(1e-3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sentence_roberta_config.json",
        "sentence_distilbert_config.json",
        "sentence_xlm-roberta_config.json"
      })
  void theLengthInAnEarlyReleasesFile(String file) throws IOException {
    Path folder = copy("dense-roberta-mean");
    Files.delete(folder.resolve("sentence_bert_config.json"));
    Files.writeString(folder.resolve(file), "{\"max_seq_length\": 9, \"do_lower_case\": false}");
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderContractTest.float32())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
  }

  /** 42 positions of which the first two are taken: some folders ask for all 42. */
  @Test
  void aLengthThatPositionsDoNotReachIsCut() throws IOException {
    Path folder = copy("dense-roberta-mean");
    Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 42}");
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderContractTest.float32())) {
      assertThat(encoder.info().maxTokens()).isEqualTo(40);
      encoder.encode(List.of("rain ".repeat(100)));
    }
  }

  @Test
  void wordVectorsWithoutAnLstmAndWithAnOlderOne() throws IOException {
    Path folder = copy("dense-word-embeddings-bilstm-mean");
    edit(
        folder.resolve("1_LSTM/lstm_config.json"),
        config -> config.add("word_embedding_dimension", config.remove("embedding_dimension")));
    assertSameAsGolden(folder);

    Path modules = folder.resolve("modules.json");
    Files.writeString(
        modules,
        """
        [{"idx": 0, "path": "", "type": "sentence_transformers.models.WordEmbeddings"},
         {"idx": 1, "path": "2_Pooling", "type": "sentence_transformers.models.Pooling"}]""");
    Map<String, StoredTensor> tensors = read(folder.resolve(WEIGHTS));
    StoredTensor vectors = tensors.get("emb_layer.weight");
    int width = (int) vectors.shape()[1];
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderContractTest.float32())) {
      float[] mean = encoder.encode(List.of("warm bread!")).get(0).values();
      List<String> words =
          JsonFile.read(folder.resolve("whitespacetokenizer_config.json")).requireStrings("vocab");
      assertThat(mean).hasSize(width);
      for (int i = 0; i < width; i++) {
        float warm = vectors.data().getFloat(4 * (words.indexOf("warm") * width + i));
        float bread = vectors.data().getFloat(4 * (words.indexOf("bread") * width + i));
        assertThat(mean[i]).isCloseTo((warm + bread) / 2, Offset.offset(1e-6f));
      }
    }
  }

  @Test
  void staticVectorsUnderModel2vecsName() throws IOException {
    Path folder = copy("dense-static-embedding");
    rename(folder.resolve(WEIGHTS), name -> "embeddings");
    assertSameAsGolden(folder);
  }

  /** Such a tokenizer makes no token of an empty text. */
  @Test
  void aTokenizerWithoutSpecialTokens() throws IOException {
    Path folder = copy("dense-bert-mean-normalize");
    edit(folder.resolve("tokenizer.json"), json -> json.remove("post_processor"));
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderContractTest.float32())) {
      List<DenseVector> vectors = encoder.encode(List.of("", "rain", "", "warm bread"));
      assertThat(vectors.get(0).values()).containsOnly(0);
      assertThat(vectors.get(2).values()).containsOnly(0);
      float[] alone = encoder.encode(List.of("rain")).get(0).values();
      EncoderContractTest.assertSame(vectors.get(1).values(), alone);
    }
  }

  @Test
  void camembertIsRoberta() throws IOException {
    Path folder = copy("dense-roberta-mean");
    edit(folder.resolve("config.json"), config -> config.addProperty("model_type", "camembert"));
    assertSameAsGolden(folder);
  }

  @Test
  void layersThatTheConfigDoesNotPromise() throws IOException {
    Path folder = copy("dense-distilbert-cls-max");
    edit(folder.resolve("config.json"), config -> config.addProperty("n_layers", 1));
    refused(folder, "the config promises no weight transformer.layer.1.", "another model");
    edit(folder.resolve("config.json"), config -> config.addProperty("n_layers", 3));
    refused(folder, "weight transformer.layer.2.attention.q_lin.weight is missing");
  }

  @Test
  void modulesThatAreNotSupported() throws IOException {
    Path folder = copy("dense-word-embeddings-bilstm-mean");
    Path modules = folder.resolve("modules.json");
    String text = Files.readString(modules, UTF_8);
    for (String module : List.of("CNN", "WordWeights")) {
      Files.writeString(modules, text.replace(".LSTM\"", "." + module + "\""), UTF_8);
      refused(folder, "module [" + module + "] is not supported");
    }
    Files.writeString(modules, text.replace(".WordEmbeddings\"", ".BoW\""), UTF_8);
    refused(folder, "module [BoW] is not supported first");
  }

  @Test
  void wordVectorsThatDoNotFit() throws IOException {
    Path folder = copy("dense-word-embeddings-bilstm-mean");
    Path lstm = folder.resolve("1_LSTM/lstm_config.json");
    edit(lstm, config -> config.addProperty("embedding_dimension", 25));
    refused(folder, "the LSTM takes vectors of 25 numbers", "the word embedding gives 24");
    edit(lstm, config -> config.addProperty("embedding_dimension", 24));
    edit(lstm, config -> config.addProperty("num_layers", 1));
    refused(folder, "the config promises no weight encoder.");
    edit(lstm, config -> config.addProperty("num_layers", 2));
    edit(
        folder.resolve("whitespacetokenizer_config.json"),
        config -> config.getAsJsonArray("vocab").add("extra"));
    refused(folder, "whitespacetokenizer_config.json has ids up to 112", "holds 112");
    edit(
        folder.resolve("wordembedding_config.json"),
        config -> config.addProperty("tokenizer_class", "sentence_transformers.PhraseTokenizer"));
    refused(folder, "PhraseTokenizer] is not supported");
  }

  private static void refused(Path folder, String... parts) {
    assertThatThrownBy(() -> answers(folder))
        .isInstanceOf(ModelException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }
}

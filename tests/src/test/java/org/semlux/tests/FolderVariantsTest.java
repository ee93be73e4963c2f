package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.folder.ModelFiles;

/** The same model in the shapes that folders come in: older, plain, in shards, in fewer bits. */
class FolderVariantsTest {
  private static final String WEIGHTS = GoldenCopy.WEIGHTS;

  @TempDir Path temporary;

  private GoldenCopy copy(String golden) throws IOException {
    return GoldenCopy.of(golden, temporary);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense-roberta-mean", "dense-modernbert-mean", "dense-xlm-roberta-mean"})
  void aPlainTransformerIsMeanPooled(String golden) throws IOException {
    GoldenCopy model = copy(golden);
    model.delete("modules.json", "sentence_bert_config.json");
    model.delete("config_sentence_transformers.json", "1_Pooling/config.json");
    model.assertSameAsGolden();
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
    GoldenCopy model = copy(golden);
    model.renameWeights(name -> prefix + name);
    model.assertSameAsGolden();
  }

  /** As in the reference an empty object says nothing, and leaves today's key its say. */
  @Test
  void anEmptyScalingOfPositions() throws IOException {
    GoldenCopy model = copy("dense-qwen3-yarn-lasttoken");
    model.edit("config.json", config -> config.add("rope_scaling", new JsonObject()));
    model.assertSameAsGolden();
  }

  @Test
  void shards() throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    cutIntoShards(model);
    model.assertSameAsGolden();

    model.delete("model-00002-of-00003.safetensors");
    assertThatThrownBy(model::answers)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model-00002-of-00003.safetensors");
  }

  private static void cutIntoShards(GoldenCopy model) throws IOException {
    Map<String, StoredTensor> tensors = model.tensors(WEIGHTS);
    List<String> names = List.copyOf(tensors.keySet());
    JsonObject fileOf = new JsonObject();
    for (int shard = 0; shard < 3; shard++) {
      List<String> part = names.subList(shard * names.size() / 3, (shard + 1) * names.size() / 3);
      String file = "model-0000%s-of-00003.safetensors".formatted(shard + 1);
      model.write(file, tensors, part);
      part.forEach(name -> fileOf.addProperty(name, file));
    }
    model.delete(WEIGHTS);
    JsonObject index = new JsonObject();
    index.add("weight_map", fileOf);
    model.write("model.safetensors.index.json", index.toString());
  }

  /** There each file is a link to a blob beside all snapshots. */
  @Test
  void aHubsCache() throws IOException {
    GoldenCopy model =
        GoldenCopy.of("dense-bert-cls", Files.createDirectory(temporary.resolve("snapshots")));
    cutIntoShards(model);
    Path blobs = Files.createDirectory(temporary.resolve("blobs"));
    List<Path> files;
    try (Stream<Path> all = Files.walk(model.folder())) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (int i = 0; i < files.size(); i++) {
      Path blob = Files.move(files.get(i), blobs.resolve("blob-" + i));
      Files.createSymbolicLink(files.get(i), files.get(i).getParent().relativize(blob));
    }
    model.assertSameAsGolden();
    assertThat(ModelFiles.of(model.folder()))
        .contains(Path.of("model-00003-of-00003.safetensors"), Path.of("1_Pooling/config.json"));

    Path shard = model.resolve("model-00003-of-00003.safetensors");
    Path elsewhere = Files.move(shard.toRealPath(), temporary.resolve("elsewhere"));
    Files.delete(shard);
    Files.createSymbolicLink(shard, elsewhere);
    assertThatThrownBy(model::answers)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points outside the folder");
    assertThatThrownBy(() -> ModelFiles.of(model.folder()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("points outside the folder");

    Files.delete(shard);
    Files.move(elsewhere, shard);
    Path pooling = model.resolve("1_Pooling/config.json");
    Path other = Files.move(pooling.toRealPath(), temporary.resolve("other"));
    Files.delete(pooling);
    Files.createSymbolicLink(pooling, other);
    assertThatThrownBy(() -> ModelFiles.of(model.folder()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a link to elsewhere");
  }

  /** Numbers of 16 bits are read as the same numbers of 32. */
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void weightsOfHalfTheBits(Dtype dtype) throws IOException {
    GoldenCopy model = copy("dense-mpnet-mean-normalize");
    Map<String, StoredTensor> halves = new LinkedHashMap<>();
    Map<String, StoredTensor> singles = new LinkedHashMap<>();
    model
        .tensors(WEIGHTS)
        .forEach(
            (name, tensor) -> {
              halves.put(name, rounded(tensor, dtype, false));
              singles.put(name, rounded(tensor, dtype, true));
            });
    model.write(WEIGHTS, singles);
    List<float[]> expected = model.answers();
    model.write(WEIGHTS, halves);
    List<float[]> actual = model.answers();
    for (int i = 0; i < expected.size(); i++) {
      EncoderContractTest.assertSame(actual.get(i), expected.get(i));
    }
  }

  private static StoredTensor rounded(StoredTensor tensor, Dtype dtype, boolean widen) {
    int elements = (int) tensor.elements();
    ByteBuffer bytes =
        ByteBuffer.allocate((widen ? 4 : 2) * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      float value = tensor.data().getFloat(4 * i);
      boolean f16 = dtype == Dtype.F16;
      int bits = f16 ? Float.floatToFloat16(value) : Float.floatToIntBits(value) >>> 16;
      if (widen) {
        float wide = f16 ? Float.float16ToFloat((short) bits) : Float.intBitsToFloat(bits << 16);
        bytes.putFloat(wide);
      } else {
        bytes.putShort((short) bits);
      }
    }
    Dtype stored = widen ? Dtype.F32 : dtype;
    return new StoredTensor(tensor.name(), stored, tensor.shape(), bytes.flip());
  }

  @Test
  void modernBertAsTransformers4DescribesIt() throws IOException {
    GoldenCopy model = copy("dense-modernbert-mean");
    model.edit(
        "config.json",
        config -> {
          config.remove("layer_types");
          config.remove("rope_parameters");
          config.addProperty("global_attn_every_n_layers", 3);
          config.addProperty("global_rope_theta", 160_000.0);
          config.addProperty("local_rope_theta", 10_000.0);
        });
    model.assertSameAsGolden();
    model.edit("config.json", config -> config.addProperty("global_attn_every_n_layers", 2));
    float[] golden = model.goldenAnswers().get(0);
    assertThat(EncoderContractTest.difference(model.answers().get(0), golden)).isGreaterThan(1e-3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sentence_roberta_config.json",
        "sentence_distilbert_config.json",
        "sentence_xlm-roberta_config.json"
      })
  void theLengthInAnEarlyReleasesFile(String file) throws IOException {
    GoldenCopy model = copy("dense-roberta-mean");
    model.delete("sentence_bert_config.json");
    model.write(file, "{\"max_seq_length\": 9, \"do_lower_case\": false}");
    try (DenseEncoder encoder = model.load()) {
      assertThat(encoder.info().maxTokens()).isEqualTo(9);
    }
  }

  /** 42 positions of which the first two are taken: some folders ask for all 42. */
  @Test
  void aLengthThatPositionsDoNotReachIsCut() throws IOException {
    GoldenCopy model = copy("dense-roberta-mean");
    model.write("sentence_bert_config.json", "{\"max_seq_length\": 42}");
    try (DenseEncoder encoder = model.load()) {
      assertThat(encoder.info().maxTokens()).isEqualTo(40);
      assertThat(encoder.encode(List.of("rain ".repeat(100)))).hasSize(1);
    }
  }

  @Test
  void camembertIsRoberta() throws IOException {
    GoldenCopy model = copy("dense-roberta-mean");
    model.edit("config.json", config -> config.addProperty("model_type", "camembert"));
    model.assertSameAsGolden();
  }

  /** Such a tokenizer makes no token of an empty text. */
  @Test
  void aTokenizerWithoutSpecialTokens() throws IOException {
    GoldenCopy model = copy("dense-bert-mean-normalize");
    model.edit("tokenizer.json", json -> json.remove("post_processor"));
    try (DenseEncoder encoder = model.load()) {
      List<DenseVector> vectors = encoder.encode(List.of("", "rain", "", "warm bread"));
      assertThat(vectors.get(0).values()).containsOnly(0);
      assertThat(vectors.get(2).values()).containsOnly(0);
      float[] alone = encoder.encode(List.of("rain")).get(0).values();
      EncoderContractTest.assertSame(vectors.get(1).values(), alone);
    }
  }

  @Test
  void anLstmOfAnEarlierRelease() throws IOException {
    GoldenCopy model = copy("dense-word-embeddings-bilstm-mean");
    model.edit(
        "1_LSTM/lstm_config.json",
        config -> config.add("word_embedding_dimension", config.remove("embedding_dimension")));
    model.assertSameAsGolden();
  }

  @Test
  void theMeanOfWordVectorsWithoutAnLstm() throws IOException {
    GoldenCopy model = copy("dense-word-embeddings-bilstm-mean");
    model.write(
        "modules.json",
        """
        [{"idx": 0, "path": "", "type": "sentence_transformers.models.WordEmbeddings"},
         {"idx": 1, "path": "2_Pooling", "type": "sentence_transformers.models.Pooling"}]""");
    StoredTensor vectors = model.tensors(WEIGHTS).get("emb_layer.weight");
    int width = (int) vectors.shape()[1];
    JsonFile config = JsonFile.read(model.resolve("whitespacetokenizer_config.json"));
    List<String> words = config.requireStrings("vocab");
    try (DenseEncoder encoder = model.load()) {
      float[] mean = encoder.encode(List.of("warm bread!")).get(0).values();
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
    GoldenCopy model = copy("dense-static-embedding");
    model.renameWeights(name -> "embeddings");
    model.assertSameAsGolden();
  }

  @Test
  void staticVectorsOfATokenizerThatCuts() throws IOException {
    GoldenCopy model = copy("dense-static-embedding");
    model.edit(
        "tokenizer.json",
        json -> {
          JsonObject truncation = new JsonObject();
          truncation.addProperty("max_length", 2);
          json.add("truncation", truncation);
        });
    try (DenseEncoder encoder = model.load()) {
      List<DenseVector> vectors = encoder.encode(List.of("the cat", "the cat and the dog"));
      EncoderContractTest.assertSame(vectors.get(1).values(), vectors.get(0).values());
    }
  }

  @Test
  void layerNormAfterPooling() throws IOException {
    GoldenCopy model = copy("dense-roberta-mean");
    List<float[]> plain = model.answers();
    int size = plain.get(0).length;
    float[] weight = new float[size];
    float[] bias = new float[size];
    for (int i = 0; i < size; i++) {
      weight[i] = 1 + i / 10f;
      bias[i] = -i / 7f;
    }
    model.write(
        "modules.json",
        """
        [{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
         {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
         {"idx": 2, "path": "2_LayerNorm", "type": "sentence_transformers.models.LayerNorm"},
         {"idx": 3, "path": "3_Dropout", "type": "sentence_transformers.models.Dropout"}]""");
    model.write("2_LayerNorm/config.json", "{\"dimension\": %s}".formatted(size));
    model.write(
        "2_LayerNorm/" + WEIGHTS,
        Map.of(
            "norm.weight", GoldenCopy.vector("norm.weight", weight),
            "norm.bias", GoldenCopy.vector("norm.bias", bias)));
    List<float[]> actual = model.answers();
    for (int text = 0; text < plain.size(); text++) {
      EncoderContractTest.assertSame(actual.get(text), normed(plain.get(text), weight, bias));
    }
  }

  /** Ba et al. 2016, https://arxiv.org/abs/1607.06450. */
  private static float[] normed(float[] x, float[] weight, float[] bias) {
    double mean = 0;
    for (float value : x) {
      mean += value / (double) x.length;
    }
    double variance = 0;
    for (float value : x) {
      variance += (value - mean) * (value - mean) / x.length;
    }
    float[] normed = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      normed[i] = (float) ((x[i] - mean) / Math.sqrt(variance + 1e-5) * weight[i] + bias[i]);
    }
    return normed;
  }

  /** Numbers of 64 bits are read as those of 32. */
  @Test
  void weightsOfTwiceTheBits() throws IOException {
    GoldenCopy model = copy("dense-bert-mean-dense");
    for (String file : List.of(WEIGHTS, "2_Dense/" + WEIGHTS)) {
      Map<String, StoredTensor> doubles = new LinkedHashMap<>();
      model.tensors(file).forEach((name, tensor) -> doubles.put(name, widened(tensor)));
      model.write(file, doubles);
    }
    model.assertSameAsGolden();
  }

  private static StoredTensor widened(StoredTensor tensor) {
    float[] numbers = tensor.toFloats();
    ByteBuffer data =
        ByteBuffer.allocateDirect(numbers.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      data.putDouble(number);
    }
    return new StoredTensor(tensor.name(), Dtype.F64, tensor.shape(), data.flip());
  }

  /**
   * The list of modules says what a folder is, not the class that its weights once were saved of.
   */
  @Test
  void aClassifiersFolderWithModulesIsDense() throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    model.renameWeights(name -> "bert." + name);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>(model.tensors(WEIGHTS));
    tensors.put(
        "classifier.weight", StoredTensor.ofFloats("classifier.weight", new float[2 * 32], 2, 32));
    tensors.put("classifier.bias", StoredTensor.ofFloats("classifier.bias", new float[2], 2));
    model.write(WEIGHTS, tensors);
    model.edit(
        "config.json",
        config -> {
          JsonArray architectures = new JsonArray();
          architectures.add("BertForSequenceClassification");
          config.add("architectures", architectures);
        });
    model.delete("config_sentence_transformers.json"); // as releases before 5 saved it
    assertThat(ModelFolder.open(model.folder()).kind()).isEqualTo(EncoderKind.DENSE);
    model.assertSameAsGolden();
  }

  /** A word embedding that is stored as the decoder that it is tied to. */
  @ParameterizedTest
  @CsvSource({
    "sparse-bert, bert.embeddings.word_embeddings.weight, cls.predictions.decoder.weight",
    "sparse-distilbert, distilbert.embeddings.word_embeddings.weight, vocab_projector.weight",
    "sparse-roberta, roberta.embeddings.word_embeddings.weight, lm_head.decoder.weight"
  })
  void wordsUnderTheNameOfTheDecoder(String golden, String words, String decoder)
      throws IOException {
    GoldenCopy model = copy(golden);
    List<String> texts = List.of("The river rises after three days of rain.", "");
    List<TermWeights> expected = terms(model, texts);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>(model.tensors(WEIGHTS));
    assertThat(tensors).containsKey(words).doesNotContainKey(decoder);
    tensors.put(decoder, tensors.remove(words));
    model.write(WEIGHTS, tensors);
    assertThat(terms(model, texts)).isEqualTo(expected);
  }

  private static List<TermWeights> terms(GoldenCopy model, List<String> texts) throws IOException {
    try (SparseEncoder encoder =
        SparseEncoder.load(
            model.folder(), EncoderOptions.defaults().withPrecision(Precision.FLOAT32))) {
      return encoder.encode(texts);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1_Pooling/config.json, pooling_mode_first_last_avg",
    "2_Dense/config.json, scale",
  })
  void anUnknownSettingOfAModuleIsNamed(String file, String key) throws IOException {
    GoldenCopy model = copy("dense-bert-mean-dense");
    model.edit(file, config -> config.addProperty(key, true));
    assertThatThrownBy(model::answers)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AudioEncoder", "SentenceTransformers"})
  void anotherKindOfModelIsNamed(String type) throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    model.edit(
        "config_sentence_transformers.json", settings -> settings.addProperty("model_type", type));
    assertThatThrownBy(() -> Encoder.load(model.folder(), EncoderOptions.defaults()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {WEIGHTS, "tokenizer.json", "config.json", "1_Pooling/config.json"})
  void aPointerInPlaceOfAFileIsNamed(String file) throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    model.write(
        file,
        """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 90868376
        """);
    assertThatThrownBy(model::answers)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file)
        .hasMessageContaining("git lfs pull");
  }

  @Test
  void anAdapterIsNamedAloneAndBesideAModel() throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    model.write("1_Pooling/adapter_config.json", "{\"peft_type\": \"LORA\"}");
    assertThatThrownBy(model::answers)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("PEFT adapter");
    model.delete("1_Pooling/adapter_config.json");
    model.write("adapter_config.json", "{\"peft_type\": \"LORA\"}");
    assertThatThrownBy(model::answers)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("PEFT adapter");
    model.delete("config.json", "modules.json", WEIGHTS);
    assertThatThrownBy(model::answers)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("PEFT adapter");
  }
}

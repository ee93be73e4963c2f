package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.load.EncoderOptions;

/** The same model in the shapes that folders come in: older, plain, with other modules. */
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

  /** As in the reference an empty object says nothing, and leaves today's key its say. */
  @Test
  void anEmptyScalingOfPositions() throws IOException {
    GoldenCopy model = copy("dense-qwen3-yarn-lasttoken");
    model.edit("config.json", config -> config.add("rope_scaling", new JsonObject()));
    model.assertSameAsGolden();
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
    assertThat(GoldenEncoders.difference(model.answers().get(0), golden)).isGreaterThan(1e-3);
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
      GoldenEncoders.assertSame(vectors.get(1).values(), alone);
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
      GoldenEncoders.assertSame(vectors.get(1).values(), vectors.get(0).values());
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
      GoldenEncoders.assertSame(actual.get(text), normed(plain.get(text), weight, bias));
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

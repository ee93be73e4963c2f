package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.ModelException;

/**
 * Configs, weights and tokenizers that disagree, architecture by architecture: one sentence each.
 */
class BadNetworkTest {
  private static final String LSTM = "1_LSTM/lstm_config.json";

  @TempDir Path temporary;

  private GoldenCopy copy(String golden) throws IOException {
    return GoldenCopy.of(golden, temporary);
  }

  private static void refused(GoldenCopy model, String... parts) {
    assertThatThrownBy(model::load)
        .isInstanceOf(ModelException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .contains(parts)
                    .hasSizeLessThan(400)
                    .doesNotContain("\n"));
  }

  @Test
  void layersThatTheConfigDoesNotPromise() throws IOException {
    GoldenCopy model = copy("dense-distilbert-cls-max");
    model.edit("config.json", config -> config.addProperty("n_layers", 1));
    refused(model, "the config promises no weight transformer.layer.1.", "another model");
    model.edit("config.json", config -> config.addProperty("n_layers", 3));
    refused(model, "weight transformer.layer.2.attention.q_lin.weight is missing");
  }

  @Test
  void headsThatDoNotDivideTheStates() throws IOException {
    GoldenCopy model = copy("dense-mpnet-mean-normalize");
    model.edit("config.json", config -> config.addProperty("num_attention_heads", 5));
    refused(model, "hidden size 32 is no multiple of its 5 heads");
  }

  @Test
  void tooFewBucketsForMpNet() throws IOException {
    GoldenCopy model = copy("dense-mpnet-mean-normalize");
    model.edit("config.json", c -> c.addProperty("relative_attention_num_buckets", 16));
    refused(model, "relative_attention_num_buckets is 16, MPNet uses 32");
  }

  @Test
  void relativePositionsInBert() throws IOException {
    GoldenCopy model = copy("dense-bert-cls");
    model.edit("config.json", c -> c.addProperty("position_embedding_type", "relative_key"));
    refused(model, "position_embedding_type [relative_key] is not supported");
  }

  @Test
  void modernBertsConfig() throws IOException {
    GoldenCopy model = copy("dense-modernbert-mean");
    String config = Files.readString(model.resolve("config.json"));
    model.write("config.json", config.replace("\"full_attention\",", ""));
    refused(model, "layer_types names 2 layers, num_hidden_layers is 3");
    model.write("config.json", config.replace("\"full_attention\",", "\"linear_attention\","));
    refused(model, "unknown layer type", "linear_attention");
    model.write(
        "config.json", config.replace("\"rope_type\": \"default\"", "\"rope_type\": \"longrope\""));
    refused(model, "rotary positions of type [longrope] are not supported");
  }

  /** The reference would not cut them at all. */
  @Test
  void textsThatHaveNoRoomForSpecialTokens() throws IOException {
    GoldenCopy model = copy("dense-bert-mean-normalize");
    model.edit("sentence_bert_config.json", c -> c.addProperty("max_seq_length", 1));
    refused(model, "texts of 1 tokens at most", "2 special ones around each");
    model.edit("sentence_bert_config.json", c -> c.addProperty("max_seq_length", 12));
    model.edit("sentence_bert_config.json", c -> c.addProperty("query_length", 1));
    refused(model, "texts of 1 tokens at most");
    GoldenCopy late = copy("multi-vector-roberta-plain");
    late.edit("sentence_bert_config.json", c -> c.addProperty("document_length", 1));
    assertThatThrownBy(() -> Encoder.load(late.resolve(""), GoldenEncoders.float32()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("texts of 1 tokens at most");
  }

  @Test
  void idsThatAreNone() throws IOException {
    GoldenCopy late = copy("multi-vector-bert-fixed");
    for (String ids : List.of("7", "\"a\"", "[\"a\"]", "[null]", "[1.5]", "[-1]", "[9999999999]")) {
      late.write("2_MultiVectorMask/config.json", "{\"keep_only_token_ids\": %s}".formatted(ids));
      assertThatThrownBy(() -> Encoder.load(late.resolve(""), GoldenEncoders.float32()))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("keep_only_token_ids", "a list of tokens' ids");
    }
  }

  @Test
  void positionsThatWouldBeStretched() throws IOException {
    GoldenCopy model = copy("dense-nomic-bert-dynamic-mean");
    model.edit(
        "config.json",
        config -> {
          config.remove("max_position_embeddings");
          config.addProperty("n_positions", 8192);
        });
    refused(model, "of type [dynamic] stretch texts", "n_positions is 8192");
  }

  @Test
  void modulesThatAreNotSupported() throws IOException {
    GoldenCopy model = copy("dense-word-embeddings-bilstm-mean");
    String modules = Files.readString(model.resolve("modules.json"));
    for (String module : List.of("CNN", "WordWeights", "WeightedLayerPooling")) {
      model.write("modules.json", modules.replace(".LSTM\"", "." + module + "\""));
      refused(model, "module [" + module + "] is not supported");
    }
    model.write("modules.json", modules.replace(".WordEmbeddings\"", ".BoW\""));
    refused(model, "module [BoW] is not supported first");
  }

  @Test
  void lstmsThatDoNotFit() throws IOException {
    GoldenCopy model = copy("dense-word-embeddings-bilstm-mean");
    JsonObject good = new JsonObject();
    model.edit(LSTM, config -> config.asMap().forEach(good::add));
    model.edit(LSTM, config -> config.addProperty("embedding_dimension", 25));
    refused(model, "the LSTM takes vectors of 25 numbers", "the word embedding gives 24");
    model.write(LSTM, good.toString());
    model.edit(LSTM, config -> config.addProperty("num_layers", 1));
    refused(model, "the config promises no weight encoder.");
    model.write(LSTM, good.toString());
    model.edit(LSTM, config -> config.addProperty("hidden_dim", 17));
    refused(model, "weight encoder.weight_ih_l0 has shape", "the config promises");
  }

  @Test
  void wordTokenizersThatDoNotFit() throws IOException {
    GoldenCopy model = copy("dense-word-embeddings-bilstm-mean");
    model.edit(
        "whitespacetokenizer_config.json", config -> config.getAsJsonArray("vocab").add("extra"));
    refused(model, "whitespacetokenizer_config.json has ids up to 112", "holds 112");
    String type = "sentence_transformers.models.tokenizer.PhraseTokenizer.PhraseTokenizer";
    model.edit("wordembedding_config.json", c -> c.addProperty("tokenizer_class", type));
    refused(model, "PhraseTokenizer] is not supported, only WhitespaceTokenizer is");
  }

  @Test
  void staticVectorsThatAreNone() throws IOException {
    GoldenCopy model = copy("dense-static-embedding");
    model.renameWeights(name -> "vectors");
    refused(model, "weight embeddings is missing, its file holds [vectors]");
    model.write(
        GoldenCopy.WEIGHTS,
        Map.of("embedding.weight", GoldenCopy.vector("embedding.weight", 1, 2, 3)));
    refused(model, "weight embedding.weight has 1 dimensions, expected 2");
  }
}

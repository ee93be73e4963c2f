package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.JsonFile;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.load.EncoderOptions;

/** What is told of a model whose queries and documents go different ways. */
class RoutesInfoTest {
  private static final String SETTINGS = "_0_Transformer/sentence_bert_config.json";

  @TempDir Path temporary;

  private static EncoderInfo info(GoldenCopy model) throws IOException {
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (Encoder encoder = Encoder.load(model.folder(), options)) {
      return encoder.info();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense-router", "sparse-router"})
  void eachSideReadsItsOwnLength(String golden) throws IOException {
    GoldenCopy model = GoldenCopy.of(golden, temporary);
    model.edit("query" + SETTINGS, settings -> settings.addProperty("max_seq_length", 9));
    model.edit("document" + SETTINGS, settings -> settings.addProperty("max_seq_length", 14));
    assertThat(info(model).maxTokens()).isEqualTo(14);
    assertThat(info(model).maxQueryTokens()).isEqualTo(9);

    model.edit("query" + SETTINGS, settings -> settings.addProperty("max_seq_length", 15));
    assertThat(info(model).maxTokens()).isEqualTo(14);
    assertThat(info(model).maxQueryTokens()).isEqualTo(15);
  }

  @Test
  void aFolderWithoutRouterHasOneLength() throws IOException {
    EncoderInfo info = info(GoldenCopy.of("dense-bert-mean-normalize", temporary));
    assertThat(info.maxQueryTokens()).isEqualTo(info.maxTokens());
  }

  /** Queries have a Dense of their own behind the network of documents. */
  @Test
  void weightsThatBothSidesReadAreCountedOnceAndHeldTwice() throws IOException {
    GoldenCopy model = GoldenCopy.of("dense-router", temporary);
    route(model, "document_0_Transformer", "document_1_Pooling", "document_2_Dense");
    EncoderInfo one = info(model);
    route(model, "document_0_Transformer", "document_1_Pooling", "query_2_Dense");
    EncoderInfo both = info(model);

    Safetensors dense = Safetensors.open(model.resolve("query_2_Dense/model.safetensors"));
    long more =
        dense.names().stream().mapToLong(name -> dense.find(name).orElseThrow().elements()).sum();
    assertThat(both.parameters()).isEqualTo(one.parameters() + more);
    assertThat(both.bytes()).isEqualTo(2 * one.bytes());
  }

  /** Sends queries through these modules. */
  private static void route(GoldenCopy model, String... modules) throws IOException {
    JsonObject router = JsonFile.read(model.resolve("router_config.json")).object();
    JsonArray way = new JsonArray();
    for (String module : modules) {
      way.add(module);
    }
    router.getAsJsonObject("structure").add("query", way);
    model.write("router_config.json", router.toString());
  }
}

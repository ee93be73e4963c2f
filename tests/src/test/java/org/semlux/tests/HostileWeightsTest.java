package org.semlux.tests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.ModelException;

/** Weights made to do harm: of somebody else, of other sizes than they say, no numbers at all. */
@Isolated("counts open handles")
class HostileWeightsTest extends BrokenFolders {
  private static final String BERT = "dense-bert-mean-normalize";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../../config/elasticsearch.keystore",
        "..",
        "",
        ".",
        "1_Pooling/config.json",
        "a\\u0000b"
      })
  void shardsOfSomebodyElse(String name) throws IOException {
    copy(BERT);
    Files.delete(folder.resolve("model.safetensors"));
    write(
        "model.safetensors.index.json",
        "{\"weight_map\":{\"embeddings.word_embeddings.weight\":\"" + name + "\"}}");
    refused(ModelException.class, "[broken]");
  }

  @Test
  void shardsThatAreLinksToElsewhere() throws IOException {
    copy(BERT);
    Path outside = temporary.resolve("outside.safetensors");
    Files.move(folder.resolve("model.safetensors"), outside);
    Files.createSymbolicLink(folder.resolve("shard.safetensors"), outside);
    write(
        "model.safetensors.index.json",
        "{\"weight_map\":{\"embeddings.word_embeddings.weight\":\"shard.safetensors\"}}");
    refused(ModelException.class, "[shard.safetensors] points outside the folder");
  }

  /** The numbers of {@code model.safetensors} are its header's; a lie of any size is told. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"dtype\":\"F32\" | \"dtype\":\"F16\" | does not match its shape",
        "\"shape\":[32] | \"shape\":[33] | does not match its shape",
        "\"shape\":[32] | \"shape\":[3e] | damaged",
        "\"shape\":[32,32] | \"shape\":[9999] | does not match its shape",
        "\"data_offsets\":[0, | \"data_offsets\":[4, | does not match its shape",
      })
  void headersThatLie(String from, String to, String expected) throws IOException {
    copy(BERT);
    String old = Files.readString(folder.resolve("model.safetensors"), ISO_8859_1);
    assertThat(old).contains(from);
    String padded = to + " ".repeat(from.length() - Math.min(from.length(), to.length()));
    write(old.replaceFirst(java.util.regex.Pattern.quote(from), padded));
    refused(IOException.class, "broken/model.safetensors", expected);
  }

  private void write(String bytes) throws IOException {
    Files.writeString(folder.resolve("model.safetensors"), bytes, ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0.5,4.5]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":null,\"data_offsets\":[0,4]}}",
        "{\"a\":null}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{}",
        "[]",
        "null",
      })
  void tensorsThatAreNone(String header) throws IOException {
    copy(BERT);
    ByteBuffer file = ByteBuffer.allocate(12 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length()).put(header.getBytes(UTF_8)).putFloat(1);
    Files.write(folder.resolve("model.safetensors"), file.array());
    refused(IOException.class, "broken/model.safetensors is no usable safetensors file");
  }

  /** Weights that are numbers, and answers that are none. */
  @Test
  void aModelThatAnswersNaN() throws IOException {
    copy(BERT);
    edit("config.json", config -> config.addProperty("layer_norm_eps", -1000));
    refused(ModelException.class, "[broken]", "its answer to a text holds NaN or infinite numbers");
    copyAnew("cross-bert");
    edit("config.json", config -> config.addProperty("layer_norm_eps", -1000));
    refused(ModelException.class, "[broken]", "its answer to a text holds NaN or infinite numbers");
    copyAnew("sparse-bert");
    edit("config.json", config -> config.addProperty("layer_norm_eps", -1000));
    refused(ModelException.class, "[broken]", "its answer to a text holds NaN or infinite numbers");
  }

  private void copyAnew(String golden) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    copy(golden);
  }

  @Test
  void trainedWeightsOfTermsThatAreNone() throws IOException {
    copy("sparse-inference-free-query");
    Path weights = folder.resolve("query_0_SparseStaticEmbedding/model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat((int) (8 + bytes.getLong(0)), Float.POSITIVE_INFINITY);
    Files.write(weights, bytes.array());
    refused(ModelException.class, "[broken]", "NaN or infinite");
  }
}

package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.load.EncoderOptions;

/** Every way that a model folder is broken gets one sentence that names the thing. */
@Isolated("counts open handles")
class BadModelTest extends BrokenFolders {
  @BeforeEach
  void copyAGoodModel() throws IOException {
    copy("dense-bert-mean-normalize");
  }

  @Test
  void theModelIsGoodAsItIs() throws Exception {
    try (Encoder encoder = Encoder.load(folder, EncoderOptions.defaults())) {
      assertThat(encoder.info().name()).isEqualTo("broken");
    }
  }

  @Test
  void noTokenizer() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    refused(ModelException.class, "[broken]", "no tokenizer.json");
  }

  @Test
  void damagedTokenizer() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\":", UTF_8);
    refused(IOException.class, "tokenizer.json");
  }

  @Test
  void tokenizerOfAnotherModel() throws IOException {
    replace(
        "tokenizer.json",
        "\"added_tokens\":[",
        "\"added_tokens\":[{\"id\":99999,\"content\":\"x\",\"single_word\":false,"
            + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true},");
    refused(ModelException.class, "tokenizer.json has ids up to 99999", "belongs to another model");
  }

  @Test
  void noWeights() throws IOException {
    Files.delete(folder.resolve("model.safetensors"));
    refused(ModelException.class, "[broken]", "no model.safetensors");
  }

  @Test
  void pickledWeights() throws IOException {
    Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    refused(ModelException.class, "pytorch_model.bin is a pickle", "safe_serialization=True");
  }

  @Test
  void truncatedWeights() throws IOException {
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1000));
    refused(IOException.class, "model.safetensors", "truncated");
  }

  @Test
  void corruptWeights() throws IOException {
    replace("model.safetensors", "\"dtype\"", "\"dt\u0000pe\"");
    refused(IOException.class, "model.safetensors", "damaged");
  }

  @Test
  void missingWeight() throws IOException {
    replace("model.safetensors", "layer.1.output.dense.weight", "layer.1.output.dance.weight");
    refused(ModelException.class, "layer.1.output.dense.weight is missing");
  }

  @Test
  void weightOfTheWrongShape() throws IOException {
    replace("config.json", "\"intermediate_size\": ", "\"intermediate_size\": 1");
    refused(
        ModelException.class, "encoder.layer.0.intermediate.dense.weight has shape", "promises");
  }

  @Test
  void weightsThatAreNoNumbers() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat((int) (8 + bytes.getLong(0)), Float.NaN);
    Files.write(file, bytes.array());
    refused(ModelException.class, "holds NaN or infinite numbers");
  }

  @Test
  void unknownArchitecture() throws IOException {
    replace("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"bort\"");
    refused(ModelException.class, "unknown architecture [bort]", "bert");
  }

  @Test
  void unknownModule() throws IOException {
    replace("modules.json", ".Pooling\"", ".Whirlpool\"");
    refused(ModelException.class, "module [Whirlpool] is not supported");
  }

  @Test
  void unknownPooling() throws IOException {
    Path file = folder.resolve("1_Pooling/config.json");
    Files.writeString(file, Files.readString(file, UTF_8).replace("\"mean\"", "\"sum\""), UTF_8);
    refused(ModelException.class, "unknown pooling [sum]");
  }

  @Test
  void noModelAtAll() throws IOException {
    Files.delete(folder.resolve("modules.json"));
    Files.delete(folder.resolve("config.json"));
    refused(ModelException.class, "no model folder");
  }

  @Test
  void configWithoutASize() throws IOException {
    replace("config.json", "\"hidden_size\"", "\"hiden_size\"");
    refused(IOException.class, "config.json lacks \"hidden_size\"");
  }

  @Test
  void unknownPrompt() throws Exception {
    try (DenseEncoder encoder = DenseEncoder.load(folder, EncoderOptions.defaults())) {
      EncodeRequest request = EncodeRequest.of(List.of("text")).withPromptName("poem");
      assertThatThrownBy(() -> encoder.encodeAll(request))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("there is no prompt [poem]");
    }
  }
}

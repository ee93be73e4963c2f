package org.semlux.training.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.semlux.training.onnx.OnnxFile.attribute;
import static org.semlux.training.onnx.OnnxFile.floats;
import static org.semlux.training.onnx.OnnxFile.shape;
import static org.semlux.training.onnx.OnnxFile.tensor;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.api.ModelException;

class OnnxConfigTest {
  private static final Optional<String> NO_TYPE = Optional.empty();
  private static final OptionalInt NO_HEADS = OptionalInt.empty();

  @TempDir Path folder;

  /** Weights of a BERT with 10 words, 6 positions, 2 types, width 4, two layers of 8 inside. */
  private static OnnxFile weights(String prefix) {
    OnnxFile onnx = new OnnxFile();
    add(onnx, prefix + "embeddings.word_embeddings.weight", 10, 4);
    add(onnx, prefix + "embeddings.position_embeddings.weight", 6, 4);
    add(onnx, prefix + "embeddings.token_type_embeddings.weight", 2, 4);
    for (int layer = 0; layer < 2; layer++) {
      add(onnx, prefix + "encoder.layer." + layer + ".attention.self.query.weight", 4, 4);
      add(onnx, prefix + "encoder.layer." + layer + ".intermediate.dense.weight", 8, 4);
    }
    return onnx;
  }

  private static void add(OnnxFile onnx, String name, int rows, int columns) {
    onnx.initializer(floats(name, shape(rows, columns), new float[rows * columns]));
  }

  private static OnnxFile withActivation(OnnxFile onnx) {
    return onnx.node("Erf", "/act/Erf", List.of("x"));
  }

  private static OnnxFile withEpsilon(OnnxFile onnx) {
    return onnx.node("LayerNormalization", "/ln", List.of("x"), attribute("epsilon", 1e-12f));
  }

  private static OnnxFile withHeads(OnnxFile onnx) {
    byte[] target =
        new OnnxFile.Message()
            .add(
                out -> {
                  for (long size : new long[] {0, 0, 2, 2}) {
                    out.writeInt64NoTag(size);
                  }
                })
            .bytes();
    return onnx.constant(tensor("", OnnxFile.INT64, 4).bytes(7, target), "target")
        .node("Reshape", "/attention/Reshape", List.of("x", "target"));
  }

  private static OnnxFile complete(String prefix) {
    return withHeads(withEpsilon(withActivation(weights(prefix))));
  }

  private JsonObject read(OnnxFile onnx, Optional<String> type, OptionalInt heads)
      throws IOException {
    Path file = onnx.write(folder.resolve("model.onnx"));
    return OnnxConfig.read(OnnxWeights.open(file, folder), type, heads);
  }

  @Test
  void everythingIsReadFromTheGraph() throws IOException {
    JsonObject config = read(complete(""), NO_TYPE, NO_HEADS);

    assertThat(config.get("model_type").getAsString()).isEqualTo("bert");
    assertThat(config.get("hidden_size").getAsInt()).isEqualTo(4);
    assertThat(config.get("intermediate_size").getAsInt()).isEqualTo(8);
    assertThat(config.get("num_hidden_layers").getAsInt()).isEqualTo(2);
    assertThat(config.get("num_attention_heads").getAsInt()).isEqualTo(2);
    assertThat(config.get("vocab_size").getAsInt()).isEqualTo(10);
    assertThat(config.get("max_position_embeddings").getAsInt()).isEqualTo(6);
    assertThat(config.get("type_vocab_size").getAsInt()).isEqualTo(2);
    assertThat(config.get("hidden_act").getAsString()).isEqualTo("gelu");
    assertThat(config.get("layer_norm_eps").getAsDouble()).isEqualTo(1e-12);
    assertThat(config.get("dtype").getAsString()).isEqualTo("float32");
  }

  @Test
  void headsAreSeenInAConcatenatedTargetToo() throws IOException {
    OnnxFile onnx = withEpsilon(withActivation(weights("")));
    onnx.constant(tensor("", OnnxFile.INT64, 1).number(7, -1), "open");
    onnx.constant(tensor("", OnnxFile.INT64).number(7, 1), "one");
    onnx.node("Concat", "/target", List.of("texts", "tokens", "open", "one"));
    onnx.node("Reshape", "/attention/Reshape", List.of("x", "/target_out"));

    assertThat(read(onnx, NO_TYPE, NO_HEADS).get("num_attention_heads").getAsInt()).isEqualTo(4);
  }

  @Test
  void epsilonIsSeenUnderTheRootOfAWrittenOutNormalization() throws IOException {
    OnnxFile onnx = withHeads(withActivation(weights("")));
    onnx.constant(floats("", shape(), 1e-5f), "epsilon");
    onnx.node("Add", "/ln/Add", List.of("variance", "epsilon"));
    onnx.node("Sqrt", "/ln/Sqrt", List.of("/ln/Add_out"));

    assertThat(read(onnx, NO_TYPE, NO_HEADS).get("layer_norm_eps").getAsDouble()).isEqualTo(1e-5);
  }

  @Test
  void theTanhFormOfGeluIsTold() throws IOException {
    OnnxFile onnx = withHeads(withEpsilon(weights("")));
    onnx.node("Gelu", "/act/Gelu", List.of("x"), attribute("approximate", "tanh"));

    assertThat(read(onnx, NO_TYPE, NO_HEADS).get("hidden_act").getAsString()).isEqualTo("gelu_new");
  }

  @Test
  void headsAreAskedForWhereTheGraphDoesNotTell() throws IOException {
    OnnxFile onnx = withEpsilon(withActivation(weights("")));

    assertThat(read(onnx, NO_TYPE, OptionalInt.of(4)).get("num_attention_heads").getAsInt())
        .isEqualTo(4);
    assertThatThrownBy(() -> read(onnx, NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("say --num-attention-heads");
    assertThatThrownBy(() -> read(onnx, NO_TYPE, OptionalInt.of(3)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("--num-attention-heads 3 does not divide the width 4");
    assertThatThrownBy(() -> read(complete(""), NO_TYPE, OptionalInt.of(4)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("--num-attention-heads is 4, but the graph has [2]");
  }

  @Test
  void whatTheGraphLeavesOpenIsNamed() {
    assertThatThrownBy(() -> read(withHeads(withEpsilon(weights(""))), NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("activation")
        .hasMessageContaining("config.json");
    assertThatThrownBy(() -> read(withHeads(withActivation(weights(""))), NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("epsilon")
        .hasMessageContaining("config.json");
  }

  @Test
  void otherArchitecturesAndHeadsAreRefused() {
    OnnxFile counting = complete("").node("CumSum", "/embeddings/CumSum", List.of("mask"));
    OnnxFile classifier = complete("bert.").initializer(floats("classifier.bias", shape(1), 0));

    assertThatThrownBy(() -> read(complete(""), Optional.of("mpnet"), NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("--model-type mpnet, only for bert");
    assertThatThrownBy(() -> read(new OnnxFile(), NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("not those of a bert");
    assertThatThrownBy(() -> read(counting, NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("as RoBERTa does");
    assertThatThrownBy(() -> read(classifier, NO_TYPE, NO_HEADS))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("more than an encoder, such as classifier.bias");
  }

  @Test
  void aTypeThatIsGivenSettlesDoubt() throws IOException {
    OnnxFile counting = complete("").node("CumSum", "/embeddings/CumSum", List.of("mask"));

    assertThat(read(counting, Optional.of("bert"), NO_HEADS).get("model_type").getAsString())
        .isEqualTo("bert");
  }
}

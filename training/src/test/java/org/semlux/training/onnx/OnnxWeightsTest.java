package org.semlux.training.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.semlux.training.onnx.OnnxFile.attribute;
import static org.semlux.training.onnx.OnnxFile.floats;
import static org.semlux.training.onnx.OnnxFile.raw;
import static org.semlux.training.onnx.OnnxFile.shape;
import static org.semlux.training.onnx.OnnxFile.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

class OnnxWeightsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("model.onnx");
  }

  private OnnxWeights open(OnnxFile onnx) throws IOException {
    return OnnxWeights.open(onnx.write(file), folder);
  }

  private static float[] numbers(TensorSource source, String name) {
    StoredTensor tensor = source.find(name).orElseThrow();
    float[] numbers = new float[(int) tensor.elements()];
    tensor.data().asFloatBuffer().get(numbers);
    return numbers;
  }

  @Test
  void factorsOfProductsAreNamedAfterTheirNodeAndTransposed() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("onnx::MatMul_787", shape(2, 3), 1, 2, 3, 4, 5, 6))
                .node(
                    "MatMul",
                    "/encoder/layer.0/output/dense/MatMul",
                    List.of("x", "onnx::MatMul_787")));

    String name = "encoder.layer.0.output.dense.weight";
    assertThat(weights.names()).containsExactly(name);
    assertThat(weights.shape(name)).hasValue(shape(3, 2));
    assertThat(weights.find(name).orElseThrow().shape()).containsExactly(3, 2);
    assertThat(numbers(weights, name)).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void transpositionKeepsEveryWidthOfNumber() throws IOException {
    byte[] halves = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(tensor("12", OnnxFile.FLOAT16, 2, 3).bytes(9, halves))
                .node("MatMul", "/a/MatMul", List.of("x", "12")));

    StoredTensor half = weights.find("a.weight").orElseThrow();
    assertThat(half.dtype()).isEqualTo(Dtype.F16);
    byte[] read = new byte[12];
    half.data().get(read);
    assertThat(read).containsExactly(1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12);
  }

  @Test
  void productsWithoutPathsAreNamedAfterTheBiasAddedToThem() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("pooler.dense.bias", shape(1), 9))
                .initializer(floats("val_81", shape(1, 1), 7))
                .node("MatMul", "node_MatMul_80", List.of("x", "val_81"))
                .node("Add", "node_Add_1", List.of("pooler.dense.bias", "node_MatMul_80_out")));

    assertThat(weights.names()).containsExactly("pooler.dense.bias", "pooler.dense.weight");
    assertThat(numbers(weights, "pooler.dense.weight")).containsExactly(7);
  }

  @Test
  void aPathThatMissesTheWrapperIsCompletedByTheBias() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("bert.embeddings.words.weight", shape(1), 1))
                .initializer(floats("bert.dense.bias", shape(1), 1))
                .initializer(floats("classifier.bias", shape(1), 2))
                .initializer(floats("5", shape(1, 1), 7))
                .node("MatMul", "/dense/MatMul", List.of("x", "5"))
                .node("Add", "/dense/Add", List.of("bert.dense.bias", "/dense/MatMul_out")));

    assertThat(weights.names()).contains("bert.dense.weight", "classifier.bias");
  }

  @Test
  void gemmIsTransposedUnlessItDoesSoItself() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("a.weight", shape(2, 2), 1, 2, 3, 4))
                .initializer(floats("onnx::Gemm_3", shape(2, 2), 1, 2, 3, 4))
                .initializer(floats("onnx::Gemm_4", shape(2), 8, 9))
                .node("Gemm", "/a/Gemm", List.of("x", "a.weight"), attribute("transB", 1))
                .node("Gemm", "/b/Gemm", List.of("x", "onnx::Gemm_3", "onnx::Gemm_4")));

    assertThat(numbers(weights, "a.weight")).containsExactly(1, 2, 3, 4);
    assertThat(numbers(weights, "b.weight")).containsExactly(1, 3, 2, 4);
    assertThat(numbers(weights, "b.bias")).containsExactly(8, 9);
  }

  @Test
  void weightsOfEqualNumbersAreFoundUnderBothNames() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("layer.0.norm.weight", shape(2), 1, 1))
                .node(
                    "",
                    "Identity",
                    "Identity_5",
                    List.of("layer.0.norm.weight"),
                    "layer.1.norm.weight"));

    assertThat(numbers(weights, "layer.1.norm.weight")).containsExactly(1, 1);
  }

  @Test
  void whatWrapsTheEncoderIsDropped() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("0.auto_model.embeddings.words.weight", shape(1), 1))
                .initializer(floats("0.auto_model.encoder.norm.bias", shape(1), 2)));

    assertThat(weights.names()).containsExactly("embeddings.words.weight", "encoder.norm.bias");
  }

  @Test
  void besideAHeadTheEncoderKeepsItsName() throws IOException {
    OnnxWeights weights =
        open(
            new OnnxFile()
                .initializer(floats("model.bert.embeddings.words.weight", shape(1), 1))
                .initializer(floats("model.classifier.bias", shape(1), 2)));

    assertThat(weights.names()).containsExactly("bert.embeddings.words.weight", "classifier.bias");
  }

  @Test
  void numbersInTypedFieldsAreRead() throws IOException {
    OnnxFile onnx = new OnnxFile();
    onnx.initializer(tensor("packed.floats", OnnxFile.FLOAT, 2).bytes(4, raw(1.5f, -2)));
    onnx.initializer(
        tensor("single.floats", OnnxFile.FLOAT, 2)
            .add(out -> out.writeFloat(4, 1.5f))
            .add(out -> out.writeFloat(4, -2)));
    onnx.initializer(
        tensor("single.integers", OnnxFile.INT64, 2).number(7, 3).number(7, -1L << 40));
    byte[] packed =
        new OnnxFile.Message()
            .add(out -> out.writeInt64NoTag(3))
            .add(out -> out.writeInt64NoTag(-1L << 40))
            .bytes();
    onnx.initializer(tensor("packed.integers", OnnxFile.INT64, 2).bytes(7, packed));
    onnx.initializer(tensor("half.floats", OnnxFile.FLOAT16, 1).number(5, 0x3e00));
    onnx.initializer(tensor("small.integers", OnnxFile.INT8, 1).number(5, -7));
    OnnxWeights weights = open(onnx);

    assertThat(numbers(weights, "packed.floats")).containsExactly(1.5f, -2);
    assertThat(numbers(weights, "single.floats")).containsExactly(1.5f, -2);
    for (String name : List.of("single.integers", "packed.integers")) {
      assertThat(weights.dtype(name)).hasValue(Dtype.I64);
      assertThat(weights.find(name).orElseThrow().data().asLongBuffer().get(1))
          .isEqualTo(-1L << 40);
    }
    short half = weights.find("half.floats").orElseThrow().data().getShort();
    assertThat(Float.float16ToFloat(half)).isEqualTo(1.5f);
    assertThat(weights.find("small.integers").orElseThrow().data().get()).isEqualTo((byte) -7);
  }

  @Test
  void textsAmongTheTensorsAreLeftOut() throws IOException {
    OnnxFile onnx =
        new OnnxFile().initializer(tensor("some.words", OnnxFile.TEXT, 1).text(6, "hm"));

    assertThat(open(onnx).names()).isEmpty();
  }

  private OnnxFile external(String location, long offset, long length) {
    return new OnnxFile()
        .initializer(
            tensor("a.weight", OnnxFile.FLOAT, 2)
                .message(13, new OnnxFile.Message().text(1, "location").text(2, location))
                .message(13, new OnnxFile.Message().text(1, "offset").text(2, "" + offset))
                .message(13, new OnnxFile.Message().text(1, "length").text(2, "" + length))
                .number(14, 1));
  }

  @Test
  void externalDataIsReadFromItsFile() throws IOException {
    Files.write(folder.resolve("model.onnx_data"), raw(0, 4, 5));

    assertThat(numbers(open(external("model.onnx_data", 4, 8)), "a.weight")).containsExactly(4, 5);
  }

  @Test
  void externalDataThatIsNotThereIsReported() throws IOException {
    Files.write(folder.resolve("short"), raw(0, 4));

    assertThatThrownBy(() -> open(external("absent", 0, 8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.onnx")
        .hasMessageContaining("a.weight")
        .hasMessageContaining("absent, which is missing");
    assertThatThrownBy(() -> open(external("short", 4, 8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("bytes 4 to 12 of short, which has 8");
    assertThatThrownBy(() -> open(external("../secret", 0, 8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not in the model's folder");
  }

  @Test
  void externalDataIsNotReadThroughALink() throws IOException {
    Path outside = Files.write(Files.createTempFile("secret", ".bin"), raw(0, 4, 5));
    Files.createSymbolicLink(folder.resolve("model.onnx_data"), outside);

    assertThatThrownBy(() -> open(external("model.onnx_data", 4, 8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.onnx_data, a link that leads out of the folder");
    Files.delete(outside);
  }

  /** A folder called onnx may be the whole model: what is beside it is then another's. */
  @Test
  void linksMayLeadAsFarAsTheModelsFolder() throws IOException {
    Path onnx = Files.createDirectories(folder.resolve("onnx"));
    Path beside = Files.write(folder.resolve("model.onnx_data"), raw(0, 4, 5));
    Files.createSymbolicLink(onnx.resolve("model.onnx_data"), beside);
    Path inside = external("model.onnx_data", 4, 8).write(onnx.resolve("model.onnx"));

    assertThat(numbers(OnnxWeights.open(inside, folder), "a.weight")).containsExactly(4, 5);
    assertThatThrownBy(() -> OnnxWeights.open(inside, onnx))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("model.onnx_data, a link that leads out of the folder");
  }

  @Test
  void aWeightThatNobodyNamesIsReportedWithWhatToDo() {
    OnnxFile onnx =
        new OnnxFile()
            .initializer(floats("val_81", shape(1, 1), 7))
            .node("MatMul", "node_MatMul_80", List.of("x", "val_81"));

    assertThatThrownBy(() -> open(onnx))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the weight val_81 of the node node_MatMul_80 has no name")
        .hasMessageContaining("dynamo=False");
  }

  @Test
  void twoWeightsOfOneNameAreReported() {
    OnnxFile onnx =
        new OnnxFile()
            .initializer(floats("1", shape(1, 1), 7))
            .initializer(floats("2", shape(1, 1), 8))
            .node("MatMul", "/a/MatMul", List.of("x", "1"))
            .node("MatMul", "/a/MatMul_1", List.of("x", "2"));

    assertThatThrownBy(() -> open(onnx))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("two tensors for a.weight");
  }

  @Test
  void quantisedAndFusedWeightsAreRefused() {
    OnnxFile quantised = new OnnxFile().node("MatMulInteger", "/a/MatMul_quant", List.of("x", "y"));
    OnnxFile fused =
        new OnnxFile().node("com.microsoft", "Attention", "Attention_0", List.of("x", "w"), "y");

    assertThatThrownBy(() -> open(quantised))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("quantised weights (MatMulInteger)");
    assertThatThrownBy(() -> open(fused))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("before optimisation");
  }

  @Test
  void aSizeThatDiffersFromTheShapeIsReported() {
    assertThatThrownBy(() -> open(new OnnxFile().initializer(floats("a.weight", shape(3), 1, 2))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.weight has 8 bytes for the shape [3] of F32, which takes 12");
    assertThatThrownBy(() -> open(new OnnxFile().initializer(floats("a.weight", shape(-1), 1))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("negative shape [-1]");
    assertThatThrownBy(
            () -> open(new OnnxFile().initializer(floats("a.w", shape(1L << 40, 1L << 40), 1))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
  }
}

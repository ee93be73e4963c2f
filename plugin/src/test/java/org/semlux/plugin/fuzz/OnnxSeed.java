package org.semlux.plugin.fuzz;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A small ONNX file: a MatMul with its weight and a bias that is added. */
final class OnnxSeed {
  private OnnxSeed() {}

  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.writeTo(out);
    out.flush();
    return bytes.toByteArray();
  }

  static byte[] bytes() throws IOException {
    byte[] graph =
        message(
            out -> {
              out.writeByteArray(5, tensor("embeddings.word_embeddings.weight", 2, 2));
              out.writeByteArray(5, tensor("onnx::MatMul_1", 2, 2));
              out.writeByteArray(5, tensor("encoder.dense.bias", 2));
              out.writeByteArray(1, node("MatMul", "/encoder/dense/MatMul", "x", "onnx::MatMul_1"));
              out.writeByteArray(1, node("Add", "/encoder/dense/Add", "y", "encoder.dense.bias"));
              out.writeByteArray(1, node("Erf", "/encoder/Erf", "y", ""));
            });
    return message(out -> out.writeByteArray(7, graph));
  }

  private static byte[] tensor(String name, long... shape) throws IOException {
    int elements = shape.length == 1 ? 2 : 4;
    return message(
        out -> {
          for (long size : shape) {
            out.writeInt64(1, size);
          }
          out.writeInt32(2, 1);
          out.writeString(8, name);
          out.writeByteArray(9, new byte[elements * Float.BYTES]);
        });
  }

  private static byte[] node(String operator, String name, String... inputs) throws IOException {
    return message(
        out -> {
          for (String input : inputs) {
            out.writeString(1, input);
          }
          out.writeString(2, name + "_out");
          out.writeString(3, name);
          out.writeString(4, operator);
          out.writeByteArray(
              5,
              message(
                  attribute -> {
                    attribute.writeByteArray(1, "axis".getBytes(StandardCharsets.UTF_8));
                    attribute.writeInt64(3, -1);
                  }));
        });
  }
}

package org.semlux.training.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small ONNX files for tests, written field by field in protobuf's wire format. */
final class OnnxFile {
  static final int FLOAT = 1;
  static final int INT8 = 3;
  static final int INT64 = 7;
  static final int TEXT = 8;
  static final int FLOAT16 = 10;

  private final Message graph = new Message();

  /** Fields in the order in which they are added. */
  static final class Message {
    interface Field {
      void write(CodedOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Message add(Field field) {
      try {
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        field.write(out);
        out.flush();
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Message text(int field, String text) {
      return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message number(int field, long number) {
      return add(out -> out.writeInt64(field, number));
    }

    Message bytes(int field, byte[] content) {
      return add(out -> out.writeByteArray(field, content));
    }

    Message message(int field, Message message) {
      return bytes(field, message.bytes());
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  /** A tensor without its numbers. */
  static Message tensor(String name, int type, long... shape) {
    Message tensor = new Message();
    for (long size : shape) {
      tensor.number(1, size);
    }
    return tensor.number(2, type).text(8, name);
  }

  static Message floats(String name, long[] shape, float... numbers) {
    return tensor(name, FLOAT, shape).bytes(9, raw(numbers));
  }

  static byte[] raw(float... numbers) {
    ByteBuffer raw = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : numbers) {
      raw.putFloat(number);
    }
    return raw.array();
  }

  static long[] shape(long... sizes) {
    return sizes;
  }

  OnnxFile initializer(Message tensor) {
    graph.message(5, tensor);
    return this;
  }

  /** A node whose only output is its name with {@code _out} behind it. */
  OnnxFile node(String operator, String name, List<String> inputs, Message... attributes) {
    return node("", operator, name, inputs, name + "_out", attributes);
  }

  OnnxFile node(
      String domain,
      String operator,
      String name,
      List<String> inputs,
      String output,
      Message... attributes) {
    Message node = new Message();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(3, name).text(4, operator);
    for (Message attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, domain.isEmpty() ? node : node.text(7, domain));
    return this;
  }

  /** A constant of the graph, as the value of its name. */
  OnnxFile constant(Message tensor, String name) {
    Message value = new Message().text(1, "value").message(5, tensor);
    return node("", "Constant", name + "_node", List.of(), name, value);
  }

  static Message attribute(String name, long number) {
    return new Message().text(1, name).number(3, number);
  }

  static Message attribute(String name, float number) {
    return new Message().text(1, name).add(out -> out.writeFloat(2, number));
  }

  static Message attribute(String name, String text) {
    return new Message().text(1, name).text(4, text);
  }

  byte[] bytes() {
    Message opset = new Message().text(1, "").number(2, 17);
    return new Message().number(1, 8).text(2, "test").message(7, graph).message(8, opset).bytes();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }
}

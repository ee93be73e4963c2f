package org.semlux.training.onnx;

import static org.semlux.training.onnx.ProtobufInput.FIXED32;
import static org.semlux.training.onnx.ProtobufInput.LENGTH;
import static org.semlux.training.onnx.ProtobufInput.VARINT;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonText;

/**
 * Reads the structure of an ONNX file, which is a protobuf message of type {@code ModelProto}.
 * Weights are skipped and only their place is noted, so that a large file costs little memory.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">the messages' fields</a>
 */
final class OnnxReader {
  private static final int MODEL_GRAPH = 7 << 3 | LENGTH;
  private static final int GRAPH_NODE = 1 << 3 | LENGTH;
  private static final int GRAPH_INITIALIZER = 5 << 3 | LENGTH;
  private static final int NODE_INPUT = 1 << 3 | LENGTH;
  private static final int NODE_OUTPUT = 2 << 3 | LENGTH;
  private static final int NODE_NAME = 3 << 3 | LENGTH;
  private static final int NODE_OPERATOR = 4 << 3 | LENGTH;
  private static final int NODE_ATTRIBUTE = 5 << 3 | LENGTH;
  private static final int NODE_DOMAIN = 7 << 3 | LENGTH;
  private static final int ATTRIBUTE_NAME = 1 << 3 | LENGTH;
  private static final int ATTRIBUTE_FLOAT = 2 << 3 | FIXED32;
  private static final int ATTRIBUTE_INT = 3 << 3 | VARINT;
  private static final int ATTRIBUTE_TEXT = 4 << 3 | LENGTH;
  private static final int ATTRIBUTE_TENSOR = 5 << 3 | LENGTH;

  private final ProtobufInput input;
  private final Path root;
  private final CodedInputStream value;
  private final List<OnnxGraph.Node> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> tensors = new HashMap<>();
  private final List<String> initializers = new ArrayList<>();
  private boolean graphFound;

  private OnnxReader(ProtobufInput input, Path root) {
    this.input = input;
    this.root = root;
    this.value = input.value();
  }

  /**
   * Reads a file.
   *
   * @param root the model's folder, which the file is in
   * @throws IOException when it is missing, truncated or no ONNX file; the message names it
   */
  static OnnxGraph read(Path file, Path root) throws IOException {
    try (ProtobufInput input = ProtobufInput.open(file)) {
      return new OnnxReader(input, root).readModel();
    }
  }

  private OnnxGraph readModel() throws IOException {
    Path file = input.file();
    try {
      input.fields(
          tag -> {
            if (tag == MODEL_GRAPH) {
              graphFound = true;
              input.message(this::readGraphField);
            }
            return tag == MODEL_GRAPH;
          });
    } catch (InvalidProtocolBufferException | ArithmeticException e) {
      throw new IOException(
          "%s is truncated, damaged or no ONNX file: at byte %s, %s"
              .formatted(
                  JsonText.nameOf(file),
                  value.getTotalBytesRead(),
                  ModelException.brief(e.getMessage())),
          e);
    }
    if (!graphFound) {
      throw new IOException(JsonText.nameOf(file) + " is no ONNX file: it holds no graph");
    }
    return new OnnxGraph(file, nodes, tensors, initializers);
  }

  private boolean readGraphField(int tag) throws IOException {
    switch (tag) {
      case GRAPH_NODE -> add(new NodeReader().read());
      case GRAPH_INITIALIZER ->
          OnnxTensorReader.read(input, root)
              .ifPresent(
                  tensor -> {
                    tensors.put(tensor.name(), tensor);
                    initializers.add(tensor.name());
                  });
      default -> {
        return false;
      }
    }
    return true;
  }

  private void add(OnnxGraph.Node node) {
    if (node.is("Constant") && node.attributes().get("value") instanceof OnnxTensor tensor) {
      node.outputs().forEach(output -> tensors.put(output, tensor));
    } else {
      nodes.add(node);
    }
  }

  /** One {@code NodeProto}, whose fields may come in any order. */
  private final class NodeReader {
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final Map<String, Object> attributes = new HashMap<>();
    private String name = "";
    private String domain = "";
    private String operator = "";

    OnnxGraph.Node read() throws IOException {
      input.message(this::readField);
      return new OnnxGraph.Node(name, domain, operator, inputs, outputs, attributes);
    }

    private boolean readField(int tag) throws IOException {
      switch (tag) {
        case NODE_INPUT -> inputs.add(value.readString());
        case NODE_OUTPUT -> outputs.add(value.readString());
        case NODE_NAME -> name = value.readString();
        case NODE_OPERATOR -> operator = value.readString();
        case NODE_DOMAIN -> domain = value.readString();
        case NODE_ATTRIBUTE -> new AttributeReader().readInto(attributes);
        default -> {
          return false;
        }
      }
      return true;
    }
  }

  /** One {@code AttributeProto}; lists and subgraphs are skipped. */
  private final class AttributeReader {
    private final List<Object> values = new ArrayList<>();
    private String name = "";

    void readInto(Map<String, Object> attributes) throws IOException {
      input.message(this::readField);
      if (!values.isEmpty()) {
        attributes.put(name, values.get(0));
      }
    }

    private boolean readField(int tag) throws IOException {
      switch (tag) {
        case ATTRIBUTE_NAME -> name = value.readString();
        case ATTRIBUTE_FLOAT -> values.add(value.readFloat());
        case ATTRIBUTE_INT -> values.add(value.readInt64());
        case ATTRIBUTE_TEXT -> values.add(value.readString());
        case ATTRIBUTE_TENSOR -> OnnxTensorReader.read(input, root).ifPresent(values::add);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}

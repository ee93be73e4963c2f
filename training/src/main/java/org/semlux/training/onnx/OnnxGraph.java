package org.semlux.training.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.semlux.encoders.folder.StoredTensor;

/**
 * What an ONNX file says about a network: its stored tensors and the operations that use them.
 *
 * @param tensors initializers and constants by the name of the value that they are
 * @param initializers names of the tensors that are initializers, in the order of the file
 */
record OnnxGraph(
    Path file, List<Node> nodes, Map<String, OnnxTensor> tensors, List<String> initializers) {
  private static final double[] NONE = {};

  /**
   * One operation.
   *
   * @param name such as {@code /encoder/layer.0/attention/self/query/MatMul}: the path of the
   *     module that it came from, where the exporter knew
   * @param domain empty for the standard's own operators
   * @param attributes numbers, texts and tensors by their names; lists are left out
   */
  record Node(
      String name,
      String domain,
      String operator,
      List<String> inputs,
      List<String> outputs,
      Map<String, Object> attributes) {
    boolean is(String... operators) {
      return Arrays.asList(operators).contains(operator);
    }

    /** The input of that index; empty text where the node has fewer. */
    String input(int index) {
      return index < inputs.size() ? inputs.get(index) : "";
    }
  }

  Optional<OnnxTensor> tensor(String value) {
    return Optional.ofNullable(tensors.get(value));
  }

  /** The node that makes a value. */
  Optional<Node> producer(String value) {
    return nodes.stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  /** The number that a value always has: a constant with one element. */
  OptionalDouble constant(String value) throws IOException {
    OnnxTensor tensor = tensors.get(value);
    return tensor != null && StoredTensor.elements(tensor.shape()) == 1
        ? OptionalDouble.of(tensor.toDoubles()[0])
        : OptionalDouble.empty();
  }

  /**
   * The numbers of a short vector: a constant, or a concatenation of values, of which those that
   * depend on the input are NaN. Empty when the value is neither.
   */
  double[] vector(String value) throws IOException {
    OnnxTensor tensor = tensors.get(value);
    if (tensor != null) {
      return tensor.shape().length == 1 && tensor.shape()[0] <= 8 ? tensor.toDoubles() : NONE;
    }
    Optional<Node> concatenation = producer(value).filter(node -> node.is("Concat"));
    if (concatenation.isEmpty()) {
      return NONE;
    }
    List<String> parts = concatenation.get().inputs();
    double[] numbers = new double[parts.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = constant(parts.get(i)).orElse(Double.NaN);
    }
    return numbers;
  }
}

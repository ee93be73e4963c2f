package org.semlux.training.onnx;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.JsonText;
import org.semlux.training.onnx.OnnxGraph.Node;
import org.semlux.training.onnx.OnnxWeights.Weight;

/**
 * Finds the names of an ONNX graph's weights. Those that kept a module's name keep it. The factor
 * of a matrix product is named after the module that the product came from: by the node's path
 * ({@code /encoder/layer.0/output/dense/MatMul}), or, where the exporter wrote none, by the bias
 * that is added to the product.
 */
final class OnnxWeightNames {
  /** Attribute names of nested modules, such as {@code encoder.layer.0.output.dense.bias}. */
  private static final Pattern MODULE_NAME = Pattern.compile("\\w+(\\.\\w+)*\\.[A-Za-z_]\\w*");

  private static final Set<String> QUANTISED =
      Set.of(
          "DequantizeLinear",
          "MatMulInteger",
          "QLinearMatMul",
          "DynamicQuantizeMatMul",
          "MatMulIntegerToFloat",
          "MatMulNBits",
          "QAttention");

  private static final String ADVICE =
      "export the model again with torch.onnx.export(..., dynamo=False), which names nodes after "
          + "modules, or import its folder with model.safetensors";

  private final OnnxGraph graph;
  private final Map<String, String> biasOf = new HashMap<>();
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  private OnnxWeightNames(OnnxGraph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (node.is("Add")) {
        noteBias(node.input(0), node.input(1));
        noteBias(node.input(1), node.input(0));
      }
    }
  }

  private void noteBias(String value, String summand) {
    if (summand.endsWith(".bias") && graph.tensor(value).isEmpty()) {
      biasOf.put(value, summand);
    }
  }

  /**
   * Names a graph's weights.
   *
   * @throws IOException when the weights are quantised or fused, or a product's module cannot be
   *     told
   */
  static Map<String, Weight> resolve(OnnxGraph graph) throws IOException {
    OnnxWeightNames names = new OnnxWeightNames(graph);
    for (Node node : graph.nodes()) {
      names.refuseUnreadable(node);
    }
    names.addNamed();
    for (Node node : graph.nodes()) {
      switch (node.operator()) {
        case "MatMul" -> names.addFactor(node, true);
        case "Gemm" -> names.addGemm(node);
        default -> {}
      }
    }
    return names.weights;
  }

  private void refuseUnreadable(Node node) throws IOException {
    if (QUANTISED.contains(node.operator())) {
      throw new IOException(
          "%s holds quantised weights (%s): take the export in float32 or float16, mostly named "
                  .formatted(JsonText.nameOf(graph.file()), node.operator())
              + "model.onnx");
    }
    // The one operator of optimisers whose weights are several layers' in one.
    if (node.domain().equals("com.microsoft") && node.is("Attention")) {
      throw new IOException(
          JsonText.nameOf(graph.file())
              + " went through an optimiser, which merged the weights of attention: take the export "
              + "before optimisation, mostly named model.onnx");
    }
  }

  private void addNamed() {
    for (String name : graph.initializers()) {
      if (isModuleName(name)) {
        weights.put(name, new Weight(graph.tensors().get(name), false));
      }
    }
    // Weights with the same numbers are stored once; the others' names go to copies of it.
    for (Node node : graph.nodes()) {
      String name = node.outputs().isEmpty() ? "" : node.outputs().get(0);
      if (node.is("Identity") && isModuleName(name)) {
        graph.tensor(node.input(0)).ifPresent(it -> weights.put(name, new Weight(it, false)));
      }
    }
  }

  private static boolean isModuleName(String name) {
    return MODULE_NAME.matcher(name).matches();
  }

  private void addGemm(Node node) throws IOException {
    boolean transposed = !(node.attributes().get("transB") instanceof Long flag && flag != 0);
    addFactor(node, transposed);
    Optional<OnnxTensor> bias = graph.tensor(node.input(2));
    if (bias.isPresent() && !isModuleName(node.input(2))) {
      add(module(node) + ".bias", new Weight(bias.get(), false), node);
    }
  }

  /** The second factor of a product, when it is a stored matrix: {@code [inputs, outputs]}. */
  private void addFactor(Node node, boolean transposed) throws IOException {
    String factor = node.input(1);
    Optional<OnnxTensor> tensor = graph.tensor(factor).filter(it -> it.shape().length == 2);
    if (tensor.isEmpty()) {
      return;
    }
    Weight weight = new Weight(tensor.get(), transposed);
    if (isModuleName(factor)) {
      weights.put(factor, weight);
    } else {
      add(module(node) + ".weight", weight, node);
    }
  }

  private void add(String name, Weight weight, Node node) throws IOException {
    Weight other = weights.putIfAbsent(name, weight);
    if (other != null && !other.equals(weight)) {
      throw new IOException(
          "%s has two tensors for %s, one of them at the node %s: %s"
              .formatted(
                  JsonText.nameOf(graph.file()),
                  ModelException.brief(name),
                  ModelException.brief(node.name()),
                  ADVICE));
    }
  }

  private String module(Node node) throws IOException {
    String path = modulePath(node.name());
    String bias = biasOf.getOrDefault(node.outputs().isEmpty() ? "" : node.outputs().get(0), "");
    String beside = bias.isEmpty() ? "" : bias.substring(0, bias.length() - ".bias".length());
    // Where a wrapper called into the middle of a model, the path lacks what is before.
    if (path.isEmpty() || beside.endsWith("." + path)) {
      path = beside;
    }
    if (path.isEmpty()) {
      throw new IOException(
          "%s: the weight %s of the node %s has no name, since neither the node's path nor a bias "
                  .formatted(
                      JsonText.nameOf(graph.file()),
                      ModelException.brief(node.input(1)),
                      ModelException.brief(node.name()))
              + "tells its module: "
              + ADVICE);
    }
    return path;
  }

  /** {@code /encoder/layer.0/output/dense/MatMul} to {@code encoder.layer.0.output.dense}. */
  private static String modulePath(String node) {
    if (!node.startsWith("/")) {
      return "";
    }
    List<String> parts = List.of(node.substring(1).split("/"));
    int end = parts.size();
    while (end > 0
        && (parts.get(end - 1).startsWith("MatMul") || parts.get(end - 1).startsWith("Gemm"))) {
      end--;
    }
    return String.join(".", parts.subList(0, end));
  }
}

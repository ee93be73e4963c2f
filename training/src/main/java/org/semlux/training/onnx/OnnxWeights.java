package org.semlux.training.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/**
 * The weights of a model exported to ONNX, under their Hugging Face names.
 *
 * <p>An exporter computes with the transposed weight of a linear layer and drops its name: what was
 * {@code encoder.layer.0.attention.self.query.weight} becomes a constant such as {@code
 * onnx::MatMul_787}. {@link OnnxWeightNames} finds its name again, and here it is turned back to
 * {@code [outputs, inputs]}. What stands before the encoder's own names, such as {@code
 * 0.auto_model.}, is dropped.
 *
 * <p>Opening reads the graph and checks sizes; numbers are mapped, or transposed into memory of
 * their own, when they are asked for. Safe for several threads.
 *
 * {@snippet lang=java :
 * Path folder = Path.of("export");
 * OnnxWeights weights = OnnxWeights.open(folder.resolve("model.onnx"), folder);
 * weights.shape("embeddings.word_embeddings.weight"); // {rows, width}
 * }
 */
public final class OnnxWeights implements TensorSource {
  /** A stored tensor, and whether its rows and columns are exchanged. */
  record Weight(OnnxTensor tensor, boolean transposed) {
    long[] shape() {
      long[] stored = tensor.shape();
      return transposed ? new long[] {stored[1], stored[0]} : stored.clone();
    }
  }

  private final OnnxGraph graph;
  private final Map<String, Weight> weights;

  private OnnxWeights(OnnxGraph graph, Map<String, Weight> weights) {
    this.graph = graph;
    this.weights = weights;
  }

  /**
   * Reads a file's graph.
   *
   * @param file a model without subgraphs for its weights; external data lies in the same folder
   * @param root the model's folder, which the file is in: no link may lead out of it
   * @throws IOException when the file is missing, truncated or no ONNX file, when it is quantised,
   *     or when a weight's name cannot be told
   */
  public static OnnxWeights open(Path file, Path root) throws IOException {
    OnnxGraph graph = OnnxReader.read(file, root);
    return new OnnxWeights(graph, withoutPrefix(OnnxWeightNames.resolve(graph)));
  }

  /**
   * Drops what all names share before the first {@code embeddings.}: a wrapper's attributes. In a
   * model with a head, such as {@code bert.} beside {@code classifier.}, it is nothing, as its
   * safetensors have it.
   */
  private static Map<String, Weight> withoutPrefix(Map<String, Weight> weights) {
    String prefix =
        weights.keySet().stream()
            .filter(name -> name.startsWith("embeddings.") || name.contains(".embeddings."))
            .findFirst()
            .map(name -> name.substring(0, ("." + name).indexOf(".embeddings.")))
            .orElse("");
    for (String name : weights.keySet()) {
      while (!name.startsWith(prefix)) {
        prefix = prefix.substring(0, prefix.lastIndexOf('.', prefix.length() - 2) + 1);
      }
    }
    Map<String, Weight> stripped = new LinkedHashMap<>();
    for (Map.Entry<String, Weight> weight : weights.entrySet()) {
      stripped.put(weight.getKey().substring(prefix.length()), weight.getValue());
    }
    return stripped;
  }

  OnnxGraph graph() {
    return graph;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(weights.keySet());
  }

  /** The shape of a weight, as {@link #find} gives it, without its numbers. */
  public Optional<long[]> shape(String name) {
    return Optional.ofNullable(weights.get(name)).map(Weight::shape);
  }

  /** The format of a weight's numbers. */
  public Optional<Dtype> dtype(String name) {
    return Optional.ofNullable(weights.get(name)).map(weight -> weight.tensor().dtype());
  }

  /** How many bytes a weight's numbers take; none when there is no such weight. */
  public long bytes(String name) {
    Weight weight = weights.get(name);
    return weight == null ? 0 : weight.tensor().data().length();
  }

  @Override
  public Optional<StoredTensor> find(String name) {
    Weight weight = weights.get(name);
    if (weight == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          weight.transposed() ? weight.tensor().loadTransposed(name) : weight.tensor().load(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

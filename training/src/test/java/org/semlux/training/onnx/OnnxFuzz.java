package org.semlux.training.onnx;

import static org.semlux.training.onnx.OnnxFile.floats;
import static org.semlux.training.onnx.OnnxFile.shape;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.StoredTensor;

/**
 * ONNX files of any content, as {@code semlux import} reads them: read, or refused in a sentence.
 * Jazzer calls {@link #fuzzerTestOneInput}; see tests/README.md.
 */
public final class OnnxFuzz {
  private final Path folder;

  OnnxFuzz(Path folder) {
    this.folder = folder;
  }

  /** A good file to begin with. */
  static byte[] seed() {
    return new OnnxFile()
        .initializer(floats("embeddings.words.weight", shape(2, 2), 1, 2, 3, 4))
        .initializer(floats("onnx::MatMul_1", shape(2, 2), 1, 2, 3, 4))
        .initializer(floats("encoder.dense.bias", shape(2), 1, 2))
        .node("MatMul", "/encoder/dense/MatMul", List.of("x", "onnx::MatMul_1"))
        .node(
            "Add", "/encoder/dense/Add", List.of("/encoder/dense/MatMul_out", "encoder.dense.bias"))
        .bytes();
  }

  /**
   * Reads a file.
   *
   * @return whether it could be read
   * @throws AssertionError when it is refused in any other way than it should
   */
  boolean run(byte[] file) {
    try {
      OnnxWeights weights =
          OnnxWeights.open(Files.write(folder.resolve("model.onnx"), file), folder);
      for (String name : weights.names()) {
        StoredTensor tensor = weights.find(name).orElseThrow();
        if (tensor.data().remaining() != tensor.elements() * tensor.dtype().bytes()) {
          throw new AssertionError(name + " has another size than its shape");
        }
      }
      OnnxConfig.read(weights, Optional.empty(), OptionalInt.empty());
      return true;
    } catch (IOException | ModelException e) {
      if (e.getMessage() == null || e.getMessage().isBlank()) {
        throw new AssertionError("refused without a reason", e);
      }
      return false;
    }
  }

  private static final class Shared {
    static final OnnxFuzz FUZZ = make();

    private static OnnxFuzz make() {
      try {
        return new OnnxFuzz(Files.createTempDirectory("semlux-onnx"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Jazzer's entry. */
  public static void fuzzerTestOneInput(byte[] input) {
    Shared.FUZZ.run(input);
  }

  /** {@code seeds FOLDER} writes what Jazzer begins with. */
  public static void main(String[] args) throws IOException {
    Files.write(Files.createDirectories(Path.of(args[1])).resolve("seed-0"), seed());
  }
}

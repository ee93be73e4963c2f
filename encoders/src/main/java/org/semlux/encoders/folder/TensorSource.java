package org.semlux.encoders.folder;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Named tensors of a file or of several.
 *
 * {@snippet lang=java :
 * TensorSource weights = ModelFolder.open(Path.of("model")).weights(1); // of the first module
 * weights.find("embeddings.word_embeddings.weight").map(StoredTensor::shape); // {rows, width}
 * }
 */
public interface TensorSource {
  /** All names, in the order of the file. */
  Set<String> names();

  /**
   * The tensor of that name.
   *
   * @throws java.io.UncheckedIOException when the file cannot be read
   */
  Optional<StoredTensor> find(String name);

  /**
   * This source, where one tensor may be stored under the name of another that it is tied to.
   *
   * @param name what is asked for
   * @param tied where it stands when it is not there itself
   */
  default TensorSource orTied(String name, String tied) {
    TensorSource source = this;
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return source.names();
      }

      @Override
      public Optional<StoredTensor> find(String asked) {
        Optional<StoredTensor> found = source.find(asked);
        return found.isEmpty() && asked.equals(name) ? source.find(tied) : found;
      }

      @Override
      public Path file(String stored) {
        return source.file(stored);
      }
    };
  }

  /** The file that holds the tensor of that name. */
  default Path file(String name) {
    throw new UnsupportedOperationException("tensors of no file");
  }
}

package org.semlux.encoders.folder;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Named tensors of a file or of several. */
public interface TensorSource {
  /** All names, in the order of the file. */
  Set<String> names();

  /**
   * The tensor of that name.
   *
   * @throws java.io.UncheckedIOException when the file cannot be read
   */
  Optional<StoredTensor> find(String name);

  /** The file that holds the tensor of that name. */
  default Path file(String name) {
    throw new UnsupportedOperationException("tensors of no file");
  }
}

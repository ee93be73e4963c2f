package org.semlux.training.sparsify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/** Named tensors in memory. Not thread-safe while it is filled. */
final class Tensors implements TensorSource {
  private final Map<String, StoredTensor> byName = new LinkedHashMap<>();

  /** Adds float32 numbers. */
  Tensors with(String name, float[] numbers, long... shape) {
    byName.put(name, StoredTensor.ofFloats(name, numbers, shape));
    return this;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  @Override
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}

package org.semlux.training.base;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/** Tensors on their way into a new file: float32, each made when it is asked for. */
final class Float32Tensors implements TensorSource {
  private static final Set<Dtype> NARROW = Set.of(Dtype.F16, Dtype.BF16);

  private final Map<String, Supplier<StoredTensor>> tensors = new LinkedHashMap<>();

  /** Adds a stored tensor under a name of its own. */
  void add(String name, StoredTensor stored) {
    tensors.put(
        name,
        () ->
            NARROW.contains(stored.dtype())
                ? StoredTensor.ofFloats(name, stored.toFloats(), stored.shape())
                : new StoredTensor(name, stored.dtype(), stored.shape(), stored.data()));
  }

  /** Adds numbers that Java made. */
  void add(String name, float[] numbers, long... shape) {
    tensors.put(name, () -> StoredTensor.ofFloats(name, numbers, shape));
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Optional<StoredTensor> find(String name) {
    return Optional.ofNullable(tensors.get(name)).map(Supplier::get);
  }
}

package org.semlux.training.train;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.NativeScope;
import org.semlux.training.folder.SafetensorsWriter;

/**
 * What AdamW remembers of each trained weight: two moments and a count of steps. With the weights
 * it is all that the next step depends on.
 */
final class Moments {
  private static final String FIRST = "exp_avg";
  private static final String SECOND = "exp_avg_sq";
  private static final String STEPS = "step";

  private final Map<String, ByteBuffer> numbers = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final Map<String, List<PtNDArray>> arrays = new LinkedHashMap<>();

  /**
   * All zero.
   *
   * @param scope owns them
   * @param all the model's weights
   * @param firstTrained the first that is trained
   */
  Moments(NativeScope scope, List<PtNDArray> all, int firstTrained) {
    for (String moment : List.of(FIRST, SECOND, STEPS)) {
      List<PtNDArray> list = new ArrayList<>();
      for (int i = firstTrained; i < all.size(); i++) {
        long[] shape = moment.equals(STEPS) ? new long[0] : all.get(i).getShape().getShape();
        PtNDArray array = zeros(scope, moment + "." + i, shape);
        array.setName(moment + "[]");
        list.add(array);
      }
      arrays.put(moment, list);
    }
  }

  private PtNDArray zeros(NativeScope scope, String name, long... shape) {
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    ByteBuffer data =
        ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(size, Float.BYTES)))
            .order(ByteOrder.nativeOrder());
    numbers.put(name, data);
    shapes.put(name, shape);
    return scope.array(data, DataType.FLOAT32, shape);
  }

  /** Saves and loads a weight with them that is none of the model's own. */
  void keep(String name, ByteBuffer data, long... shape) {
    numbers.put(name, data);
    shapes.put(name, shape);
  }

  /** Those of some weights: all first moments, all second ones, all counts. */
  List<PtNDArray> of(int from, int to) {
    return arrays.values().stream().flatMap(list -> list.subList(from, to).stream()).toList();
  }

  /** Writes them. */
  void save(Path file) throws IOException {
    TensorSource source =
        new TensorSource() {
          @Override
          public Set<String> names() {
            return numbers.keySet();
          }

          @Override
          public Optional<StoredTensor> find(String name) {
            ByteBuffer data = numbers.get(name).duplicate().order(ByteOrder.LITTLE_ENDIAN);
            return Optional.of(new StoredTensor(name, Dtype.F32, shapes.get(name), data));
          }
        };
    SafetensorsWriter.write(file, numbers.keySet(), source, bytes -> {});
  }

  /**
   * Reads them back.
   *
   * @throws IOException when it belongs to another model
   */
  void load(Path file) throws IOException {
    Safetensors stored = Safetensors.open(file);
    for (Map.Entry<String, ByteBuffer> entry : numbers.entrySet()) {
      StoredTensor tensor =
          stored
              .find(entry.getKey())
              .filter(found -> Arrays.equals(found.shape(), shapes.get(entry.getKey())))
              .orElseThrow(
                  () ->
                      new IOException(
                          file + " is of another model or version: remove the checkpoint"));
      entry.getValue().duplicate().put(tensor.data());
    }
  }
}

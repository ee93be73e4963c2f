package org.semlux.training.train;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.WeightReader;

/**
 * A model's weights while it is trained: float32, changed in place by its programs, in memory that
 * Java reads too. For one thread.
 *
 * <p>A model may have several networks, whose programs take some of the weights each; what two of
 * them share is there once. Of a network's first parameter, which is its table of word vectors,
 * only some rows may be held: a row that no training text uses has no gradient, so AdamW without
 * weight decay leaves it where it is, and a step need not touch it.
 */
final class TrainedWeights implements AutoCloseable {
  /** Where a tensor is stored, and which numbers of a weight are its. */
  private record Place(Path file, String name, long[] shape, int first, int count) {
    boolean isOf(Path otherFile, String otherName) {
      return file.equals(otherFile) && name.equals(otherName);
    }
  }

  /**
   * One of all.
   *
   * @param rows that are held; all where empty
   */
  private record Weight(
      Parameter parameter,
      Optional<int[]> rows,
      List<Place> places,
      ByteBuffer data,
      PtNDArray array) {}

  /**
   * A stored tensor's share of a weight.
   *
   * @param weight its place among all
   * @param first number of the weight that is its own
   * @param data its numbers, as they are now
   */
  record Part(int weight, Path file, String name, long[] shape, int first, ByteBuffer data) {
    /** The same of another checkpoint of this model. */
    float[] in(Path checkpoint, Path other) throws IOException {
      return Safetensors.open(other.resolve(checkpoint.relativize(file)))
          .find(name)
          .orElseThrow()
          .toFloats();
    }
  }

  private final NativeScope scope = new NativeScope();
  private final WeightReader reader;
  private final List<Weight> weights = new ArrayList<>();

  /**
   * @param model the model's name, for messages
   */
  TrainedWeights(String model) {
    this.reader = new WeightReader(model);
  }

  /**
   * Begins what one network's program takes.
   *
   * @param firstRows the rows of its first parameter that are held; all where empty
   */
  NetworkWeights own(Optional<int[]> firstRows) {
    return new NetworkWeights(this, firstRows);
  }

  WeightReader reader() {
    return reader;
  }

  int count() {
    return weights.size();
  }

  /** The first of so many that is of the same tensors. */
  Optional<Integer> find(int count, List<StoredTensor> tensors, TensorSource source) {
    return IntStream.range(0, count)
        .filter(i -> isOf(weights.get(i).places, tensors, source))
        .boxed()
        .findFirst();
  }

  private static boolean isOf(List<Place> places, List<StoredTensor> tensors, TensorSource source) {
    return places.size() == tensors.size()
        && IntStream.range(0, places.size())
            .allMatch(
                i -> {
                  String name = tensors.get(i).name();
                  return places.get(i).isOf(source.file(name), name);
                });
  }

  /**
   * Reads one.
   *
   * @param tensors that it is made of
   * @param rows that are held; all where empty
   * @return its place among all
   */
  int read(
      Parameter parameter, List<StoredTensor> tensors, TensorSource source, Optional<int[]> rows) {
    long[] shape = parameter.shape().clone();
    if (rows.isPresent()) {
      shape[0] = rows.get().length;
    }
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    ByteBuffer data = zeros(size);
    FloatBuffer numbers = data.asFloatBuffer();
    List<Place> places = new ArrayList<>();
    for (StoredTensor tensor : tensors) {
      int first = numbers.position();
      if (rows.isPresent()) {
        Arrays.stream(rows.get())
            .forEach(row -> numbers.put(tensor.rows(row, row + 1L).toFloats()));
      } else {
        numbers.put(tensor.toFloats());
      }
      places.add(
          new Place(
              source.file(tensor.name()),
              tensor.name(),
              tensor.shape(),
              first,
              numbers.position() - first));
    }
    PtNDArray array = scope.array(data, DataType.FLOAT32, shape);
    weights.add(new Weight(parameter, rows, places, data, array));
    return weights.size() - 1;
  }

  /** Memory for float32 numbers that Java and a program share; zero. */
  private static ByteBuffer zeros(long numbers) {
    return ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(numbers, Float.BYTES)))
        .order(ByteOrder.nativeOrder());
  }

  /** The parameters of all. */
  List<Parameter> parameters() {
    return weights.stream().map(Weight::parameter).toList();
  }

  /** All of them; changed in place by programs. */
  List<PtNDArray> arrays() {
    return weights.stream().map(Weight::array).toList();
  }

  /** The same memory once more, in arrays that gradients are asked for. */
  List<PtNDArray> leaves() {
    return leaves(weight -> true);
  }

  /**
   * The same memory once more.
   *
   * @param learns whether a weight's gradient is asked for, by its place
   */
  List<PtNDArray> leaves(IntPredicate learns) {
    List<PtNDArray> leaves = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      Weight weight = weights.get(i);
      PtNDArray leaf =
          scope.array(weight.data, DataType.FLOAT32, weight.array.getShape().getShape());
      leaf.setRequiresGradient(learns.test(i));
      leaves.add(leaf);
    }
    return leaves;
  }

  /** Whether a stored tensor of a layer is what is multiplied with. */
  static boolean isProduct(String name) {
    return name.endsWith(".weight");
  }

  /** The matrix products among some weights, as they are stored. */
  List<Part> products(Collection<Integer> some) {
    List<Part> parts = new ArrayList<>();
    for (int i : some) {
      Weight weight = weights.get(i);
      for (Place place : weight.places) {
        if (weight.parameter.role() == Parameter.Role.LINEAR && isProduct(place.name)) {
          ByteBuffer data =
              weight
                  .data
                  .slice(place.first * Float.BYTES, place.count * Float.BYTES)
                  .order(ByteOrder.nativeOrder());
          parts.add(new Part(i, place.file, place.name, place.shape, place.first, data));
        }
      }
    }
    return parts;
  }

  /** The files that weights come from. */
  Set<Path> files() {
    Set<Path> files = new LinkedHashSet<>();
    weights.forEach(weight -> weight.places.forEach(place -> files.add(place.file)));
    return files;
  }

  /**
   * A file's tensors as they are now: float32 where they are trained, and those that no program
   * uses as they were.
   */
  TensorSource now(Path file, Safetensors before) {
    Map<String, StoredTensor> trained = new HashMap<>();
    for (Weight weight : weights) {
      for (Place place : weight.places) {
        if (place.file.equals(file)) {
          trained.put(place.name, now(weight, place, before));
        }
      }
    }
    return new TensorSource() {
      @Override
      public Set<String> names() {
        return before.names();
      }

      @Override
      public Optional<StoredTensor> find(String name) {
        return trained.containsKey(name) ? Optional.of(trained.get(name)) : before.find(name);
      }
    };
  }

  private StoredTensor now(Weight weight, Place place, Safetensors before) {
    ByteBuffer part =
        weight
            .data
            .slice(place.first * Float.BYTES, place.count * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    if (weight.rows.isEmpty()) {
      return new StoredTensor(place.name, Dtype.F32, place.shape, part);
    }
    float[] all = before.find(place.name).orElseThrow().toFloats();
    int[] rows = weight.rows.get();
    int width = (int) place.shape[1];
    FloatBuffer numbers = part.asFloatBuffer();
    IntStream.range(0, rows.length)
        .forEach(i -> numbers.get(i * width, all, rows[i] * width, width));
    return StoredTensor.ofFloats(place.name, all, place.shape);
  }

  @Override
  public void close() {
    scope.close();
  }
}

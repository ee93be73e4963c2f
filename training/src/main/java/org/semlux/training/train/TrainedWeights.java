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
import java.util.HashMap;
import java.util.HashSet;
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
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.program.WeightReader;

/**
 * A model's weights while it is trained: float32, changed in place by its program, in memory that
 * Java reads too. For one thread.
 *
 * <p>Of the first parameter, which is the table of word vectors in every network, only some rows
 * may be held: a row that no training text uses has no gradient, so AdamW without weight decay
 * leaves it where it is, and a step need not touch it.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * try (TrainedWeights weights = new TrainedWeights(folder.name(), Optional.empty())) {
 *   weights.add(
 *       network.parameters(), folder.weights(network.modules()), network.prefix());
 *   weights.size(); // numbers that are trained
 * }
 * }
 */
public final class TrainedWeights implements WeightList, AutoCloseable {
  /** Where a tensor is stored, and which numbers of a weight are its. */
  private record Place(Path file, String name, long[] shape, int first, int count) {}

  /** One of the program's list. */
  private record Weight(
      Parameter parameter, boolean cut, List<Place> places, ByteBuffer data, PtNDArray array) {}

  /**
   * A stored tensor's share of a weight.
   *
   * @param weight its place in the program's list
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
  private final Optional<int[]> firstRows;
  private final List<Weight> weights = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /**
   * @param model the model's name, for messages
   * @param firstRows the rows of the first parameter that are held; all where empty
   */
  public TrainedWeights(String model, Optional<int[]> firstRows) {
    this.reader = new WeightReader(model);
    this.firstRows = firstRows;
  }

  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    List<Parameter> stored = Parameter.in(parameters, source, prefix);
    reader.refuseMoreLayers(stored, source, prefix);
    stored.forEach(parameter -> add(parameter, source, prefix));
  }

  /** As a whole, or not at all where it is tied to a parameter that is there. */
  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    if (!names.contains(prefix + parameter.names().get(0))) {
      add(parameter, source, prefix);
    }
  }

  private void add(Parameter parameter, TensorSource source, String prefix) {
    reader.checkShape(parameter, source, prefix);
    boolean cut = weights.isEmpty() && firstRows.isPresent();
    long[] shape = parameter.shape().clone();
    if (cut) {
      shape[0] = firstRows.get().length;
    }
    long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    ByteBuffer data = zeros(size);
    FloatBuffer numbers = data.asFloatBuffer();
    List<Place> places = new ArrayList<>();
    for (String name : parameter.names()) {
      StoredTensor tensor = reader.find(name, source, prefix);
      int first = numbers.position();
      if (cut) {
        Arrays.stream(firstRows.get())
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
      names.add(prefix + name);
    }
    PtNDArray array = scope.array(data, DataType.FLOAT32, shape);
    weights.add(new Weight(parameter, cut, places, data, array));
  }

  /** Memory for float32 numbers that Java and a program share; zero. */
  private static ByteBuffer zeros(long numbers) {
    return ByteBuffer.allocateDirect(Math.toIntExact(Math.multiplyExact(numbers, Float.BYTES)))
        .order(ByteOrder.nativeOrder());
  }

  /** The weights' parameters, in the program's order. */
  public List<Parameter> parameters() {
    return weights.stream().map(Weight::parameter).toList();
  }

  /** The weights, in the program's order; changed in place by it. */
  public List<PtNDArray> arrays() {
    return weights.stream().map(Weight::array).toList();
  }

  /** The same memory once more, in arrays that gradients are asked for. */
  public List<PtNDArray> leaves() {
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

  /** The numbers of a weight, as they are now. */
  public ByteBuffer data(int weight) {
    return weights.get(weight).data.duplicate().order(ByteOrder.nativeOrder());
  }

  /** Whether a stored tensor of a layer is what is multiplied with. */
  static boolean isProduct(String name) {
    return name.endsWith(".weight");
  }

  /** The matrix products among the first weights, as they are stored. */
  List<Part> products(int count) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
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

  /** Numbers in all of them. */
  public long size() {
    return weights.stream().mapToLong(weight -> weight.data.capacity() / Float.BYTES).sum();
  }

  /** The files that weights come from. */
  public Set<Path> files() {
    Set<Path> files = new LinkedHashSet<>();
    weights.forEach(weight -> weight.places.forEach(place -> files.add(place.file)));
    return files;
  }

  /**
   * A file's tensors as they are now: float32 where they are trained, and those that no program
   * uses as they were.
   */
  public TensorSource now(Path file, Safetensors before) {
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
    if (!weight.cut || firstRows.isEmpty()) {
      return new StoredTensor(place.name, Dtype.F32, place.shape, part);
    }
    float[] all = before.find(place.name).orElseThrow().toFloats();
    int[] rows = firstRows.get();
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

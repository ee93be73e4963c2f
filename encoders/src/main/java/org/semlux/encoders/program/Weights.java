package org.semlux.encoders.program;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.semlux.encoders.ModelException;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/**
 * A model's weights in the form that its program takes them: one list, made once. The owner of
 * their native memory. Nothing of the files stays mapped. Read by many threads, closed by one, when
 * nobody reads any more.
 */
public final class Weights implements AutoCloseable {
  private static final Set<Dtype> READABLE = Set.of(Dtype.F32, Dtype.F16, Dtype.BF16);

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private final NativeScope scope = new NativeScope();
  private final String model;
  private final Program program;
  private final List<IValue> prepared = new ArrayList<>();
  private IValue list;
  private final Set<String> names = new HashSet<>();
  private long size;
  private long productsPerToken;

  /**
   * @param model the model's name, for messages
   * @param program one with the fragments {@code weights} and a {@code linear}
   */
  public Weights(String model, Program program) {
    this.model = model;
    this.program = program;
  }

  /**
   * Reads and prepares parameters, one at a time, so that a model is never twice in memory.
   *
   * @param prefix what some folders put before every name, such as {@code bert.}
   * @throws ModelException when one is missing, of another shape or type, or holds a number that is
   *     none, or when the source has more layers
   */
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    refuseMoreLayers(parameters, source, prefix);
    for (Parameter parameter : parameters) {
      try (NativeScope files = new NativeScope()) {
        prepared.add(scope.own(prepare(parameter, source, prefix, files)));
        parameter.names().forEach(name -> names.add(prefix + name));
        size += parameter.size();
        countProducts(parameter);
      }
    }
  }

  private void countProducts(Parameter parameter) {
    productsPerToken += parameter.role() == Parameter.Role.LINEAR ? parameter.size() : 0;
  }

  /** A stored name that differs from a promised one in its numbers alone is of a layer too many. */
  private void refuseMoreLayers(List<Parameter> parameters, TensorSource source, String prefix) {
    Set<String> promised = new HashSet<>();
    Set<String> forms = new HashSet<>();
    for (Parameter parameter : parameters) {
      promised.addAll(parameter.names());
      parameter.names().forEach(name -> forms.add(NUMBER.matcher(name).replaceAll("#")));
    }
    for (String stored : source.names()) {
      String name = stored.startsWith(prefix) ? stored.substring(prefix.length()) : stored;
      if (!promised.contains(name) && forms.contains(NUMBER.matcher(name).replaceAll("#"))) {
        throw ModelException.of(
            model,
            "the config promises no weight "
                + stored
                + ", which the file holds: one of them belongs to another model");
      }
    }
  }

  /**
   * Reads a parameter in tiles of some rows each, one after the other, so that a program can use it
   * tile by tile.
   *
   * @param rows of a tile; the last one may have fewer
   * @throws ModelException as {@link #add}
   */
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    checkShape(parameter, source, prefix);
    StoredTensor whole = find(parameter.names().get(0), source, prefix);
    for (long row = 0; row < parameter.shape()[0]; row += rows) {
      try (NativeScope files = new NativeScope()) {
        StoredTensor tile = whole.rows(row, Math.min(row + rows, parameter.shape()[0]));
        prepared.add(scope.own(prepare(parameter, files, toValue(tile, files))));
      }
    }
    // A decoder that is tied to the word embedding is no parameter more.
    size += names.contains(prefix + parameter.names().get(0)) ? 0 : parameter.size();
    countProducts(parameter);
  }

  private IValue prepare(
      Parameter parameter, TensorSource source, String prefix, NativeScope files) {
    IValue[] parts =
        parameter.names().stream()
            .map(name -> toValue(find(name, source, prefix), files))
            .toArray(IValue[]::new);
    checkShape(parameter, source, prefix);
    return prepare(parameter, files, parts);
  }

  private IValue prepare(Parameter parameter, NativeScope files, IValue... parts) {
    IValue list = files.own(IValue.listFrom(parts));
    if (!files.own(program.run("finite", list)).toBoolean()) {
      throw ModelException.of(model, "weight " + parameter + " holds NaN or infinite numbers");
    }
    IValue role = files.own(IValue.from(parameter.role().toString()));
    return program.run("prepare", list, role);
  }

  private static IValue toValue(StoredTensor tensor, NativeScope files) {
    PtNDArray array =
        switch (tensor.dtype()) {
          case F16 -> files.array(tensor.data(), DataType.FLOAT16, tensor.shape());
          // DJL has no bfloat16 arrays.
          case BF16 -> files.array(widened(tensor), DataType.FLOAT32, tensor.shape());
          default -> files.array(tensor.data(), DataType.FLOAT32, tensor.shape());
        };
    return files.own(IValue.from(array));
  }

  /** A bfloat16 is the upper half of a float32. */
  private static ByteBuffer widened(StoredTensor tensor) {
    ShortBuffer halves = tensor.data().asShortBuffer();
    ByteBuffer floats =
        ByteBuffer.allocateDirect(Math.multiplyExact(halves.remaining(), Float.BYTES))
            .order(ByteOrder.nativeOrder());
    while (halves.hasRemaining()) {
      floats.putInt(halves.get() << Short.SIZE);
    }
    return floats.flip();
  }

  private StoredTensor find(String name, TensorSource source, String prefix) {
    StoredTensor tensor =
        stored(name, source, prefix)
            .orElseThrow(
                () ->
                    ModelException.of(
                        model,
                        "weight "
                            + name
                            + " is missing; the config promises it, the file holds "
                            + source.names().size()
                            + " others"));
    if (!READABLE.contains(tensor.dtype())) {
      throw ModelException.of(
          model,
          "weight " + name + " is of type " + tensor.dtype() + ", expected one of " + READABLE);
    }
    return tensor;
  }

  /**
   * A weight under whichever of its names a folder stores it.
   *
   * @param prefix as {@link #add} takes it
   */
  public static Optional<StoredTensor> stored(String name, TensorSource source, String prefix) {
    return source
        .find(name)
        .or(() -> source.find(prefix + name))
        .or(() -> legacy(name, source, prefix));
  }

  /** TensorFlow's old names of a normalisation's weight and bias. */
  private static Optional<StoredTensor> legacy(String name, TensorSource source, String prefix) {
    if (!name.contains("LayerNorm.")) {
      return Optional.empty();
    }
    String old =
        name.replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
    return source.find(old).or(() -> source.find(prefix + old));
  }

  private void checkShape(Parameter parameter, TensorSource source, String prefix) {
    long first = 0;
    for (String name : parameter.names()) {
      long[] shape = find(name, source, prefix).shape();
      long[] promised = parameter.shape().clone();
      promised[0] = parameter.names().size() == 1 ? promised[0] : shape.length > 0 ? shape[0] : 0;
      if (!Arrays.equals(shape, promised)) {
        throw ModelException.of(
            model,
            "weight %s has shape %s, the config promises %s"
                .formatted(name, Arrays.toString(shape), Arrays.toString(promised)));
      }
      first += shape.length == 0 ? 0 : shape[0];
    }
    if (first != parameter.shape()[0]) {
      throw ModelException.of(
          model, "weights " + parameter.names() + " join to " + first + " rows, not " + parameter);
    }
  }

  /** The prepared weights, in the order they were added, as a program's argument. */
  public synchronized IValue list() {
    if (list == null) {
      list = scope.own(IValue.listFrom(prepared.toArray(new IValue[0])));
    }
    return list;
  }

  /** How many there are: the place of the next one. */
  public int count() {
    return prepared.size();
  }

  /** Numbers in all of them. */
  public long size() {
    return size;
  }

  /** Multiply-adds of a row that goes through every served matrix product once, as tokens do. */
  public long productsPerToken() {
    return productsPerToken;
  }

  @Override
  public void close() {
    scope.close();
  }
}

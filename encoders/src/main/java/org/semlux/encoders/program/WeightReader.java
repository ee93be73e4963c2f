package org.semlux.encoders.program;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;

/**
 * Finds what a network's parameters are stored as, and holds it against what the config promises.
 *
 * @param model the model's name, for messages
 */
public record WeightReader(String model) {
  private static final Set<Dtype> READABLE =
      EnumSet.of(Dtype.F64, Dtype.F32, Dtype.F16, Dtype.BF16);

  /** Bytes of a tensor that are read at once where each number is converted. */
  private static final int PIECE = 1 << 16;

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /** A stored name that differs from a promised one in its numbers alone is of a layer too many. */
  public void refuseMoreLayers(List<Parameter> parameters, TensorSource source, String prefix) {
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

  public StoredTensor find(String name, TensorSource source, String prefix) {
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
   * @param prefix as {@link WeightList#add} takes it
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

  public void checkShape(Parameter parameter, TensorSource source, String prefix) {
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

  /**
   * A tensor's numbers in float32 or float16, in memory that is the scope's: it goes with it, and
   * no mapping of the file outlives it.
   *
   * @param scope owns it
   */
  static PtNDArray array(StoredTensor tensor, NativeScope scope) {
    DataType type = tensor.dtype() == Dtype.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
    PtNDArray array = scope.empty(type, tensor.shape());
    if (tensor.elements() > 0) {
      fill(array.toByteBuffer(true).order(ByteOrder.nativeOrder()), tensor);
    }
    return array;
  }

  private static void fill(ByteBuffer into, StoredTensor tensor) {
    switch (tensor.dtype()) {
      // DJL has no bfloat16 arrays, and float64 is more than any model is served in. A bfloat16 is
      // the upper half of a float32.
      case BF16 -> inPieces(tensor, piece -> into.putInt(piece.getShort() << Short.SIZE));
      case F64 -> inPieces(tensor, piece -> into.putFloat((float) piece.getDouble()));
      default -> tensor.read(0, into);
    }
  }

  /** Reads a tensor's numbers one after the other. */
  private static void inPieces(StoredTensor tensor, Consumer<ByteBuffer> number) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < tensor.bytes(); at += PIECE) {
      piece.clear().limit((int) Math.min(PIECE, tensor.bytes() - at));
      tensor.read(at, piece);
      piece.flip();
      while (piece.hasRemaining()) {
        number.accept(piece);
      }
    }
  }
}

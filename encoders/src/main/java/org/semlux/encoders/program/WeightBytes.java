package org.semlux.encoders.program;

import java.util.List;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.TensorSource;

/**
 * Counts the memory that weights will take, and makes nothing of them. Not thread-safe.
 *
 * {@snippet lang=java :
 * ModelFolder folder = ModelFolder.open(Path.of("model"));
 * Network network = Networks.of(folder);
 * WeightBytes counted = new WeightBytes(Precision.BFLOAT16);
 * counted.add(network.parameters(), folder.weights(network.modules()), network.prefix());
 * System.out.println(counted.bytes() + " bytes, " + counted.largest() + " more while it loads");
 * }
 */
public final class WeightBytes implements WeightList {
  private final Precision precision;
  private long bytes;
  private long largest;
  private long widest;
  private long noted;

  /**
   * @param precision the one served, never AUTO
   */
  public WeightBytes(Precision precision) {
    this.precision = precision;
  }

  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    parameters.forEach(parameter -> add(parameter, parameter.shape()[0]));
  }

  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    add(parameter, Math.min(rows, parameter.shape()[0]));
  }

  private void add(Parameter parameter, long rowsAtOnce) {
    long rows = parameter.shape()[0];
    long depth = parameter.size() / rows;
    bytes += parameter.size() * served(parameter.role());
    largest = Math.max(largest, rowsAtOnce * depth * Float.BYTES);
    if (parameter.role() == Parameter.Role.LINEAR) {
      noted += Math.ceilDiv(rows, rowsAtOnce) * ObservedForm.bytes(depth);
      widest = Math.max(widest, rowsAtOnce);
    }
  }

  /** Bytes of a number as it is served. */
  private int served(Parameter.Role role) {
    return switch (role) {
      case EXACT, PLAIN -> Float.BYTES;
      case TABLE -> precision == Precision.INT8 ? Short.BYTES : Float.BYTES;
      case BIAS -> precision == Precision.BFLOAT16 ? Short.BYTES : Float.BYTES;
      case LINEAR ->
          switch (precision) {
            case INT8 -> Byte.BYTES;
            case BFLOAT16 -> Short.BYTES;
            default -> Float.BYTES;
          };
    };
  }

  /** Of all of them, as they are served. */
  public long bytes() {
    return bytes;
  }

  /** Of the largest one that is read at once, in float32. */
  public long largest() {
    return largest;
  }

  /** Of what is noted of all products' operands, to round their weights by. */
  public long noted() {
    return noted;
  }

  /** Numbers of the widest product's rows. */
  public long widest() {
    return widest;
  }
}

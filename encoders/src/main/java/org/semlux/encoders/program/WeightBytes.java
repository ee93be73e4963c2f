package org.semlux.encoders.program;

import java.util.List;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.TensorSource;

/** Counts the memory that weights will take, and makes nothing of them. Not thread-safe. */
public final class WeightBytes implements WeightList {
  private final Precision precision;
  private long bytes;
  private long largest;
  private long widest;
  private long moments;

  /**
   * @param precision the one served, never AUTO
   */
  public WeightBytes(Precision precision) {
    this.precision = precision;
  }

  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    parameters.forEach(parameter -> add(parameter, parameter.size()));
  }

  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    long tile = Math.min(rows, parameter.shape()[0]);
    add(parameter, parameter.size() / parameter.shape()[0] * tile);
  }

  private void add(Parameter parameter, long readAtOnce) {
    bytes += parameter.size() * served(parameter.role());
    largest = Math.max(largest, readAtOnce * Float.BYTES);
    if (parameter.role() == Parameter.Role.LINEAR) {
      long tile = parameter.size() / readAtOnce;
      long depth = parameter.size() / parameter.shape()[0];
      moments += depth * depth * Float.BYTES / tile;
      widest = Math.max(widest, parameter.shape()[0] / tile);
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
  public long moments() {
    return moments;
  }

  /** Numbers of the widest product's rows. */
  public long widest() {
    return widest;
  }
}

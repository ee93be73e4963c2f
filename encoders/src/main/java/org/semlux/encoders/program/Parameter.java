package org.semlux.encoders.program;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.semlux.encoders.folder.TensorSource;

/**
 * A tensor that a program takes.
 *
 * @param names where it is stored; several are joined along their first dimension, as query, key
 *     and value are for one product
 * @param otherNames what else files call it; empty where they agree
 * @param role how it is prepared
 * @param shape what the config promises, after joining
 */
public record Parameter(List<String> names, List<String> otherNames, Role role, long... shape) {
  /** What a parameter is for, and so the form it is served in. */
  public enum Role {
    /** The weight of a matrix product, {@code [out, in]}: packed, in the served precision. */
    LINEAR,
    /** The same for a product of few rows or much depth: packed, in float32. */
    EXACT,
    /** Added to a product: in the served precision. */
    BIAS,
    /** Looked up or normalised with: float32. */
    PLAIN,
    /** Rows that are looked up, mostly a model's largest part: float32, with int8 in two bytes. */
    TABLE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Parameter(List<String> names, Role role, long... shape) {
    this(names, List.of(), role, shape);
  }

  /** The same under the names that a source has for it. */
  Parameter in(TensorSource source, String prefix) {
    boolean other =
        !otherNames.isEmpty()
            && WeightReader.stored(names.get(0), source, prefix).isEmpty()
            && WeightReader.stored(otherNames.get(0), source, prefix).isPresent();
    return other ? new Parameter(otherNames, names, role, shape) : this;
  }

  /** Parameters under the names that a source has for them. */
  public static List<Parameter> in(List<Parameter> all, TensorSource source, String prefix) {
    return all.stream().map(parameter -> parameter.in(source, prefix)).toList();
  }

  public static Parameter linear(String name, long out, long in) {
    return new Parameter(List.of(name), Role.LINEAR, out, in);
  }

  public static Parameter exact(String name, long out, long in) {
    return new Parameter(List.of(name), Role.EXACT, out, in);
  }

  public static Parameter bias(String name, long size) {
    return new Parameter(List.of(name), Role.BIAS, size);
  }

  public static Parameter table(String name, long rows, long width) {
    return new Parameter(List.of(name), Role.TABLE, rows, width);
  }

  public static Parameter plain(String name, long... shape) {
    return new Parameter(List.of(name), Role.PLAIN, shape);
  }

  /** Numbers in it. */
  public long size() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  @Override
  public String toString() {
    return String.join(" + ", names) + " " + Arrays.toString(shape);
  }
}

package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.Map;

/**
 * Integers of eight bits by output channel, smoothed, in the fragments {@code weights-int8}, {@code
 * token-products-int8} and {@link IntegerProducts}.
 *
 * @param largest number that each channel of an operand has, by the weight's place in the program's
 *     list
 */
public record Int8Form(Map<Integer, float[]> largest) implements ProductForm {
  @Override
  public String fragment() {
    return "token-products-int8";
  }

  @Override
  public int companions() {
    return 3;
  }

  @Override
  public List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope) {
    float[] seen = largest.get(place);
    IValue smoothing = scope.own(program.run("smoothing", parts, scope.floats(seen, seen.length)));
    IValue scales = scope.own(program.run("scales", parts, smoothing));
    try (NativeScope passing = new NativeScope()) {
      IValue integers = passing.own(program.run("integers", parts, smoothing, scales));
      IValue sums = scope.own(program.run("sums", integers, scales));
      IValue packed = scope.own(program.run("pack_integers", integers));
      return List.of(packed, smoothing, scales, sums);
    }
  }

  @Override
  public String role(Parameter.Role role) {
    return role == Parameter.Role.TABLE ? "halved" : ProductForm.super.role(role);
  }
}

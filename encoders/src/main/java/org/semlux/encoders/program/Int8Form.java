package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.List;

/**
 * Integers of eight bits by output channel, smoothed, in the fragments {@code weights-int8}, {@code
 * token-products-int8} and {@link IntegerProducts}.
 *
 * @param observed what is known of the operands; its weights are not closed yet
 */
public record Int8Form(ObservedForm observed) implements ProductForm {
  @Override
  public String fragment() {
    return "token-products-int8";
  }

  @Override
  public int companions() {
    return 5;
  }

  @Override
  public List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope) {
    ObservedForm.Operand operand = observed.operand(place);
    IValue largest = operand.largest();
    IValue moments = operand.moments();
    IValue wide = scope.own(program.run("wide_channels", parts, largest, moments));
    IValue smoothing = scope.own(program.run("smoothing", parts, largest, moments, wide));
    IValue scales = scope.own(program.run("scales", parts, smoothing));
    try (NativeScope passing = new NativeScope()) {
      IValue integers = passing.own(program.run("integers", parts, smoothing, scales, moments));
      IValue exact = scope.own(program.run("exact", parts, integers, scales, wide));
      IValue terms =
          scope.own(program.run("terms", parts, smoothing, scales, integers, operand.sample()));
      IValue packed = scope.own(program.run("pack_integers", integers));
      return List.of(packed, smoothing, scales, wide, exact, terms);
    }
  }

  @Override
  public String role(Parameter.Role role) {
    return role == Parameter.Role.TABLE ? "halved" : ProductForm.super.role(role);
  }
}

package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link ProductForm#PACKED}, where each product notes the largest number of each of its operand's
 * channels. For one thread.
 */
public final class ObservedForm implements ProductForm {
  private final Map<Integer, IValue> largest = new TreeMap<>();

  @Override
  public String fragment() {
    return "token-products-observed";
  }

  @Override
  public int companions() {
    return 1;
  }

  @Override
  public List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope) {
    List<IValue> all = new ArrayList<>(PACKED.prepare(program, parts, place, scope));
    IValue zeros = scope.own(program.run("nothing_seen", parts));
    largest.put(place, zeros);
    all.add(zeros);
    return all;
  }

  /** What has been seen so far, by the weight's place in the program's list. */
  public Map<Integer, float[]> largest() {
    Map<Integer, float[]> seen = new TreeMap<>();
    try (NativeScope scope = new NativeScope()) {
      largest.forEach((place, tensor) -> seen.put(place, scope.toFloats(tensor)));
    }
    return seen;
  }
}

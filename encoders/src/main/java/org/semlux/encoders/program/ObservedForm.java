package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@link ProductForm#PACKED}, where each product notes of its operand what {@link Int8Form} needs.
 * For one thread. What was noted is there until the weights are closed.
 *
 * {@snippet lang=java :
 * ObservedForm observed = new ObservedForm();
 * observed.fragment(); // "token-products-observed": a program that has it notes operands
 * ProductForm rounded = new Int8Form(observed); // the same model's, once it has read some texts
 * }
 */
public final class ObservedForm implements ProductForm {
  private static final long BLOCK = 768; // as the fragment has it
  private static final long SAMPLE = 256;

  private final Map<Integer, Operand> operands = new TreeMap<>();

  /**
   * What was seen of a product's operand.
   *
   * @param largest number of each channel {@code [in]}
   * @param moments sums of products of neighbouring channels {@code [blocks, size, size]}
   * @param sample some rows {@code [256, in]}, 0 where there were fewer
   */
  record Operand(IValue largest, IValue moments, IValue sample) {}

  @Override
  public String fragment() {
    return "token-products-observed";
  }

  @Override
  public int companions() {
    return 3;
  }

  @Override
  public List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope) {
    List<IValue> all = new ArrayList<>(PACKED.prepare(program, parts, place, scope));
    for (String what : List.of("largest", "moments", "sample")) {
      all.add(scope.own(program.run("no_" + what, parts)));
    }
    operands.put(place, new Operand(all.get(1), all.get(2), all.get(3)));
    return all;
  }

  /** What is noted of an operand of so many channels. */
  static long bytes(long channels) {
    long block = Math.min(channels, BLOCK);
    long blocks = Math.ceilDiv(channels, block);
    return (blocks * block * block + SAMPLE * channels) * Float.BYTES;
  }

  /** What was seen so far, by the weight's place in the program's list. */
  Operand operand(int place) {
    return operands.get(place);
  }
}

package org.semlux.training.train;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.semlux.encoders.program.NativeScope;

/**
 * Random numbers that many steps share, since drawing them took half of a step: each use takes them
 * from a random place on, see the fragment {@code training}. What a step drops depends on the seed,
 * its number and the number of parts alone, so that a resumed run drops what an unbroken one did.
 */
final class DropoutPools {
  /** More than most uses take; a larger one takes several pieces. */
  private static final int SIZE = 1 << 22;

  /** Steps between two drawings, which cost some 20 ms. */
  private static final int STEPS = 32;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final double rate;
  private final long seed;
  private final FloatBuffer uniform;
  private final FloatBuffer masks;
  private final PtNDArray uniformArray;
  private final PtNDArray masksArray;
  private final NativeScope scope;
  private final List<ByteBuffer> states = new ArrayList<>();
  private final List<PtNDArray> stateArrays = new ArrayList<>();
  private long drawn = -1;

  /**
   * @param rate of the masks, 0 for none
   */
  DropoutPools(NativeScope scope, double rate, int parts, long seed) {
    this.scope = scope;
    this.rate = rate;
    this.seed = seed;
    ByteBuffer numbers = buffer(Float.BYTES * SIZE);
    uniform = numbers.asFloatBuffer();
    uniformArray = scope.array(numbers, DataType.FLOAT32, SIZE);
    ByteBuffer made = buffer(Float.BYTES * SIZE);
    masks = made.asFloatBuffer();
    masksArray = scope.array(made, DataType.FLOAT32, SIZE);
    grow(parts);
  }

  private void grow(int parts) {
    while (states.size() < parts) {
      ByteBuffer state = buffer(Long.BYTES);
      states.add(state);
      stateArrays.add(scope.array(state, DataType.INT64));
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** What the program takes for a part of a batch: uniform numbers, masks, the state of places. */
  List<PtNDArray> arrays(int part) {
    return List.of(uniformArray, masksArray, stateArrays.get(part));
  }

  /** Where the next numbers come from, for each part. */
  long[] places() {
    return states.stream().mapToLong(state -> state.getLong(0)).toArray();
  }

  /** Goes back there, so that the same numbers come again. */
  void back(long[] places) {
    for (int i = 0; i < places.length; i++) {
      states.get(i).putLong(0, places[i]);
    }
  }

  /** Makes all those of a step, of batches of at most so many parts. */
  void prepare(long step, int parts) {
    grow(parts);
    prepare(step);
  }

  /** Makes all those of a step. */
  void prepare(long step) {
    SplittableRandom places = new SplittableRandom(seed ^ (step * GOLDEN));
    states.forEach(state -> state.putLong(0, places.nextLong()));
    if (step / STEPS != drawn) {
      drawn = step / STEPS;
      draw(new SplittableRandom(~seed ^ (drawn * GOLDEN)));
    }
  }

  private void draw(SplittableRandom random) {
    float kept = (float) (1 / (1 - rate));
    for (int i = 0; i < SIZE; i++) {
      float number = (random.nextInt() >>> Byte.SIZE) * 0x1p-24f;
      uniform.put(i, number);
      masks.put(i, number < rate ? 0 : kept);
    }
  }
}

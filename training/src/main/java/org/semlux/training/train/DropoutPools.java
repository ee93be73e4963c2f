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
 * its number and the number of threads alone, so that a resumed run drops what the uninterrupted
 * one did.
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
  private final List<ByteBuffer> states = new ArrayList<>();
  private final List<PtNDArray> stateArrays = new ArrayList<>();
  private long drawn = -1;

  /**
   * @param rate of the masks, 0 for none
   */
  DropoutPools(NativeScope scope, double rate, int threads, long seed) {
    this.rate = rate;
    this.seed = seed;
    ByteBuffer numbers = buffer(Float.BYTES * SIZE);
    uniform = numbers.asFloatBuffer();
    uniformArray = scope.array(numbers, DataType.FLOAT32, SIZE);
    ByteBuffer made = buffer(Float.BYTES * SIZE);
    masks = made.asFloatBuffer();
    masksArray = scope.array(made, DataType.FLOAT32, SIZE);
    for (int i = 0; i < threads; i++) {
      ByteBuffer state = buffer(Long.BYTES);
      states.add(state);
      stateArrays.add(scope.array(state, DataType.INT64));
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** What a thread's program takes: uniform numbers, masks, and the state of places. */
  List<PtNDArray> arrays(int thread) {
    return List.of(uniformArray, masksArray, stateArrays.get(thread));
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

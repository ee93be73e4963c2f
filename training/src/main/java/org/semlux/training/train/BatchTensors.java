package org.semlux.training.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.text.TokenBatch;

/** What a training program takes: batches and numbers, as its arguments. */
final class BatchTensors {
  private BatchTensors() {}

  /**
   * The first arguments of the method {@code answer}: tokens {@code [4, tokens]}, which are ids,
   * positions, types and rows of the word vectors' table; sequences {@code [3, sequences]}, which
   * are lengths, leading tokens that pooling leaves out and unseen ones at the end; groups {@code
   * [3 * groups]}.
   */
  static NDList of(TokenBatch batch, IntUnaryOperator rowOf, NativeScope scope) {
    int count = batch.tokens();
    int[] tokens = batch.tokenRows(4);
    for (int i = 0; i < count; i++) {
      tokens[3 * count + i] = rowOf.applyAsInt(batch.ids()[i]);
    }
    int texts = batch.sequences();
    int[] sequences = batch.sequenceRows();
    int[] groups =
        batch.groups().stream()
            .flatMapToInt(group -> IntStream.of(group.sequences(), group.longest(), group.tokens()))
            .toArray();
    return new NDList(
        ints(scope, tokens, 4, count), ints(scope, sequences, 3, texts), ints(scope, groups));
  }

  static PtNDArray ints(NativeScope scope, int[] numbers) {
    return ints(scope, numbers, numbers.length);
  }

  private static PtNDArray ints(NativeScope scope, int[] numbers, long... shape) {
    ByteBuffer data = buffer(numbers.length * Integer.BYTES);
    data.asIntBuffer().put(numbers);
    return scope.array(data, DataType.INT32, shape);
  }

  static PtNDArray floats(NativeScope scope, float... numbers) {
    ByteBuffer data = buffer(numbers.length * Float.BYTES);
    data.asFloatBuffer().put(numbers);
    return scope.array(data, DataType.FLOAT32, numbers.length);
  }

  /** A matrix, row by row. */
  static PtNDArray floats(NativeScope scope, float[] numbers, int rows) {
    ByteBuffer data = buffer(numbers.length * Float.BYTES);
    data.asFloatBuffer().put(numbers);
    return scope.array(data, DataType.FLOAT32, rows, numbers.length / rows);
  }

  /**
   * Tells a program which of its arguments an array is.
   *
   * @param name empty: by its place alone
   */
  static <T extends NDArray> T named(String name, T array) {
    array.setName(name.isEmpty() ? null : name);
    return array;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}

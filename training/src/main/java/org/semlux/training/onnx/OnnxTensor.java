package org.semlux.training.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.semlux.encoders.folder.Dtype;
import org.semlux.encoders.folder.StoredTensor;

/**
 * A tensor of an ONNX graph, not loaded yet.
 *
 * @param shape outermost dimension first; empty for a scalar
 * @param data where the numbers are: little-endian, row by row
 */
record OnnxTensor(String name, Dtype dtype, long[] shape, Data data) {
  /** Numbers that are fetched when somebody needs them. */
  interface Data {
    /** Bytes. */
    long length();

    ByteBuffer open() throws IOException;
  }

  /** A stretch of a file, mapped into memory when it is opened. */
  record Region(Path file, long offset, long length) implements Data {
    @Override
    public ByteBuffer open() throws IOException {
      try (FileChannel channel = FileChannel.open(file)) {
        return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
      }
    }
  }

  /** Numbers that the graph holds in single fields, as it does for small constants. */
  record Decoded(byte[] bytes) implements Data {
    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public ByteBuffer open() {
      return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
  }

  /** The numbers as they are stored. */
  StoredTensor load(String as) throws IOException {
    return new StoredTensor(as, dtype, shape, data.open().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** The numbers of a matrix with rows and columns exchanged, in memory of their own. */
  StoredTensor loadTransposed(String as) throws IOException {
    ByteBuffer from = data.open();
    int rows = Math.toIntExact(shape[0]);
    int columns = Math.toIntExact(shape[1]);
    int width = dtype.bytes();
    ByteBuffer to = ByteBuffer.allocate(from.remaining());
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        to.put((column * rows + row) * width, from, (row * columns + column) * width, width);
      }
    }
    return new StoredTensor(
        as,
        dtype,
        new long[] {columns, rows},
        to.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** The numbers of a small constant, whatever their format. */
  double[] toDoubles() throws IOException {
    ByteBuffer numbers = data.open().order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[Math.toIntExact(StoredTensor.elements(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case F64 -> numbers.getDouble();
            // Through the decimal text: 1e-12f widened is 9.99999996e-13.
            case F32 -> Double.parseDouble(Float.toString(numbers.getFloat()));
            case F16 -> Float.float16ToFloat(numbers.getShort());
            case BF16 -> Float.intBitsToFloat(numbers.getShort() << Short.SIZE);
            case I64 -> numbers.getLong();
            case I32 -> numbers.getInt();
            case I16 -> numbers.getShort();
            case I8 -> numbers.get();
            case U8, BOOL -> Byte.toUnsignedInt(numbers.get());
          };
    }
    return values;
  }
}

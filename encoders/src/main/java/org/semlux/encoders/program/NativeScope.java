package org.semlux.encoders.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The one owner of a batch's native memory: every array and value is made or adopted here and freed
 * by {@link #close()}. Not thread-safe: one scope belongs to one thread at a time.
 *
 * {@snippet lang=java :
 * try (NativeScope scope = new NativeScope()) {
 *   float[] same = scope.toFloats(scope.floats(new float[] {1, 2, 3, 4}, 2, 2)); // row by row
 * }
 * }
 */
public final class NativeScope implements AutoCloseable {
  private final PtNDManager manager = Torch.newManager();
  private final List<IValue> values = new ArrayList<>();
  private int arrays;

  public NativeScope() {
    Torch.OPEN_HANDLES.incrementAndGet();
  }

  /** An int32 tensor that copies {@code data}. */
  public IValue ints(int[] data, long... shape) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(data.length * Integer.BYTES).order(ByteOrder.nativeOrder());
    buffer.asIntBuffer().put(data);
    return tensor(buffer, DataType.INT32, shape);
  }

  /** A float32 tensor that copies {@code data}. */
  public IValue floats(float[] data, long... shape) {
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(data.length * Float.BYTES).order(ByteOrder.nativeOrder());
    buffer.asFloatBuffer().put(data);
    return tensor(buffer, DataType.FLOAT32, shape);
  }

  /** A tensor of bytes, signed or not, that copies {@code data}. */
  public IValue bytes(byte[] data, boolean signed, long... shape) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(data.length).order(ByteOrder.nativeOrder());
    buffer.put(data).flip();
    return tensor(buffer, signed ? DataType.INT8 : DataType.UINT8, shape);
  }

  private IValue tensor(ByteBuffer buffer, DataType type, long... shape) {
    return own(IValue.from(array(buffer, type, shape)));
  }

  /** A tensor over the memory of a direct buffer, which it keeps alive: nothing is copied. */
  public PtNDArray array(ByteBuffer buffer, DataType type, long... shape) {
    Torch.OPEN_HANDLES.incrementAndGet();
    arrays++;
    return manager.create(buffer, new Shape(shape), type);
  }

  /** A tensor whose numbers are yet to be written. */
  PtNDArray empty(DataType type, long... shape) {
    Torch.OPEN_HANDLES.incrementAndGet();
    arrays++;
    return manager.create(new Shape(shape), type);
  }

  /** Takes over a value, such as a program's result. */
  public IValue own(IValue value) {
    Torch.OPEN_HANDLES.incrementAndGet();
    values.add(value);
    return value;
  }

  /** The float32 numbers of a tensor, row by row. */
  public float[] toFloats(IValue value) {
    return adopt(value).toFloatArray();
  }

  /** The int32 numbers of a tensor, row by row. */
  public int[] toInts(IValue value) {
    return adopt(value).toIntArray();
  }

  /** How DJL is told which method to run. */
  NDArray methodName(String method) {
    NDArray name = manager.create(0);
    name.setName("module_method:" + method);
    return name;
  }

  /** Takes over tensors that were made by this scope's arguments. */
  NDList adopt(NDList list) {
    Torch.OPEN_HANDLES.addAndGet(list.size());
    arrays += list.size();
    list.attach(manager);
    return list;
  }

  private PtNDArray adopt(IValue value) {
    Torch.OPEN_HANDLES.incrementAndGet();
    arrays++;
    return value.toTensor(manager);
  }

  @Override
  public void close() {
    values.forEach(IValue::close);
    manager.close();
    Torch.OPEN_HANDLES.addAndGet(-1L - values.size() - arrays);
    values.clear();
    arrays = 0;
  }
}

package org.semlux.encoders.program;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.semlux.encoders.api.ModelException;

/**
 * A compiled TorchScript program. It holds no weights: they are arguments, so that one text serves
 * any model of its shape. What a shader is to a graphics library, this is to PyTorch: one native
 * call a batch, with every operator that PyTorch has. Thread-safe.
 *
 * {@snippet lang=java :
 * String twice =
 *     "  def twice(self: __torch__.Program, x: Tensor) -> Tensor:\n    return torch.mul(x, 2)\n";
 * try (Program program = Program.compile(ProgramText.empty().append(twice));
 *     NativeScope scope = new NativeScope()) {
 *   var x = scope.floats(new float[] {1, 2}, 2);
 *   scope.toFloats(scope.own(program.run("twice", x))); // 2, 4
 * }
 * }
 */
public final class Program implements AutoCloseable {
  /** Shared by whatever computes; the end of the process has it alone. */
  private static final ReadWriteLock COMPUTING = new ReentrantReadWriteLock();

  private final PtNDManager manager;
  // The native module lives as long as this block is reachable.
  private final PtSymbolBlock block;

  private Program(PtNDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
    Torch.OPEN_HANDLES.incrementAndGet();
  }

  /**
   * Compiles a text in memory.
   *
   * @throws IOException when PyTorch cannot read the archive; a text with a mistake fails with
   *     PyTorch's own message
   */
  public static Program compile(ProgramText text) throws IOException {
    PtNDManager manager = Torch.newManager();
    byte[] archive = ProgramArchive.of(text.toString());
    COMPUTING.readLock().lock();
    try {
      return new Program(
          manager, JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false));
    } catch (EngineException e) {
      manager.close();
      throw failure("be compiled", e);
    } finally {
      COMPUTING.readLock().unlock();
    }
  }

  /**
   * Runs a method on the calling thread, which becomes a single-threaded worker. No gradients.
   *
   * @return the method's result; the caller closes it, best through {@link NativeScope#own}
   */
  public IValue run(String method, IValue... arguments) {
    Torch.prepareThread();
    COMPUTING.readLock().lock();
    try {
      return IValueUtils.runMethod(block, method, arguments);
    } catch (EngineException e) {
      throw failure("run", e);
    } finally {
      COMPUTING.readLock().unlock();
    }
  }

  /** PyTorch's own sentence, which stands before or behind its trace and our program's text. */
  private static IllegalStateException failure(String what, EngineException e) {
    List<String> lines =
        String.valueOf(e.getMessage())
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    String first = lines.isEmpty() ? "" : lines.get(0);
    String reason =
        lines.stream().filter(line -> line.startsWith("RuntimeError:")).findFirst().orElse(first);
    return new IllegalStateException(
        "the model's program cannot " + what + ": " + ModelException.brief(reason));
  }

  /**
   * Runs a method on the calling thread with gradients, so that it may ask for them.
   * Single-threaded as {@link #run}.
   *
   * @param arguments in the method's order; those that share a name such as {@code w[]} make one
   *     list
   * @param scope owns the result's tensors
   */
  public NDList train(String method, NDList arguments, NativeScope scope) {
    Torch.prepareTraining();
    NDArray name = scope.methodName(method);
    NDList all = new NDList(name);
    all.addAll(arguments);
    COMPUTING.readLock().lock();
    try {
      return scope.adopt(IValueUtils.forward(block, all, true));
    } finally {
      COMPUTING.readLock().unlock();
    }
  }

  /**
   * Waits for what computes in this process, on whatever thread, and lets nothing begin any more:
   * who wants to compute then waits for ever. For the end of a process, be it by a signal: PyTorch
   * takes its tables apart at exit, and what still computes then would crash.
   */
  public static void endAll() {
    COMPUTING.writeLock().lock();
  }

  @Override
  public void close() {
    block.close();
    manager.close();
    Torch.OPEN_HANDLES.decrementAndGet();
  }
}

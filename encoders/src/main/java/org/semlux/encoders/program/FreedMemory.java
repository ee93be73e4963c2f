package org.semlux.encoders.program;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory that native code has freed. glibc keeps it for the process's next requests, which after a
 * model is closed may never come; {@code malloc_trim} gives it back to the system.
 *
 * {@snippet lang=java :
 * try (Encoder encoder = Encoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   System.out.println(encoder.info());
 * }
 * FreedMemory.giveBack(); // the process is as small again as before
 * }
 */
public final class FreedMemory {
  private static final Optional<MethodHandle> TRIM = find();
  private static final long SECOND = 1_000_000_000;
  private static final AtomicLong LAST = new AtomicLong(System.nanoTime());

  /** Of the time may be spent on it; what must be asked for anew costs as much again. */
  private static final int ONE_PART_IN = 100;

  /** It is done by then whatever it takes: once it may have waited for a core. */
  private static final long LATEST = 5 * SECOND;

  private static volatile long took;

  private FreedMemory() {}

  /** Does nothing where there is no such function, as outside of Linux. Takes some milliseconds. */
  public static void giveBack() {
    if (TRIM.isPresent()) {
      try {
        int unused = (int) TRIM.get().invokeExact(0L);
      } catch (Throwable e) {
        throw new AssertionError("malloc_trim throws nothing", e);
      }
    }
  }

  /**
   * The same for work that frees much again and again, no more than once in so many seconds in the
   * process: tensors of many sizes leave gaps that no other fits into, and memory would grow for as
   * long as such work goes on. What is given back must be asked for and cleared again: that costs
   * serving some 7 ms, and a step of training half a second. Where much else is allocated, as in a
   * node, it takes 40 ms, and waits up to five seconds.
   */
  public static void giveBackEvery(int seconds) {
    long last = LAST.get();
    long now = System.nanoTime();
    if (now - last > Math.max(seconds * SECOND, Math.min(ONE_PART_IN * took, LATEST))
        && LAST.compareAndSet(last, now)) {
      giveBack();
      took = System.nanoTime() - now;
    }
  }

  /** By reflection: the class library has this as a whole since Java 22, and we ask for 21. */
  private static Optional<MethodHandle> find() {
    try {
      Class<?> linkers = Class.forName("java.lang.foreign.Linker");
      Class<?> options = Class.forName("java.lang.foreign.Linker$Option");
      Class<?> segments = Class.forName("java.lang.foreign.MemorySegment");
      Class<?> layouts = Class.forName("java.lang.foreign.MemoryLayout");
      Class<?> values = Class.forName("java.lang.foreign.ValueLayout");
      Class<?> functions = Class.forName("java.lang.foreign.FunctionDescriptor");
      Object linker = linkers.getMethod("nativeLinker").invoke(null);
      Object lookup = linkers.getMethod("defaultLookup").invoke(linker);
      Method find = Class.forName("java.lang.foreign.SymbolLookup").getMethod("find", String.class);
      Optional<?> function = (Optional<?>) find.invoke(lookup, "malloc_trim");
      if (function.isEmpty()) {
        return Optional.empty();
      }
      Object arguments = Array.newInstance(layouts, 1);
      Array.set(arguments, 0, values.getField("JAVA_LONG").get(null));
      Object descriptor =
          functions
              .getMethod("of", layouts, arguments.getClass())
              .invoke(null, values.getField("JAVA_INT").get(null), arguments);
      Object none = Array.newInstance(options, 0);
      return Optional.of(
          (MethodHandle)
              linkers
                  .getMethod("downcallHandle", segments, functions, none.getClass())
                  .invoke(linker, function.get(), descriptor, none));
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return Optional.empty(); // not allowed here, or no such class yet
    }
  }
}

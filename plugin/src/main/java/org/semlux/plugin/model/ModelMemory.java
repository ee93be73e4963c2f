package org.semlux.plugin.model;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.elasticsearch.common.unit.ByteSizeValue;
import org.elasticsearch.monitor.jvm.JvmInfo;
import org.elasticsearch.monitor.os.OsProbe;

/**
 * The memory outside of the heap that a node's models may take together. Each reserves what it will
 * need before it is loaded, so that none is begun with that the machine cannot hold. Thread-safe.
 */
public final class ModelMemory {
  /** A model does not fit; it may later. */
  static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean passes;

    NoRoomException(String message, boolean passes) {
      super(message);
      this.passes = passes;
    }

    /** Whether it will fit once models that are loading or going have given back what they hold. */
    boolean passes() {
      return passes;
    }
  }

  /** What one model holds. */
  final class Reservation implements AutoCloseable {
    private final long batches;
    private long bytes;
    private boolean passing = true;

    private Reservation(long bytes, long batches) {
      this.bytes = bytes;
      this.batches = batches;
    }

    /** Of the model alone, without its batches. */
    long bytes() {
      synchronized (ModelMemory.this) {
        return bytes;
      }
    }

    /** Keeps less, once a model is loaded. */
    void shrinkTo(long fewer) {
      Runnable listener;
      synchronized (ModelMemory.this) {
        passing = false;
        bytes = Math.min(bytes, fewer);
        listener = whenRoom;
      }
      listener.run();
    }

    /** The model goes as soon as it has answered what it was asked. */
    void retire() {
      synchronized (ModelMemory.this) {
        passing = true;
      }
    }

    @Override
    public void close() {
      Runnable listener;
      synchronized (ModelMemory.this) {
        held.remove(this);
        listener = whenRoom;
      }
      listener.run();
    }
  }

  /**
   * What Java and PyTorch take beside heap and models: direct buffers, code, threads, libraries.
   */
  private static final long OTHERS = ByteSizeValue.ofMb(512).getBytes();

  private final Set<Reservation> held = new HashSet<>();
  private long limit;
  private Runnable whenRoom = () -> {};

  /**
   * @param limit in bytes
   */
  public ModelMemory(long limit) {
    this.limit = limit;
  }

  /**
   * What there is unless a setting says otherwise: the machine's memory, or the container's where
   * that has less, without the heap and what else the process takes.
   */
  public static ByteSizeValue defaultLimit() {
    OsProbe machine = OsProbe.getInstance();
    return defaultLimit(
        machine.getAdjustedTotalMemorySize(),
        machine.getCgroupMemoryLimitInBytes(),
        JvmInfo.jvmInfo().getMem().getHeapMax().getBytes());
  }

  /**
   * @param machine bytes; 0 where they are not known
   * @param container bytes that a cgroup allows; empty where it allows all
   */
  static ByteSizeValue defaultLimit(long machine, OptionalLong container, long heap) {
    long all = machine == 0 ? Long.MAX_VALUE : machine;
    return ByteSizeValue.ofBytes(
        Math.max(0, Math.min(all, container.orElse(Long.MAX_VALUE)) - heap - OTHERS));
  }

  /** Runs whenever there is more room than before; it must not wait. */
  synchronized void whenRoom(Runnable listener) {
    whenRoom = listener;
  }

  public void limit(long bytes) {
    Runnable listener;
    synchronized (this) {
      limit = bytes;
      listener = whenRoom;
    }
    listener.run();
  }

  public synchronized long limit() {
    return limit;
  }

  /** Bytes that all models hold, with batches on all threads. */
  public synchronized long reserved() {
    return reservedWith(0, one -> true);
  }

  /** Models run their batches on the same threads: the largest ones count, once. */
  private long reservedWith(long batches, Predicate<Reservation> counted) {
    List<Reservation> those = held.stream().filter(counted).toList();
    long all = those.stream().mapToLong(one -> one.bytes).sum();
    return all + Math.max(batches, those.stream().mapToLong(one -> one.batches).max().orElse(0));
  }

  /**
   * Takes room for a model.
   *
   * @param bytes of its own
   * @param batches bytes of batches, which all models share
   * @throws NoRoomException where there is none, saying need and room
   */
  synchronized Reservation reserve(long bytes, long batches) throws NoRoomException {
    long before = reserved();
    long need = bytes + reservedWith(batches, one -> true) - before;
    long room = Math.max(0, limit - before);
    if (need > room) {
      long needThen = bytes + reservedWith(batches, one -> !one.passing);
      throw new NoRoomException(
          "it needs "
              + ByteSizeValue.ofBytes(need)
              + " of memory outside of the heap, "
              + ByteSizeValue.ofBytes(room)
              + " of "
              + ByteSizeValue.ofBytes(limit)
              + " are left: undeploy other models, or raise semlux.memory.limit",
          needThen <= limit);
    }
    Reservation reservation = new Reservation(bytes, batches);
    held.add(reservation);
    return reservation;
  }
}

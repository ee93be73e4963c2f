package org.semlux.encoders.program;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.semlux.encoders.api.Precision;

/**
 * Which precision this machine multiplies fastest: a model's products in each, measured once a
 * process. No CPU's flags tell it: many claim bfloat16 and are several times slower in it, since it
 * is emulated. Thread-safe; the first caller waits for the measurement, some tens of milliseconds.
 *
 * {@snippet lang=java :
 * FastestPrecision.SERVING.resolve(Precision.AUTO); // BFLOAT16, where that is faster here
 * FastestPrecision.SERVING.comparison(); // "bfloat16 is 1.9 times as fast as float32 here"
 * }
 */
public final class FastestPrecision {
  /** As models are served. */
  public static final FastestPrecision SERVING =
      new FastestPrecision(LayerProducts::served, FastestPrecision::threadNanos);

  /** As models are trained, which other operators do; for training, which has their fragment. */
  public static final FastestPrecision TRAINING =
      new FastestPrecision(LayerProducts::trained, FastestPrecision::threadNanos);

  /**
   * What bfloat16 has to gain: its answers differ from the reference's. Products that gain less
   * would bring a whole model less than 5%.
   */
  static final double WORTH = 1.1;

  /** Native bfloat16 is never this slow beside float32. */
  private static final double EMULATED = 0.8;

  /** As many rounds as fit into so much time, within bounds. */
  private static final long BUDGET_NANOS = 60_000_000;

  private static final int FEWEST_ROUNDS = 2;
  private static final int MOST_ROUNDS = 20;

  /** Some products, ready to be made again and again on one thread. */
  interface Products extends AutoCloseable {
    void run();

    @Override
    void close();
  }

  private final Function<Precision, Products> products;
  private final LongSupplier nanos;
  private Optional<Double> measured = Optional.empty();

  FastestPrecision(Function<Precision, Products> products, LongSupplier nanos) {
    this.products = products;
    this.nanos = nanos;
  }

  /** What this thread has computed: other work on the machine takes none of it. */
  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** What {@link Precision#AUTO} means on this machine; the others are themselves. */
  public Precision resolve(Precision wanted) {
    if (wanted != Precision.AUTO) {
      return wanted;
    }
    return speed() >= WORTH ? Precision.BFLOAT16 : Precision.FLOAT32;
  }

  /**
   * Why a model computes in a precision, in a few words.
   *
   * @param asked what its loader was asked for
   * @param used what it computes in, never AUTO
   */
  public String reason(Precision asked, Precision used) {
    if (used != resolve(asked)) {
      return "all that this model computes in";
    }
    return asked == Precision.AUTO ? comparison() : slowness(used).orElse("asked for");
  }

  /** Why a precision is no gain on this machine; empty where it is one. */
  public Optional<String> slowness(Precision used) {
    return used == Precision.BFLOAT16 && speed() < WORTH
        ? Optional.of(comparison())
        : Optional.empty();
  }

  /** bfloat16 beside float32, such as "bfloat16 is 1.9 times as fast as float32 here". */
  public String comparison() {
    double speed = speed();
    if (speed >= WORTH) {
      return String.format(Locale.ROOT, "bfloat16 is %.1f times as fast as float32 here", speed);
    }
    if (speed >= EMULATED) {
      return String.format(Locale.ROOT, "bfloat16 is %.2f times as fast as float32 here", speed);
    }
    return speed == 0
        ? "bfloat16 does not run here"
        : String.format(
            Locale.ROOT, "bfloat16 is emulated here, at %.2f of float32's speed", speed);
  }

  /** How many times as fast as float32 bfloat16 is; 0 where it does not run at all. */
  private synchronized double speed() {
    if (measured.isEmpty()) {
      measured = Optional.of(measure());
    }
    return measured.get();
  }

  /** In turns, and the best of each: caches that others use delay some rounds, not all. */
  private double measure() {
    try (Products float32 = products.apply(Precision.FLOAT32)) {
      return speedBeside(float32);
    }
  }

  private double speedBeside(Products float32) {
    try (Products bfloat16 = products.apply(Precision.BFLOAT16)) {
      float32.run(); // what oneDNN prepares once a shape
      bfloat16.run();
      long bestFloat32 = Long.MAX_VALUE;
      long bestBfloat16 = Long.MAX_VALUE;
      long start = nanos.getAsLong();
      for (int round = 0; round < MOST_ROUNDS; round++) {
        if (round >= FEWEST_ROUNDS && nanos.getAsLong() - start > BUDGET_NANOS) {
          break;
        }
        bestFloat32 = Math.min(bestFloat32, time(float32));
        bestBfloat16 = Math.min(bestBfloat16, time(bfloat16));
      }
      return (double) bestFloat32 / bestBfloat16;
    } catch (IllegalStateException e) {
      return 0; // this PyTorch has no such products in bfloat16
    }
  }

  private long time(Products one) {
    long start = nanos.getAsLong();
    one.run();
    return nanos.getAsLong() - start;
  }
}

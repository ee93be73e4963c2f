package org.semlux.encoders.batch;

import java.util.Arrays;

/** Percentiles over the last 1,024 requests. Thread-safe. */
final class Latencies {
  private final long[] nanos = new long[1024];
  private long count;

  synchronized void add(long value) {
    nanos[(int) (count++ % nanos.length)] = value;
  }

  /** Milliseconds at a percentile of 0 to 100; 0 before the first request. */
  double millis(double percentile) {
    long[] sorted;
    synchronized (this) {
      sorted = Arrays.copyOf(nanos, (int) Math.min(count, nanos.length));
    }
    if (sorted.length == 0) {
      return 0;
    }
    Arrays.sort(sorted);
    int index = (int) Math.ceil(percentile / 100 * sorted.length) - 1;
    return sorted[Math.max(0, index)] / 1e6;
  }
}

package org.semlux.encoders.batch;

/**
 * How fast texts of one priority leave a queue: bytes a second, whatever else the threads do
 * meanwhile. Only batches behind which others wait tell: a lone text says nothing of how many could
 * go with it. Not thread-safe.
 */
final class Pace {
  /** What is longer ago counts for less than a third. */
  private static final double MEMORY_NANOS = 3e9;

  private double bytes;
  private double nanos;
  private long since;

  /** Something waits again where nothing did, or what ran says nothing. */
  void begin(long now) {
    since = now;
  }

  /** A batch has ended, and more waits. */
  void add(long batchBytes, long now) {
    double elapsed = now - since;
    double kept = Math.exp(-elapsed / MEMORY_NANOS);
    bytes = bytes * kept + batchBytes;
    nanos = nanos * kept + elapsed;
    since = now;
  }

  /** Nanoseconds until so many bytes have left; 0 while nothing is known. */
  long nanosFor(long waiting, long now) {
    double stalled = Math.max(0, now - since - MEMORY_NANOS); // nothing has left for long
    return bytes == 0 ? 0 : (long) (waiting * (nanos + stalled) / bytes);
  }
}

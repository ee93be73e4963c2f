package org.semlux.encoders.batch;

/**
 * How fast texts of one priority leave a queue: bytes a second, whatever else the threads do
 * meanwhile. Only batches behind which others wait tell: a lone text says nothing of how many could
 * go with it. Not thread-safe.
 */
final class Pace {
  /** What is longer ago counts for less than a third. */
  private static final double MEMORY_NANOS = 3e9;

  private final long batchBytes;
  private double bytes;
  private double nanos;
  private long since;
  private long running; // bytes of batches that have not ended
  private long runningSince; // when the first of them began, or since when none has ended

  /**
   * @param batchBytes of a batch that is about full: what waits behind a lone text goes together
   */
  Pace(long batchBytes) {
    this.batchBytes = batchBytes;
  }

  /** Something waits again where nothing did, or what ran says nothing. */
  void begin(long now) {
    since = now;
  }

  /** A batch begins. */
  void start(long batchBytes, long now) {
    runningSince = running == 0 ? now : runningSince;
    running += batchBytes;
  }

  /** A batch has ended, whatever else that tells. */
  void end(long batchBytes, long now) {
    runningSince = now;
    running -= batchBytes;
  }

  /** A batch has ended, and more waits. */
  void add(long batchBytes, long now) {
    double elapsed = now - since;
    double kept = Math.exp(-elapsed / MEMORY_NANOS);
    bytes = bytes * kept + batchBytes;
    nanos = nanos * kept + elapsed;
    since = now;
  }

  /**
   * Nanoseconds until so many bytes have left. Before the first batch has ended behind which more
   * waits, by what runs: a batch takes as long as that has taken until now; 0 where nothing runs.
   */
  long nanosFor(long waiting, long now) {
    if (bytes == 0) {
      double together = Math.max(running, batchBytes);
      return running == 0 ? 0 : (long) (waiting * (now - runningSince) / together);
    }
    double stalled = Math.max(0, now - since - MEMORY_NANOS); // nothing has left for long
    return (long) (waiting * (nanos + stalled) / bytes);
  }
}

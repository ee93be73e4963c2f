package org.semlux.encoders.batch;

import java.util.concurrent.atomic.LongAdder;
import org.semlux.encoders.api.EncoderStats;

/** Counts what a queue does. Thread-safe. */
final class QueueStats {
  final LongAdder requests = new LongAdder();
  final LongAdder rejected = new LongAdder();

  /** Texts that nobody waited for any more. */
  final LongAdder dropped = new LongAdder();

  final Latencies latencies = new Latencies();
  private final LongAdder texts = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder batches = new LongAdder();

  void addBatch(int sequences, long batchTokens) {
    batches.increment();
    texts.add(sequences);
    tokens.add(batchTokens);
  }

  /** All of it, with what waits now. */
  EncoderStats with(long waitingTexts, long waitingBytes) {
    return new EncoderStats(
        requests.sum(),
        texts.sum(),
        tokens.sum(),
        batches.sum(),
        rejected.sum(),
        dropped.sum(),
        waitingTexts,
        waitingBytes,
        latencies.millis(50),
        latencies.millis(90),
        latencies.millis(99));
  }
}

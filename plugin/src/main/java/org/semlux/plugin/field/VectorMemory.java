package org.semlux.plugin.field;

import java.util.concurrent.atomic.AtomicLong;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.breaker.CircuitBreakingException;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.index.shard.ShardId;

/**
 * Counts what the documents of one bulk have grown by, until that is answered: a second write of
 * them waits for the mapping. For any number of threads.
 */
final class VectorMemory implements Releasable {
  private final CircuitBreaker breaker;
  private final ShardId shard;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param shard for the breaker's messages
   */
  VectorMemory(CircuitBreaker breaker, ShardId shard) {
    this.breaker = breaker;
    this.shard = shard;
  }

  /**
   * @throws CircuitBreakingException where there is no memory for so much
   */
  void hold(int bytes) {
    if (bytes > 0) { // even nothing is refused where other things have taken too much
      breaker.addEstimateBytesAndMaybeBreak(bytes, "vectors of " + shard);
      held.addAndGet(bytes);
    }
  }

  @Override
  public void close() {
    breaker.addWithoutBreaking(-held.getAndSet(0));
  }
}

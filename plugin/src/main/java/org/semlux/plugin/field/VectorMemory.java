package org.semlux.plugin.field;

import java.util.concurrent.atomic.AtomicLong;
import org.elasticsearch.common.breaker.CircuitBreaker;
import org.elasticsearch.common.breaker.CircuitBreakingException;
import org.elasticsearch.core.Releasable;

/**
 * Counts what the documents of one bulk have grown by, until that is answered: a second write of
 * them waits for the mapping. For any number of threads.
 */
final class VectorMemory implements Releasable {
  private final CircuitBreaker breaker;
  private final String label;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param label what is held, for the breaker's messages
   */
  VectorMemory(CircuitBreaker breaker, String label) {
    this.breaker = breaker;
    this.label = label;
  }

  /**
   * @throws CircuitBreakingException where there is no memory for so much
   */
  void hold(int bytes) {
    if (bytes > 0) { // even nothing is refused where other things have taken too much
      breaker.addEstimateBytesAndMaybeBreak(bytes, label);
      held.addAndGet(bytes);
    }
  }

  @Override
  public void close() {
    breaker.addWithoutBreaking(-held.getAndSet(0));
  }
}

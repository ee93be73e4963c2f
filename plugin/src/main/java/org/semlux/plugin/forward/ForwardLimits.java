package org.semlux.plugin.forward;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.elasticsearch.common.util.concurrent.EsRejectedExecutionException;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.core.Releasables;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.Priority;

/** How much may be under way to other nodes, and for how long. Thread-safe. */
final class ForwardLimits {
  /** What a request weighs beside its texts, so that their number is bounded too. */
  static final long REQUEST_BYTES = 1_024;

  /** For the way, for a node that collects garbage, and for what a queue foretells too short. */
  private static final TimeValue MARGIN = TimeValue.timeValueSeconds(10);

  /** What a slow model takes on a slow node, and what no answer takes that somebody waits for. */
  private static final long MILLIS_PER_BYTE = 2;

  private static final long MOST_MILLIS = 60_000;

  private final String nodeName;
  private final long maxBytes;
  private final Function<Priority, Duration> maxWait;
  private final AtomicLong bytes = new AtomicLong(); // under way

  /**
   * @param nodeName for messages
   * @param maxBytes of texts, and of vectors that go along, that may be under way
   * @param maxWait how long a node may let texts wait before it begins with them
   */
  ForwardLimits(String nodeName, long maxBytes, Function<Priority, Duration> maxWait) {
    this.nodeName = nodeName;
    this.maxBytes = maxBytes;
    this.maxWait = maxWait;
  }

  /**
   * Takes room for a request's texts and vectors.
   *
   * @return gives it back
   * @throws EsRejectedExecutionException when there is none: 429
   */
  Releasable room(ForwardAction.Request request) {
    long wanted = request.bytes() + REQUEST_BYTES;
    long before = bytes.getAndAdd(wanted);
    if (before > 0 && before + wanted > maxBytes) {
      bytes.addAndGet(-wanted);
      throw new EsRejectedExecutionException(
          ("model [%s] is not loaded on node [%s], and %s bytes of texts and vectors are under way"
                  + " to other nodes, of %s (semlux.queue.size)")
              .formatted(request.modelId(), nodeName, before, maxBytes));
    }
    return Releasables.releaseOnce(() -> bytes.addAndGet(-wanted));
  }

  /**
   * How long to wait for one node's answer: longer than one that works ever takes. Where somebody
   * waits for it, a node that hangs is not waited for until the cluster removes it.
   *
   * @return empty for documents: those may rightly wait for long, and from here a slow node looks
   *     like one that hangs
   */
  Optional<TimeValue> patience(Work work) {
    return work.priority()
        .filter(priority -> priority != Priority.INGEST)
        .map(
            priority ->
                TimeValue.timeValueMillis(
                    maxWait.apply(priority).toMillis()
                        + MARGIN.millis()
                        + Math.min(MILLIS_PER_BYTE * work.textBytes(), MOST_MILLIS)));
  }
}

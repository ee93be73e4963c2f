package org.semlux.encoders.batch;

import java.time.Duration;
import java.util.function.Function;
import org.semlux.encoders.api.Priority;

/**
 * How much an encoder takes at once.
 *
 * {@snippet lang=java :
 * BatchLimits limits =
 *     BatchLimits.defaults() // batches of 512 tokens
 *         .withQueueBytes(16L << 20) // of waiting text, two a character
 *         .withMaxWait(p -> Duration.ofSeconds(p == Priority.SEARCH ? 1 : 60));
 * EncoderOptions options = EncoderOptions.defaults().withLimits(limits);
 * }
 *
 * @param tokens of one batch: enough to fill the matrix products, few enough to stay in the cache
 * @param queueBytes of waiting text, two a character; what does not fit is refused
 * @param maxWait how long texts may wait until they are begun with; what would wait longer, by the
 *     speed of the last seconds, is refused. Asked for every request
 */
public record BatchLimits(int tokens, long queueBytes, Function<Priority, Duration> maxWait) {
  /** Longer than any process lives. */
  private static final Duration ALWAYS = Duration.ofDays(36_500);

  public BatchLimits {
    if (tokens <= 0 || queueBytes <= 0) {
      throw new IllegalArgumentException(
          "limits must be above 0: tokens " + tokens + ", queueBytes " + queueBytes);
    }
  }

  /** Texts may wait as long as it takes. */
  public BatchLimits(int tokens, long queueBytes) {
    this(tokens, queueBytes, priority -> ALWAYS);
  }

  /** Batches of 512 tokens; 64 MB of waiting text, however long it waits. */
  public static BatchLimits defaults() {
    return new BatchLimits(512, 64L << 20);
  }

  public BatchLimits withTokens(int other) {
    return new BatchLimits(other, queueBytes, maxWait);
  }

  public BatchLimits withQueueBytes(long bytes) {
    return new BatchLimits(tokens, bytes, maxWait);
  }

  public BatchLimits withMaxWait(Function<Priority, Duration> other) {
    return new BatchLimits(tokens, queueBytes, other);
  }

  /** Of waiting text at which a request is refused: documents leave an eighth to searches. */
  long queueBytes(Priority priority) {
    return priority == Priority.INGEST ? queueBytes - queueBytes / 8 : queueBytes;
  }
}

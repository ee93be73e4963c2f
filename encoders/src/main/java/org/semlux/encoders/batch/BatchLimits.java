package org.semlux.encoders.batch;

/**
 * How much an encoder takes at once.
 *
 * @param tokens of one batch: enough to fill the matrix products, few enough to stay in the cache
 * @param queueBytes of waiting text, two a character; what does not fit is refused
 */
public record BatchLimits(int tokens, long queueBytes) {
  public BatchLimits {
    if (tokens <= 0 || queueBytes <= 0) {
      throw new IllegalArgumentException(
          "limits must be above 0: tokens " + tokens + ", queueBytes " + queueBytes);
    }
  }

  /** Batches of 512 tokens; 64 MB of waiting text. */
  public static BatchLimits defaults() {
    return new BatchLimits(512, 64L << 20);
  }

  public BatchLimits withQueueBytes(long bytes) {
    return new BatchLimits(tokens, bytes);
  }
}

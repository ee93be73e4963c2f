package org.semlux.encoders.api;

/**
 * What an encoder has done since it was loaded.
 *
 * {@snippet lang=java :
 * try (Encoder encoder = Encoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   EncoderStats stats = encoder.stats();
 *   double meanBatch = (double) stats.texts() / Math.max(1, stats.batches());
 *   double slow = stats.latencyMillisP99(); // milliseconds
 * }
 * }
 *
 * @param requests requests accepted
 * @param texts texts encoded (pairs, for a cross-encoder)
 * @param tokens tokens encoded, special tokens counted
 * @param batches program runs; {@code texts / batches} is the mean batch
 * @param rejected requests refused because the queue was full
 * @param dropped texts that were not encoded because nobody waited for them any more: their request
 *     was cancelled, had expired or had failed
 * @param queuedTexts texts waiting now
 * @param queuedBytes bytes of text waiting now
 * @param latencyMillisP50 from submit to answer, over the last 1,024 requests, as the two beside it
 */
public record EncoderStats(
    long requests,
    long texts,
    long tokens,
    long batches,
    long rejected,
    long dropped,
    long queuedTexts,
    long queuedBytes,
    double latencyMillisP50,
    double latencyMillisP90,
    double latencyMillisP99) {
  /** Both together; of latencies, those of the slower one. */
  public EncoderStats plus(EncoderStats other) {
    return new EncoderStats(
        requests + other.requests,
        texts + other.texts,
        tokens + other.tokens,
        batches + other.batches,
        rejected + other.rejected,
        dropped + other.dropped,
        queuedTexts + other.queuedTexts,
        queuedBytes + other.queuedBytes,
        Math.max(latencyMillisP50, other.latencyMillisP50),
        Math.max(latencyMillisP90, other.latencyMillisP90),
        Math.max(latencyMillisP99, other.latencyMillisP99));
  }
}

package org.semlux.encoders.api;

import java.time.Duration;

/**
 * The encoder's queue has no room for this request now, or would not begin with it in time. Nothing
 * of it was accepted: try again later.
 *
 * {@snippet lang=java :
 * try (DenseEncoder encoder = DenseEncoder.load(Path.of("model"), EncoderOptions.defaults())) {
 *   encoder.encode(List.of("a text"));
 * } catch (QueueFullException e) {
 *   Thread.sleep(e.retryAfter()); // then ask again: nothing of the request was accepted
 * }
 * }
 */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Duration retryAfter;

  /**
   * @param retryAfter when the same request will probably be accepted
   */
  public QueueFullException(String message, Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** When the same request will probably be accepted, at the speed of the last seconds. */
  public Duration retryAfter() {
    return retryAfter;
  }
}

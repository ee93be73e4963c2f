package org.semlux.encoders.api;

/**
 * The encoder's queue has no room for this request now. Nothing of it was accepted: try again
 * later.
 */
public final class QueueFullException extends RuntimeException {
  public QueueFullException(String message) {
    super(message);
  }
}

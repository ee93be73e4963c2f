package org.semlux.training.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A lost connection or a busy server: the same request may succeed later. */
final class PassingException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Optional<Duration> pause;

  PassingException(String message, Throwable cause) {
    super(message, cause);
    this.pause = Optional.empty();
  }

  PassingException(String message, Optional<Duration> pause) {
    super(message);
    this.pause = pause;
  }

  /** How long the server asks to wait. */
  Optional<Duration> pause() {
    return pause;
  }
}

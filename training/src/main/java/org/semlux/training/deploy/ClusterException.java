package org.semlux.training.deploy;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The cluster refused a request, or could not be reached. */
public final class ClusterException extends IOException {
  private static final long serialVersionUID = 1;

  /** The status of what never got an answer. */
  public static final int NO_ANSWER = 0;

  private final int status;
  private final boolean mayPass;
  private final transient Optional<Duration> pause;

  ClusterException(int status, String message, boolean mayPass) {
    this(status, message, mayPass, Optional.empty());
  }

  /**
   * @param pause what the answer asks for before the next try
   */
  ClusterException(int status, String message, boolean mayPass, Optional<Duration> pause) {
    super(message);
    this.status = status;
    this.mayPass = mayPass;
    this.pause = pause;
  }

  ClusterException(String message, IOException cause, boolean mayPass) {
    super(message, cause);
    this.status = NO_ANSWER;
    this.mayPass = mayPass;
    this.pause = Optional.empty();
  }

  /** The HTTP status, or {@link #NO_ANSWER}. */
  public int status() {
    return status;
  }

  /** Whether the same request may succeed later. */
  boolean mayPass() {
    return mayPass;
  }

  /** How long the cluster, or a proxy before it, asks to wait. */
  Optional<Duration> pause() {
    return pause;
  }
}

package org.semlux.training.deploy;

import java.io.IOException;

/** The cluster refused a request, or could not be reached. */
public final class ClusterException extends IOException {
  private static final long serialVersionUID = 1;

  /** The status of what never got an answer. */
  public static final int NO_ANSWER = 0;

  private final int status;

  ClusterException(int status, String message) {
    super(message);
    this.status = status;
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
    this.status = NO_ANSWER;
  }

  /** The HTTP status, or {@link #NO_ANSWER}. */
  public int status() {
    return status;
  }
}

package org.semlux.training.deploy;

import java.io.IOException;

/** The cluster refused a request, or could not be reached. */
public final class ClusterException extends IOException {
  private static final long serialVersionUID = 1;

  /** The status of what never got an answer. */
  public static final int NO_ANSWER = 0;

  private final int status;
  private final boolean mayPass;

  ClusterException(int status, String message, boolean mayPass) {
    super(message);
    this.status = status;
    this.mayPass = mayPass;
  }

  ClusterException(String message, IOException cause, boolean mayPass) {
    super(message, cause);
    this.status = NO_ANSWER;
    this.mayPass = mayPass;
  }

  /** The HTTP status, or {@link #NO_ANSWER}. */
  public int status() {
    return status;
  }

  /** Whether the same request may succeed later. */
  boolean mayPass() {
    return mayPass;
  }
}

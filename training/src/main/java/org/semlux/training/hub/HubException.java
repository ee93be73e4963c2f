package org.semlux.training.hub;

import java.io.IOException;

/** A hub refused a request, and asking again would not help. */
final class HubException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  HubException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status. */
  int status() {
    return status;
  }
}

package org.semlux.training.deploy;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The cluster refused a request, or could not be reached.
 *
 * {@snippet lang=java :
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("http://localhost:9200"),
 *         Optional.empty(),
 *         Retry.DEFAULT,
 *         Proxies.NONE,
 *         System.err::println);
 * try {
 *   cluster.ask("GET", "/_semlux/models/mini", "");
 * } catch (ClusterException e) {
 *   boolean free = e.status() == 404;
 * }
 * }
 */
public final class ClusterException extends IOException {
  private static final long serialVersionUID = 1;

  /** The status of what never got an answer. */
  public static final int NO_ANSWER = 0;

  private static final int TOO_MANY_REQUESTS = 429;

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

  /** One part of an answer was refused, such as a search among others. */
  public static ClusterException ofPart(int status, String message) {
    return new ClusterException(status, message, mayPass(status));
  }

  ClusterException(String message, Throwable cause, boolean mayPass) {
    super(message, cause);
    this.status = NO_ANSWER;
    this.mayPass = mayPass;
    this.pause = Optional.empty();
  }

  /** The HTTP status, or {@link #NO_ANSWER}. */
  public int status() {
    return status;
  }

  /** Whether a node is busy or failing, and may not be so later. */
  static boolean mayPass(int status) {
    return status == TOO_MANY_REQUESTS || status / 100 == 5;
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

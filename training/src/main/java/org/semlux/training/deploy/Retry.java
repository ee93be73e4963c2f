package org.semlux.training.deploy;

import java.time.Duration;

/**
 * How often a request is tried, and how long the pauses between are: each twice as long as the one
 * before, up to {@link #LONGEST}.
 *
 * @param attempts in all, the first counted
 * @param first the first pause
 */
public record Retry(int attempts, Duration first) {
  /** Bridges a restart of a node: 7 attempts over some 45 seconds. */
  public static final Retry DEFAULT = new Retry(7, Duration.ofMillis(700));

  static final Duration LONGEST = Duration.ofSeconds(30);

  public Retry {
    if (attempts < 1 || first.isNegative()) {
      throw new IllegalArgumentException("attempts " + attempts + ", first pause " + first);
    }
  }

  /** The pause after a failed attempt, counted from 1. */
  Duration pauseAfter(int attempt) {
    Duration pause = first.multipliedBy(1L << Math.min(attempt - 1, 20));
    return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
  }
}

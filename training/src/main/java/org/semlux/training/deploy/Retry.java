package org.semlux.training.deploy;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How often a request is tried, and how long the pauses between are: each twice as long as the one
 * before, up to {@link #LONGEST}.
 *
 * {@snippet lang=java :
 * Retry.DEFAULT.pauseAfter(3); // 2.8 s
 * Retry once = new Retry(1, Duration.ZERO);
 * }
 *
 * @param attempts in all, the first counted
 * @param first the first pause
 */
public record Retry(int attempts, Duration first) {
  /** Bridges a restart of a node: 7 attempts over some 45 seconds. */
  public static final Retry DEFAULT = new Retry(7, Duration.ofMillis(700));

  /** Of our own pauses. */
  static final Duration LONGEST = Duration.ofSeconds(30);

  private static final Pattern SECONDS = Pattern.compile("\\d{1,4}");

  public Retry {
    if (attempts < 1 || first.isNegative()) {
      throw new IllegalArgumentException("attempts " + attempts + ", first pause " + first);
    }
  }

  /** The pause after a failed attempt, counted from 1. */
  public Duration pauseAfter(int attempt) {
    Duration pause = first.multipliedBy(1L << Math.min(attempt - 1, 20));
    return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
  }

  /**
   * The pause after a failed attempt, counted from 1, where the server may ask for a longer one.
   *
   * @param longest of what it asks for
   */
  public Duration pauseAfter(int attempt, Optional<Duration> asked, Duration longest) {
    Duration own = pauseAfter(attempt);
    Duration wanted = asked.filter(pause -> pause.compareTo(own) > 0).orElse(own);
    return wanted.compareTo(longest) < 0 ? wanted : longest;
  }

  /** The pause that a server asks for in {@code Retry-After}, where that is a number of seconds. */
  public static Optional<Duration> asked(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(value -> SECONDS.matcher(value).matches())
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }
}

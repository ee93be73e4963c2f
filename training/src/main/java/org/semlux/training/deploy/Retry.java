package org.semlux.training.deploy;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

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

  /** The Hugging Face hub counts requests over five minutes. */
  static final Duration LONGEST_ASKED = Duration.ofMinutes(5);

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
   * The pause after a failed attempt, counted from 1: what the server asks for, up to {@link
   * #LONGEST_ASKED}, else our own.
   */
  public Duration pauseAfter(int attempt, Optional<Duration> asked) {
    Duration pause = asked.orElse(pauseAfter(attempt));
    return pause.compareTo(LONGEST_ASKED) < 0 ? pause : LONGEST_ASKED;
  }

  /** The pause that a server asks for in {@code Retry-After}, where that is a number of seconds. */
  public static Optional<Duration> asked(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(value -> SECONDS.matcher(value).matches())
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }
}

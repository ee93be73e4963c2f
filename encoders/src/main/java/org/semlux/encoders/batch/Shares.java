package org.semlux.encoders.batch;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.semlux.encoders.api.Priority;

/**
 * Who goes next where all have something to do: whoever has had least of the threads' time, by its
 * share. Time in which somebody had nothing to do is not made up for. Start-time fair queueing
 * (Goyal, Vin and Cheng, 1996), with the turn's time known only at its end. Not thread-safe.
 */
final class Shares {
  private final Map<Priority, Double> had = new EnumMap<>(Priority.class);
  private double now; // the least that anybody had when the last turn began

  /** Nanoseconds of a turn count so much less. */
  private static int share(Priority priority) {
    return switch (priority) {
      case SEARCH -> 6;
      case RERANK -> 2;
      case INGEST -> 1;
    };
  }

  /**
   * Chooses who begins a turn.
   *
   * @param waiting the most urgent first, not empty
   */
  Priority next(Collection<Priority> waiting) {
    Priority next = null;
    for (Priority priority : waiting) {
      if (next == null || had(priority) < had(next)) {
        next = priority;
      }
    }
    now = had(next);
    return next;
  }

  /** A turn has ended. */
  void charge(Priority priority, long nanos) {
    had.put(priority, had(priority) + (double) nanos / share(priority));
  }

  private double had(Priority priority) {
    return Math.max(now, had.getOrDefault(priority, 0.0));
  }
}

package org.semlux.encoders.batch;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import org.semlux.encoders.api.Priority;

/**
 * Who goes next where all have something to do: whoever has had least of the threads' time, by its
 * share. Time in which somebody had nothing to do is not made up for. Start-time fair queueing
 * (Goyal, Vin and Cheng, 1996); a turn is charged when it begins with what the last one of its kind
 * took, so that not all threads choose the same, and put right when it ends. Not thread-safe.
 */
final class Shares {
  private final Map<Priority, Double> had = new EnumMap<>(Priority.class);
  private final Map<Priority, Long> usual = new EnumMap<>(Priority.class); // nanoseconds
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
    charge(next, usual(next));
    return next;
  }

  /** What a turn that begins now is charged. */
  long usual(Priority priority) {
    return usual.getOrDefault(priority, 0L);
  }

  /**
   * A turn has ended.
   *
   * @param charged what {@link #usual} was when it began
   */
  void end(Priority priority, long nanos, long charged) {
    had.merge(priority, (double) (nanos - charged) / share(priority), Double::sum);
    usual.put(priority, nanos);
  }

  private void charge(Priority priority, long nanos) {
    had.put(priority, had(priority) + (double) nanos / share(priority));
  }

  private double had(Priority priority) {
    return Math.max(now, had.getOrDefault(priority, 0.0));
  }
}

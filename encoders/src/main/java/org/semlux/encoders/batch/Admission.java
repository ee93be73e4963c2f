package org.semlux.encoders.batch;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.QueueFullException;

/**
 * Whether one more request may wait in a queue: by bytes, which bound memory, of all priorities
 * together, and by the time that its texts would wait, of its own priority. Not thread-safe.
 */
final class Admission {
  /** Of text, about: four letters of two bytes. */
  private static final long TOKEN_BYTES = 8;

  private final String model;
  private final BatchLimits limits;
  private final Map<Priority, Pace> paces = new EnumMap<>(Priority.class);

  Admission(String model, BatchLimits limits) {
    this.model = model;
    this.limits = limits;
    for (Priority priority : Priority.values()) {
      paces.put(priority, new Pace(limits.tokens() * TOKEN_BYTES));
    }
  }

  /** How fast texts of a priority leave, by which the time is foretold. */
  Pace pace(Priority priority) {
    return paces.get(priority);
  }

  /**
   * Why a request must come again later; empty where it may wait.
   *
   * @param bytes of its texts
   * @param waiting bytes that wait already, of all priorities
   * @param ahead bytes of these that wait before it, as they are of its own
   */
  Optional<QueueFullException> refusal(Priority priority, long bytes, long waiting, long ahead) {
    Pace pace = pace(priority);
    long now = System.nanoTime();
    // A request that comes alone may have all of it: what fits at no time would be tried for ever.
    long limit = waiting == 0 ? limits.queueBytes() : limits.queueBytes(priority);
    long room = limit - waiting;
    if (bytes > room) {
      return Optional.of(
          new QueueFullException(
              "the queue of model [%s] is full: %s bytes wait, %s more do not fit into %s"
                  .formatted(model, waiting, bytes, limit),
              Duration.ofNanos(pace.nanosFor(bytes - room, now))));
    }
    Duration wait = Duration.ofNanos(pace.nanosFor(ahead, now));
    Duration most = limits.maxWait().apply(priority);
    if (wait.compareTo(most) <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        new QueueFullException(
            "the queue of model [%s] is too long: these texts would wait %s ms, they may %s ms"
                .formatted(model, wait.toMillis(), most.toMillis()),
            wait.minus(most)));
  }
}

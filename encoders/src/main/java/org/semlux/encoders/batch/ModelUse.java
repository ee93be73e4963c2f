package org.semlux.encoders.batch;

import java.util.EnumMap;
import java.util.Map;
import org.semlux.encoders.api.Priority;

/**
 * Who uses a model: workers, and guests on threads of their own. It may be released once it is
 * closed and the last of them has left. Not thread-safe.
 */
final class ModelUse {
  private final Map<Priority, Integer> workers = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> running = new EnumMap<>(Priority.class);
  private int guests;
  private boolean closed;

  int workers(Priority priority) {
    return workers.getOrDefault(priority, 0);
  }

  boolean isClosed() {
    return closed;
  }

  void addWorker(Priority priority) {
    workers.merge(priority, 1, Integer::sum);
  }

  /** A worker takes nothing else until its batch has run. */
  void beginBatch(Priority priority) {
    running.merge(priority, 1, Integer::sum);
  }

  void endBatch(Priority priority) {
    running.merge(priority, -1, Integer::sum);
  }

  /** Workers that will look for something to do before long. */
  int free(Priority priority) {
    return workers(priority) - running.getOrDefault(priority, 0);
  }

  /** Whether the model is to be released now. */
  boolean removeWorker(Priority priority) {
    workers.merge(priority, -1, Integer::sum);
    return isUnused();
  }

  void addGuest() {
    guests++;
  }

  /** Whether the model is to be released now. */
  boolean removeGuest() {
    guests--;
    return isUnused();
  }

  /** Whether the model is to be released now. Called once. */
  boolean close() {
    closed = true;
    return isUnused();
  }

  private boolean isUnused() {
    return closed && guests == 0 && workers.values().stream().allMatch(count -> count == 0);
  }
}

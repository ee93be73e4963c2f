package org.semlux.encoders.batch;

/**
 * Who uses a model: workers, and guests on threads of their own. It may be released once it is
 * closed and the last of them has left. Not thread-safe.
 */
final class ModelUse {
  private int workers;
  private int running;
  private int guests;
  private boolean closed;

  int workers() {
    return workers;
  }

  boolean isClosed() {
    return closed;
  }

  void addWorker() {
    workers++;
  }

  /** A worker takes nothing else until its batch has run. */
  void beginBatch() {
    running++;
  }

  void endBatch() {
    running--;
  }

  /** Workers that will look for something to do before long. */
  int free() {
    return workers - running;
  }

  /** Whether the model is to be released now. */
  boolean removeWorker() {
    workers--;
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
    return closed && workers + guests == 0;
  }
}

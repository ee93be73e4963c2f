package org.semlux.plugin.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * The loads that run on a node: one a model and some at once, so that no model waits for a slow
 * one. Thread-safe; no method waits.
 */
final class RunningLoads {
  /** Each takes a core and, for a while, memory beside the model's own. */
  static final int AT_ONCE = 4;

  /** With those that were cancelled and have not ended, as native code does not before its end. */
  private static final int WITH_CANCELLED = 4 * AT_ONCE;

  private static final class Load {
    final ModelDefinition model;
    final boolean alone;
    Thread thread;
    boolean cancelled;

    Load(ModelDefinition model, boolean alone) {
      this.model = model;
      this.alone = alone;
    }
  }

  private final Map<String, Load> byId = new HashMap<>();

  /**
   * Begins a load, unless one of that model runs or too many do.
   *
   * @param alone whether no other one may run beside it, but for cancelled ones
   * @param load gives up when its thread is interrupted
   * @param ended runs when it has ended and another may begin
   */
  synchronized void start(
      ModelDefinition model, boolean alone, Executor executor, Runnable load, Runnable ended) {
    List<Load> running = byId.values().stream().filter(other -> !other.cancelled).toList();
    boolean full = running.size() >= (alone ? 1 : AT_ONCE) || byId.size() >= WITH_CANCELLED;
    if (full || byId.containsKey(model.id()) || running.stream().anyMatch(other -> other.alone)) {
      return;
    }
    Load begun = new Load(model, alone);
    executor.execute(() -> run(begun, load, ended));
    byId.put(model.id(), begun);
  }

  private void run(Load running, Runnable load, Runnable ended) {
    try {
      if (begin(running)) {
        load.run();
      }
    } finally {
      end(running);
      ended.run();
    }
  }

  private synchronized boolean begin(Load running) {
    running.thread = Thread.currentThread();
    return !running.cancelled;
  }

  /** Nobody interrupts the thread from here on, and an interrupt that came late is forgotten. */
  private synchronized void end(Load running) {
    running.thread = null;
    Thread.interrupted();
    byId.remove(running.model.id(), running);
  }

  /** Interrupts the loads of models that are not wanted any more. */
  synchronized void cancelUnless(Predicate<ModelDefinition> wanted) {
    for (Load running : byId.values()) {
      if (!running.cancelled && !wanted.test(running.model)) {
        running.cancelled = true;
        if (running.thread != null) {
          running.thread.interrupt();
        }
      }
    }
  }

  /** Whether the load of a model that now runs was cancelled, so that its failure means nothing. */
  synchronized boolean isCancelled(ModelDefinition model) {
    Load running = byId.get(model.id());
    return running != null && running.cancelled;
  }

  /** The models whose loads run, cancelled ones too. */
  synchronized List<ModelDefinition> models() {
    return byId.values().stream().map(load -> load.model).toList();
  }
}

package org.semlux.plugin.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;

/**
 * The loads that run on a node: one a model and some at once, so that no model waits for a slow
 * one. Thread-safe; no method waits.
 */
final class RunningLoads {
  private static final Logger LOGGER = LogManager.getLogger(RunningLoads.class);

  /** Each takes a core and, for a while, memory beside the model's own. */
  static final int AT_ONCE = 4;

  /** With those that take minutes or were cancelled and have not ended: native code may hang. */
  private static final int WITH_STUCK = 4 * AT_ONCE;

  /** Longer than a load takes that is not stuck: no other one waits for it then. */
  private static final TimeValue PATIENCE = TimeValue.timeValueMinutes(5);

  private static final class Load {
    final ModelDefinition model;
    final boolean alone;
    Thread thread;
    boolean cancelled;
    boolean slow;

    Load(ModelDefinition model, boolean alone) {
      this.model = model;
      this.alone = alone;
    }
  }

  private final ThreadPool threadPool;
  private final Map<String, Load> byId = new HashMap<>();
  private final Map<String, ModelDefinition> waiting = new HashMap<>();

  /**
   * @param threadPool on whose generic pool loads run
   */
  RunningLoads(ThreadPool threadPool) {
    this.threadPool = threadPool;
  }

  /**
   * Begins a load, unless one of that model runs or too many do, which it says in the log once.
   *
   * @param alone whether no other one may run beside it, but for those that were cancelled or take
   *     minutes
   * @param load gives up when its thread is interrupted
   * @param next runs when another may begin: it has ended, or takes minutes
   */
  synchronized void start(ModelDefinition model, boolean alone, Runnable load, Runnable next) {
    if (byId.containsKey(model.id())) {
      return;
    }
    List<Load> running =
        byId.values().stream().filter(other -> !other.cancelled && !other.slow).toList();
    boolean full = running.size() >= AT_ONCE || byId.size() >= WITH_STUCK;
    if (full || running.stream().anyMatch(other -> alone || other.alone)) {
      if (waiting.put(model.id(), model) == null) {
        LOGGER.info("model [{}] {}", model.id(), waitsFor(model));
      }
      return;
    }
    waiting.remove(model.id());
    Load begun = new Load(model, alone);
    threadPool.generic().execute(() -> run(begun, load, next));
    byId.put(model.id(), begun);
    threadPool.scheduleUnlessShuttingDown(
        PATIENCE,
        threadPool.generic(),
        () -> {
          if (isSlow(begun)) {
            next.run();
          }
        });
  }

  /** What a model's load waits for, if it does, as a clause whose subject is the model. */
  synchronized String waitsFor(ModelDefinition model) {
    return model.equals(waiting.get(model.id())) && !byId.isEmpty()
        ? "waits until a load ends of "
            + byId.keySet().stream().sorted().toList()
            + ": undeploy what hangs"
        : "";
  }

  /** Asked once it should have ended. */
  private synchronized boolean isSlow(Load begun) {
    begun.slow = byId.get(begun.model.id()) == begun && !begun.cancelled;
    if (begun.slow) {
      LOGGER.warn(
          "model [{}] has been loading for {}: others are not held up by it any longer; if it"
              + " hangs, undeploy it",
          begun.model.id(),
          PATIENCE);
    }
    return begun.slow;
  }

  private void run(Load running, Runnable load, Runnable next) {
    try {
      if (begin(running)) {
        load.run();
      }
    } finally {
      end(running);
      next.run();
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
    waiting.values().removeIf(wanted.negate());
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

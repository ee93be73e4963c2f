package org.semlux.plugin.model;

import java.util.Collection;
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

  /**
   * Each takes a core and, for a while, memory beside the model's own. {@link ModelMemory} bounds
   * the memory of those that take minutes too; nothing bounds the cores.
   */
  static final int AT_ONCE = 4;

  /** With those that take minutes or were cancelled and have not ended: native code may hang. */
  private static final int WITH_STUCK = 4 * AT_ONCE;

  /** After this others no longer wait for a load, whether it is stuck or slow. */
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

  private record Waiting(ModelDefinition model, boolean alone) {}

  private final ThreadPool threadPool;
  private final Map<String, Load> byId = new HashMap<>();
  private final Map<String, Waiting> waiting = new HashMap<>();

  /**
   * @param threadPool on whose generic pool loads run
   */
  RunningLoads(ThreadPool threadPool) {
    this.threadPool = threadPool;
  }

  /**
   * Begins a load, unless one of that model runs or others hold it up, which it says in the log
   * once.
   *
   * @param alone whether no other one may run beside it, but for those that were cancelled or take
   *     minutes
   * @param load gives up when its thread is interrupted
   * @param next runs when another may begin: it has ended, or takes minutes
   */
  synchronized void start(ModelDefinition model, boolean alone, Runnable load, Runnable next) {
    String why = heldUpBy(model.id(), alone);
    if (!why.isEmpty()) {
      if (waiting.put(model.id(), new Waiting(model, alone)) == null) {
        LOGGER.info("model [{}] {}", model.id(), why);
      }
      return;
    }
    if (byId.containsKey(model.id())) {
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

  /** What holds a model's load up, if it waits, as a clause whose subject is the model. */
  synchronized String waitsFor(ModelDefinition model) {
    Waiting held = waiting.get(model.id());
    return held != null && held.model.equals(model) ? heldUpBy(model.id(), held.alone) : "";
  }

  /** The same of one that may not wait yet: empty where nothing holds it up, or it runs. */
  private String heldUpBy(String id, boolean alone) {
    Load former = byId.get(id);
    if (former != null) {
      return former.cancelled
          ? "waits until its former load ends, which was given up: if that hangs, restart the node"
          : "";
    }
    if (byId.size() >= WITH_STUCK) {
      return "waits until one of the loads of "
          + ids(byId.values())
          + " ends, most of which were given up or take minutes: if none does, restart the node";
    }
    List<Load> live = byId.values().stream().filter(load -> !load.cancelled && !load.slow).toList();
    List<Load> lone = live.stream().filter(load -> load.alone).toList();
    String limit = "; none holds others up for more than " + PATIENCE;
    if (!lone.isEmpty()) {
      return "waits for " + ids(lone) + ", loaded alone as the node ended with it before" + limit;
    }
    if (alone && !live.isEmpty()) {
      return "is loaded alone, as the node ended while it loaded it, once the loads of "
          + ids(live)
          + " have ended"
          + limit;
    }
    return live.size() < AT_ONCE
        ? ""
        : "waits until one of the loads of " + ids(live) + " ends" + limit;
  }

  private static List<String> ids(Collection<Load> loads) {
    return loads.stream().map(load -> load.model.id()).sorted().toList();
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
    waiting.values().removeIf(held -> !wanted.test(held.model));
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

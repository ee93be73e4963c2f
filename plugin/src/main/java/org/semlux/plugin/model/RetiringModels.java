package org.semlux.plugin.model;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.threadpool.ThreadPool;

/**
 * Models that were taken out of use: each closes when what it was asked before has been answered,
 * so that an alias moves to another model without a failed request. Thread-safe; no method waits.
 */
final class RetiringModels {
  /** A request may just be on its way in: the first look too comes after a pause. */
  private static final TimeValue PAUSE = TimeValue.timeValueMillis(500);

  private static final TimeValue PATIENCE = TimeValue.timeValueSeconds(60);

  private final ThreadPool threadPool;
  private final Set<LocalModel> models = ConcurrentHashMap.newKeySet();

  RetiringModels(ThreadPool threadPool) {
    this.threadPool = threadPool;
  }

  void add(LocalModel model) {
    if (model.encoder().isPresent()) {
      models.add(model);
      model.room().ifPresent(ModelMemory.Reservation::retire);
      lookAgain(model, threadPool.rawRelativeTimeInMillis() + PATIENCE.millis());
    }
  }

  /** One that has not been closed yet, or just is. */
  Optional<LocalModel> find(String id, long generation) {
    return models.stream()
        .filter(local -> local.model().id().equals(id) && local.model().generation() == generation)
        .findAny();
  }

  private void lookAgain(LocalModel model, long endMillis) {
    threadPool.scheduleUnlessShuttingDown(
        PAUSE,
        threadPool.generic(),
        () -> {
          long now = threadPool.rawRelativeTimeInMillis();
          if (model.isIdle(now) || now >= endMillis) {
            models.remove(model);
            model.close();
          } else {
            lookAgain(model, endMillis);
          }
        });
  }

  /** At once, as the node ends. */
  void closeAll() {
    models.forEach(LocalModel::close);
    models.clear();
  }
}

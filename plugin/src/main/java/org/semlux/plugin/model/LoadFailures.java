package org.semlux.plugin.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ResourceNotFoundException;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.ModelFileException;

/**
 * What a node makes of a load that failed: whether and when it is tried again, and what users are
 * told meanwhile. A store or a disk that fails is tried again with growing pauses, at last once a
 * minute, since its cause may go; a model that the node ended with twice after a long one; one that
 * cannot be loaded when it is deployed again.
 */
final class LoadFailures {
  private static final int PATIENCE = 8; // attempts until a model counts as failed
  private static final TimeValue FIRST_PAUSE = TimeValue.timeValueMillis(500);
  private static final TimeValue LAST_PAUSE = TimeValue.timeValueMinutes(1);

  private final ModelCopies copies;

  /**
   * When the rests of models end that the node ended with twice. Apart from what became of their
   * loads: that is forgotten when the store is back or memory is freed, and no rest begins anew.
   */
  private final Map<ModelDefinition, Long> restEnds = new ConcurrentHashMap<>();

  LoadFailures(ModelCopies copies) {
    this.copies = copies;
  }

  /**
   * @param before what the node had made of the model until then
   * @param thrown of a disk, checked or not
   * @param nowMillis in the thread pool's relative time
   */
  LocalModel judge(
      ModelDefinition model, Optional<LocalModel> before, Throwable thrown, long nowMillis) {
    Throwable cause = thrown instanceof UncheckedIOException read ? read.getCause() : thrown;
    if (cause instanceof LoadMark.DeadlyException deadly) {
      long end = restEnds.computeIfAbsent(model, m -> nowMillis + deadly.rest().millis());
      TimeValue left = TimeValue.timeValueMillis(Math.max(0, end - nowMillis));
      String reason =
          "%s; this is tried again by itself in %s, or now by deploying it again"
              .formatted(reason(cause), left);
      return LocalModel.tryingAgain(model, reason, true, 0, end);
    }
    if (!mayPass(cause)) {
      return LocalModel.failed(model, reason(cause));
    }
    int attempts =
        before.filter(local -> local.isOf(model)).map(LocalModel::attempts).orElse(0) + 1;
    long next = nowMillis + pauseMillis(attempts);
    String reason = reason(cause) + "; this is tried again by itself";
    if (cause instanceof ModelMemory.NoRoomException noRoom) {
      return LocalModel.withoutRoom(model, reason, !noRoom.passes(), attempts, next);
    }
    // Nobody waits for a disk to be emptied.
    boolean failed = cause instanceof IOException || attempts >= PATIENCE;
    return LocalModel.tryingAgain(model, reason, failed, attempts, next);
  }

  /** Whether the node ended with this deployment twice and the rest for that is over. */
  boolean hasRested(ModelDefinition model, long nowMillis) {
    return restEnds.getOrDefault(model, Long.MAX_VALUE) <= nowMillis;
  }

  /** Forgets rests: of what is loaded, gone, or deployed again, which is a new try. */
  void forgetRests(Predicate<ModelDefinition> forgotten) {
    restEnds.keySet().removeIf(forgotten);
  }

  /** 0.5 s, 1 s, 2 s, … 32 s, then a minute each. */
  private static long pauseMillis(int attempts) {
    return attempts < PATIENCE ? FIRST_PAUSE.millis() << (attempts - 1) : LAST_PAUSE.millis();
  }

  /** Whether the model may be had later: the store or the disk failed, not the model. */
  private static boolean mayPass(Throwable cause) {
    return (cause instanceof ElasticsearchException
            && !(cause instanceof ResourceNotFoundException))
        || cause instanceof RejectedExecutionException
        || (cause instanceof IOException && !(cause instanceof ModelFileException));
  }

  private String reason(Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return ModelException.sentence(copies.withoutPaths(message));
  }
}

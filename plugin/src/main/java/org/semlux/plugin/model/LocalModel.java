package org.semlux.plugin.model;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.elasticsearch.core.TimeValue;
import org.semlux.encoders.Encoder;
import org.semlux.ingest.deployed.DeployedModel;
import org.semlux.ingest.deployed.LoadedModel;

/**
 * A model that this node has taken up.
 *
 * @param encoder there once it is loaded; whoever takes this out of use closes it
 * @param room what it holds while it is loaded
 * @param lacksRoom whether it is not loaded for want of it
 * @param attempts how often the store, the disk or the want of memory has kept it from being loaded
 * @param asked how many are asking it now
 * @param forOthersMillis until when another node that has asked it may ask again: it has cut a
 *     text, and what came of that is on its way
 * @param nextAttemptMillis when it may be tried again, in the thread pool's relative time
 */
record LocalModel(
    ModelDefinition model,
    NodeModel status,
    Optional<Encoder> encoder,
    Optional<ModelMemory.Reservation> room,
    AtomicInteger asked,
    AtomicLong forOthersMillis,
    boolean lacksRoom,
    int attempts,
    long nextAttemptMillis) {
  private static final long FOR_OTHERS_MILLIS = 5_000;
  private static final long NEVER = Long.MAX_VALUE;
  private static final long ANY_TIME = Long.MIN_VALUE;

  static LocalModel loaded(ModelDefinition model, Encoder encoder, ModelMemory.Reservation room) {
    NodeModel status = NodeModel.deployed(model, NodeModel.Shape.of(encoder.info()));
    return new LocalModel(
        model,
        status,
        Optional.of(encoder),
        Optional.of(room),
        new AtomicInteger(),
        new AtomicLong(Long.MIN_VALUE),
        false,
        0,
        NEVER);
  }

  private static LocalModel absent(
      ModelDefinition model, NodeModel status, boolean lacksRoom, int attempts, long nextMillis) {
    return new LocalModel(
        model,
        status,
        Optional.empty(),
        Optional.empty(),
        new AtomicInteger(),
        new AtomicLong(Long.MIN_VALUE),
        lacksRoom,
        attempts,
        nextMillis);
  }

  /** As it can be asked; empty until it is loaded. */
  Optional<DeployedModel> loaded() {
    return encoder.map(ready -> new LoadedModel(model.id(), ready, asked));
  }

  /** The same for another node, whose next request it stays for. */
  Optional<DeployedModel> loadedForOthers(long nowMillis) {
    forOthersMillis.accumulateAndGet(nowMillis + FOR_OTHERS_MILLIS, Math::max);
    return loaded();
  }

  /** Whether nobody waits for anything of it. */
  boolean isIdle(long nowMillis) {
    return asked.get() == 0
        && nowMillis >= forOthersMillis.get()
        && encoder.orElseThrow().stats().queuedTexts() == 0;
  }

  static LocalModel failed(ModelDefinition model, String reason) {
    return absent(model, NodeModel.failed(model, reason), false, 0, NEVER);
  }

  static LocalModel waiting(ModelDefinition model, String reason) {
    return tryingAgain(model, reason, false, 0, ANY_TIME);
  }

  /**
   * @param failed whether users are to be told that it failed, though it will be tried again
   */
  static LocalModel tryingAgain(
      ModelDefinition model, String reason, boolean failed, int attempts, long nextAttemptMillis) {
    return absent(model, status(model, reason, failed), false, attempts, nextAttemptMillis);
  }

  /** The same where it is room that is wanting: it is also tried again once there is more. */
  static LocalModel withoutRoom(
      ModelDefinition model, String reason, boolean failed, int attempts, long nextAttemptMillis) {
    return absent(model, status(model, reason, failed), true, attempts, nextAttemptMillis);
  }

  private static NodeModel status(ModelDefinition model, String reason, boolean failed) {
    return failed ? NodeModel.failed(model, reason) : NodeModel.deploying(model, reason);
  }

  /**
   * Whether this is what has become of that: of the same upload, and where it has failed, of the
   * same deployment.
   */
  boolean isOf(ModelDefinition other) {
    return model.sameUpload(other)
        && (status.state() != ModelState.FAILED || model.deployments() == other.deployments());
  }

  /** Whether it waits for its parts to be readable, however long that takes. */
  boolean isWaiting() {
    return nextAttemptMillis == ANY_TIME;
  }

  /** Whether something is to be done for it now. */
  boolean isDue(long nowMillis) {
    return nextAttemptMillis <= nowMillis;
  }

  /** How long until it is tried again by itself; empty where it never is, or may be at any time. */
  Optional<TimeValue> pause(long nowMillis) {
    return nextAttemptMillis == NEVER || isWaiting()
        ? Optional.empty()
        : Optional.of(TimeValue.timeValueMillis(Math.max(0, nextAttemptMillis - nowMillis)));
  }

  /** Whether it failed for a reason that may pass. */
  boolean isTriedAgain() {
    return nextAttemptMillis != NEVER;
  }

  /** What it holds is given back once the batches that run have ended. */
  void close() {
    encoder.ifPresent(
        open -> {
          var unused = open.released().thenRun(room.orElseThrow()::close);
          open.close();
        });
  }
}

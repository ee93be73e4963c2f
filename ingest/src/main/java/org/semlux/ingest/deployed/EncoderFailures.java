package org.semlux.ingest.deployed;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchException;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.common.util.concurrent.EsRejectedExecutionException;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.tasks.TaskCancelledException;
import org.semlux.encoders.api.EncoderClosedException;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.QueueFullException;

/**
 * What an encoder's failures are to a caller of the node: the one place that gives them a status.
 */
public final class EncoderFailures {
  private static final Logger LOGGER = LogManager.getLogger(EncoderFailures.class);

  private EncoderFailures() {}

  /**
   * The failure with the status that a REST client sees: 429 and {@code Retry-After} for a queue
   * that is full or too long, here or on the way to another node, 400 for a model or an input that
   * cannot be used, 408 past a deadline, 503 for a model that was taken out of use meanwhile: the
   * next try finds what stands in its place, or is told that nothing does. What has a status stays
   * as it is; what PyTorch or Java threw, whose messages may be a program's text, is the cause of
   * one sentence.
   *
   * @param failure what a submitted request's future failed with
   */
  public static Exception withStatus(String modelId, Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof QueueFullException full) {
      return tooMany(full.getMessage(), full.retryAfter());
    }
    if (cause instanceof EsRejectedExecutionException refused) {
      return withRetryAfter(refused);
    }
    if (cause instanceof ModelException) {
      return new ElasticsearchStatusException(cause.getMessage(), RestStatus.BAD_REQUEST, cause);
    }
    if (cause instanceof EncoderClosedException) {
      return new ElasticsearchStatusException(
          "model [{}] was taken out of use while it was asked: try again",
          RestStatus.SERVICE_UNAVAILABLE,
          cause,
          modelId);
    }
    if (cause instanceof TimeoutException) {
      return new ElasticsearchStatusException(
          "model [{}]: {}", RestStatus.REQUEST_TIMEOUT, cause, modelId, cause.getMessage());
    }
    if (cause instanceof CancellationException) {
      return new TaskCancelledException("encoding with model [" + modelId + "] was cancelled");
    }
    if (cause instanceof ElasticsearchException || cause instanceof IllegalArgumentException) {
      return (Exception) cause;
    }
    // An Error in a future kills no thread: hand it on as a failure of this request.
    LOGGER.warn("model [{}] could not encode", modelId, cause);
    return new ElasticsearchStatusException(
        "model [{}] could not encode: {} (more in the node's log)",
        RestStatus.INTERNAL_SERVER_ERROR,
        modelId,
        cause.getClass().getSimpleName());
  }

  /** What a full pool of threads, or another bound without a pace, has refused: 429. */
  public static Exception withRetryAfter(Exception failure) {
    return failure instanceof EsRejectedExecutionException
        ? tooMany(failure.getMessage(), Duration.ZERO)
        : failure;
  }

  /** With when to come again: a header of the answer and, in a bulk's items, of the error. */
  private static ElasticsearchStatusException tooMany(String message, Duration retryAfter) {
    long seconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    var refused =
        new ElasticsearchStatusException(
            "{}: try again in {} s", RestStatus.TOO_MANY_REQUESTS, message, seconds);
    refused.addBodyHeader("Retry-After", Long.toString(seconds));
    return refused;
  }
}

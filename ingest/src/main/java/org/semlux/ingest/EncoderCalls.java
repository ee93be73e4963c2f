package org.semlux.ingest;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.TermWeights;

/**
 * Encoders for Elasticsearch's asynchronous hooks. One batch may hold the texts of several users,
 * so each listener runs under the thread context of its own caller; it runs on one of the encoder's
 * callback threads, never on one that computes.
 */
public final class EncoderCalls {
  private EncoderCalls() {}

  /**
   * Hands texts over to a dense encoder and returns at once; see {@link #call}.
   *
   * @param listener gets one vector a text, in their order
   */
  public static Runnable dense(
      EncoderSource encoders,
      String modelId,
      EncodeRequest request,
      ThreadContext threadContext,
      ActionListener<List<DenseVector>> listener) {
    return call(
        encoders,
        modelId,
        DenseEncoder.class,
        encoder -> encoder.submit(request),
        threadContext,
        listener);
  }

  /**
   * Asks an encoder of one kind and returns at once.
   *
   * @param ask submits to the encoder
   * @param listener gets the answer; or why there is none, with its REST status: 429 when the queue
   *     has no room for this request. Must not throw
   * @return gives the request up when it is run; the listener then fails
   */
  public static <E extends Encoder, A> Runnable call(
      EncoderSource encoders,
      String modelId,
      Class<E> kind,
      Function<E, CompletableFuture<A>> ask,
      ThreadContext threadContext,
      ActionListener<A> listener) {
    CompletableFuture<A> answer;
    try {
      answer = ask.apply(ofKind(kind, encoders.encoder(modelId), modelId));
    } catch (RuntimeException e) {
      listener.onFailure(EncoderFailures.withStatus(modelId, e));
      return () -> {};
    }
    var preserving = ContextPreservingActionListener.wrapPreservingContext(listener, threadContext);
    var unused =
        answer.whenComplete(
            (given, failure) -> {
              if (failure != null) {
                preserving.onFailure(EncoderFailures.withStatus(modelId, failure));
              } else if (!isFinite(given)) {
                preserving.onFailure(EncoderFailures.withStatus(modelId, notFinite(modelId)));
              } else {
                preserving.onResponse(given);
              }
            });
    return () -> answer.cancel(false);
  }

  /** Whatever a model does, no NaN and no infinity gets into a response, a document or a score. */
  static boolean isFinite(Object answer) {
    return switch (answer) {
      case List<?> several -> several.stream().allMatch(EncoderCalls::isFinite);
      case DenseVector vector -> isFinite(vector.values());
      case TermWeights terms -> isFinite(terms.weights());
      case PairScore pair -> isFinite(pair.scores()) && isFinite(pair.raw());
      default ->
          throw new IllegalArgumentException("no answer of an encoder: " + answer.getClass());
    };
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static ModelException notFinite(String modelId) {
    return ModelException.of(
        modelId,
        "it answered NaN or infinity, which cannot be used: deploy it with precision float32, or"
            + " another model");
  }

  private static <E extends Encoder> E ofKind(Class<E> kind, Encoder encoder, String modelId) {
    if (kind.isInstance(encoder)) {
      return kind.cast(encoder);
    }
    throw new ElasticsearchStatusException(
        "model [{}] is of kind {}, which cannot do this: it takes a {}",
        RestStatus.BAD_REQUEST,
        modelId,
        encoder.info().kind(),
        kind.getSimpleName());
  }
}

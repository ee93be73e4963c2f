package org.semlux.ingest.deployed;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.PairScorer;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;

/**
 * Encoders for Elasticsearch's asynchronous hooks. One batch may hold the texts of several users,
 * so each listener runs under the thread context of its own caller; it runs on one of the encoder's
 * callback threads, never on one that computes.
 */
public final class EncoderCalls {
  private static final Map<Class<?>, String> WANTED =
      Map.of(
          DenseEncoder.class, "dense one",
          SparseEncoder.class, "sparse one",
          PairScorer.class, "cross-encoder or multi-vector one");

  private EncoderCalls() {}

  /**
   * Hands texts over to whatever encodes single texts and returns at once; see {@link #call}.
   *
   * @param listener gets one encoding a text, in their order
   */
  public static Runnable encode(
      EncoderSource encoders,
      String modelId,
      EncodeRequest request,
      ThreadContext threadContext,
      ActionListener<List<? extends Encoding>> listener) {
    return call(
        modelId, () -> textEncoder(encoders, modelId).submit(request), threadContext, listener);
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
    return call(
        modelId,
        () -> ask.apply(ofKind(kind, encoders.encoder(modelId), modelId)),
        threadContext,
        listener);
  }

  private static <A> Runnable call(
      String modelId,
      Supplier<CompletableFuture<? extends A>> ask,
      ThreadContext threadContext,
      ActionListener<A> listener) {
    CompletableFuture<? extends A> answer;
    try {
      answer = ask.get();
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
              } else {
                preserving.onResponse(given);
              }
            });
    return () -> answer.cancel(false);
  }

  /**
   * A deployed model that encodes single texts.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status where there is none
   */
  public static TextEncoder<?> textEncoder(EncoderSource encoders, String modelId) {
    return switch (encoders.encoder(modelId)) {
      case TextEncoder<?> encoder -> encoder;
      case CrossEncoder cross -> throw unsuited(modelId, cross, TextEncoder.class);
    };
  }

  private static <E extends Encoder> E ofKind(Class<E> kind, Encoder encoder, String modelId) {
    if (kind.isInstance(encoder)) {
      return kind.cast(encoder);
    }
    throw unsuited(modelId, encoder, kind);
  }

  private static ElasticsearchStatusException unsuited(
      String modelId, Encoder encoder, Class<?> kind) {
    return new ElasticsearchStatusException(
        "model [{}] is of kind {}, which cannot do this: it takes a {}",
        RestStatus.BAD_REQUEST,
        modelId,
        encoder.info().kind(),
        WANTED.getOrDefault(kind, "model that encodes texts"));
  }
}

package org.semlux.ingest;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.rest.RestStatus;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.Encoder;

/**
 * Texts to dense vectors for Elasticsearch's asynchronous hooks. One batch may hold the texts of
 * several users, so each listener runs under the thread context of its own caller; it runs on one
 * of the encoder's callback threads, never on one that computes.
 */
public final class DenseEncoding {
  private DenseEncoding() {}

  /**
   * Hands the texts over and returns at once.
   *
   * @param listener gets one vector a text, in their order; or why there are none, with its REST
   *     status: 429 when the queue has no room for this request. Must not throw
   * @return gives the request up when it is run; the listener then fails
   */
  public static Runnable encode(
      EncoderSource encoders,
      String modelId,
      EncodeRequest request,
      ThreadContext threadContext,
      ActionListener<List<DenseVector>> listener) {
    CompletableFuture<List<DenseVector>> vectors;
    try {
      vectors = dense(encoders.encoder(modelId), modelId).submit(request);
    } catch (RuntimeException e) {
      listener.onFailure(EncoderFailures.withStatus(modelId, e));
      return () -> {};
    }
    var preserving = ContextPreservingActionListener.wrapPreservingContext(listener, threadContext);
    var unused =
        vectors.whenComplete(
            (encoded, failure) -> {
              if (failure == null) {
                preserving.onResponse(encoded);
              } else {
                preserving.onFailure(EncoderFailures.withStatus(modelId, failure));
              }
            });
    return () -> vectors.cancel(false);
  }

  private static DenseEncoder dense(Encoder encoder, String modelId) {
    if (encoder instanceof DenseEncoder dense) {
      return dense;
    }
    throw new ElasticsearchStatusException(
        "model [{}] is of kind {}, which makes no dense vectors",
        RestStatus.BAD_REQUEST,
        modelId,
        encoder.info().kind());
  }
}

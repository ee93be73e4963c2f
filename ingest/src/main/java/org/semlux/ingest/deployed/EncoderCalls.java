package org.semlux.ingest.deployed;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.ContextPreservingActionListener;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.batch.InTurn;

/**
 * Deployed models for Elasticsearch's asynchronous hooks. One batch may hold the texts of several
 * users, so each listener runs under the thread context of its own caller; it runs on one of the
 * encoder's callback threads, or of the pool for other nodes' answers, never on one that computes.
 */
public final class EncoderCalls {
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
    return call(encoders, modelId, model -> model.encode(request), threadContext, listener);
  }

  /**
   * Hands pairs over to whatever scores them and returns at once; see {@link #call}.
   *
   * @param listener gets one score a pair, in their order
   */
  public static Runnable score(
      EncoderSource encoders,
      String modelId,
      ScoreRequest request,
      ThreadContext threadContext,
      ActionListener<List<PairScore>> listener) {
    return call(
        encoders, modelId, model -> model.score(request, List.of()), threadContext, listener);
  }

  /**
   * Asks a model and returns at once.
   *
   * @param ask submits to the model
   * @param listener gets the answer; or why there is none, with its REST status: 429 when the queue
   *     has no room for this request; and what it throws itself, see {@link AnsweredOnce#when}
   * @return gives the request up when it is run; the listener then fails
   */
  public static <A> Runnable call(
      EncoderSource encoders,
      String modelId,
      Function<DeployedModel, CompletableFuture<? extends A>> ask,
      ThreadContext threadContext,
      ActionListener<A> listener) {
    return call(encoders, modelId, ask, answer -> {}, threadContext, listener);
  }

  /**
   * Asks a model and returns at once; see {@link #call}.
   *
   * @param limit may fail the answer when it likes: what was asked for it is given up then
   */
  public static <A> Runnable call(
      EncoderSource encoders,
      String modelId,
      Function<DeployedModel, CompletableFuture<? extends A>> ask,
      Consumer<CompletableFuture<A>> limit,
      ThreadContext threadContext,
      ActionListener<A> listener) {
    CompletableFuture<A> answer =
        InTurn.of(ready(encoders, modelId), ready -> encoders.model(modelId).ask(ask));
    limit.accept(answer);
    AnsweredOnce.when(
        answer,
        failure -> EncoderFailures.withStatus(modelId, failure),
        ContextPreservingActionListener.wrapPreservingContext(listener, threadContext));
    return () -> answer.cancel(false);
  }

  /**
   * Goes on when models are {@link EncoderSource#ready}: at once as a rule, else later under the
   * caller's thread context.
   *
   * @param next told that they are; and what it throws itself, see {@link AnsweredOnce#run}
   */
  public static void whenReady(
      EncoderSource encoders,
      Collection<String> modelIds,
      ThreadContext threadContext,
      ActionListener<Void> next) {
    CompletableFuture<?>[] all =
        modelIds.stream()
            .distinct()
            .map(modelId -> ready(encoders, modelId).exceptionally(e -> null)) // said when asked
            .toArray(CompletableFuture<?>[]::new);
    AnsweredOnce.when(
        CompletableFuture.allOf(all),
        e -> EncoderFailures.withStatus(String.join(", ", modelIds), e),
        ContextPreservingActionListener.wrapPreservingContext(next, threadContext));
  }

  private static CompletableFuture<Void> ready(EncoderSource encoders, String modelId) {
    return InTurn.of(CompletableFuture.completedFuture(modelId), encoders::ready);
  }
}

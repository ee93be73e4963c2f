package org.semlux.ingest.deployed;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.core.CheckedConsumer;
import org.elasticsearch.rest.RestStatus;

/**
 * Sees to it that whoever waits is answered, and once, whatever is thrown on the way. A future
 * keeps to itself what its callbacks throw, and Elasticsearch's listeners catch exceptions alone:
 * after an error nobody would be told. Thread-safe.
 *
 * <p>Futures end in {@link #when}, and steps of our own begin in {@link #run}; both tell a listener
 * of all that is thrown behind it. What others wait for, and what ends a count of several answers,
 * is {@link #of}: it is told once, and told what it throws itself.
 */
public final class AnsweredOnce {
  private static final Logger LOGGER = LogManager.getLogger(AnsweredOnce.class);

  private AnsweredOnce() {}

  /** A listener that passes on the first answer alone, and throws nothing. */
  public static <A> ActionListener<A> of(ActionListener<A> end) {
    return of(end, () -> {});
  }

  /**
   * The same with something to be done behind the answer.
   *
   * @param afterwards run once, whatever the listener throws
   */
  public static <A> ActionListener<A> of(ActionListener<A> end, Runnable afterwards) {
    AtomicBoolean told = new AtomicBoolean();
    return new ActionListener<>() {
      @Override
      public void onResponse(A answer) {
        tell(() -> run(end, l -> l.onResponse(answer)));
      }

      @Override
      public void onFailure(Exception e) {
        tell(() -> fail(end, e));
      }

      private void tell(Runnable answer) {
        if (told.compareAndSet(false, true)) {
          answer.run();
          try {
            afterwards.run();
          } catch (Throwable e) {
            LOGGER.error("what follows an answer has failed", e);
          }
        }
      }
    };
  }

  /**
   * Tells a listener of a future's end, on the thread that ends it.
   *
   * @param failures what a future's failure is to the listener
   */
  public static <A> void when(
      CompletableFuture<? extends A> answer,
      Function<Throwable, Exception> failures,
      ActionListener<A> listener) {
    var unused =
        answer.whenComplete(
            (given, failure) ->
                run(
                    listener,
                    l -> {
                      if (failure == null) {
                        l.onResponse(given);
                      } else {
                        l.onFailure(failures.apply(failure));
                      }
                    }));
  }

  /** Does what answers a listener, and tells it of what that throws. */
  public static <A> void run(
      ActionListener<A> listener, CheckedConsumer<ActionListener<A>, Exception> action) {
    try {
      action.accept(listener);
    } catch (Throwable e) { // errors too
      fail(listener, e);
    }
  }

  private static void fail(ActionListener<?> listener, Throwable e) {
    try {
      listener.onFailure(exception(e));
    } catch (Throwable again) {
      LOGGER.error("a failure could not be told", again);
    }
  }

  /** An error is told by its name: it may be too large, or of a class that other nodes lack. */
  private static Exception exception(Throwable e) {
    if (e instanceof Exception exception) {
      return exception;
    }
    LOGGER.error("a request has failed", e);
    return new ElasticsearchStatusException(
        "the node could not answer: {} (more in the node's log)",
        RestStatus.INTERNAL_SERVER_ERROR,
        e.getClass().getSimpleName());
  }
}

package org.semlux.training.deploy;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Waits for an answer as long as something of it comes: a page of long documents may take its time.
 * A request's own timeout does not always end a body that stops half way.
 *
 * @param longest how long nothing may come
 */
record IdleTimeout(Duration longest) {
  /**
   * Sends a request. An answer that is no longer waited for is given up.
   *
   * @throws ExecutionException when it fails
   * @throws TimeoutException when nothing has come for too long
   */
  HttpResponse<String> send(HttpClient client, HttpRequest request)
      throws ExecutionException, InterruptedException, TimeoutException {
    AtomicLong pieces = new AtomicLong();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(
            request,
            head -> new WatchedBody(BodyHandlers.ofString().apply(head), pieces::incrementAndGet));
    try {
      while (true) {
        long before = pieces.get();
        try {
          return answer.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (pieces.get() == before) {
            throw e;
          }
        }
      }
    } catch (TimeoutException | InterruptedException e) {
      answer.cancel(true);
      throw e;
    }
  }

  /** An answer's body, of which somebody is told that more has come. */
  private record WatchedBody(BodySubscriber<String> body, Runnable more)
      implements BodySubscriber<String> {
    @Override
    public CompletionStage<String> getBody() {
      return body.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      body.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      more.run();
      body.onNext(bytes);
    }

    @Override
    public void onError(Throwable e) {
      body.onError(e);
    }

    @Override
    public void onComplete() {
      body.onComplete();
    }
  }
}

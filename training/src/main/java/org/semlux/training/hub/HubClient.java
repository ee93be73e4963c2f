package org.semlux.training.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.semlux.training.deploy.NetworkFailure;
import org.semlux.training.deploy.Retry;

/**
 * Sends requests for one model to a hub. Follows redirects by itself, since the token is for the
 * endpoint alone. Not thread-safe.
 */
final class HubClient implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);

  /** Hubs count requests over five minutes. */
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  /** So much more of a file counts as success, after which attempts are counted anew. */
  private static final long SUCCESS = 1 << 20;

  private static final int MOST_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> PASSING = Set.of(408, 429);

  private final HttpClient client;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "semlux-hub-timer");
            thread.setDaemon(true);
            return thread;
          });
  private final HubOptions options;
  private final HubModel model;
  private final Consumer<String> notices;
  private boolean reached;

  /**
   * @param notices is told why a request is tried again
   */
  HubClient(HubOptions options, HubModel model, Consumer<String> notices) {
    this.options = options;
    this.client =
        options
            .proxies()
            .of(HttpClient.newBuilder())
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    this.model = model;
    this.notices = notices;
    timer.setRemoveOnCancelPolicy(true);
  }

  URI endpoint() {
    return options.endpoint();
  }

  /** Something that may be tried again from where it stopped. */
  interface Attempt<T> {
    T run() throws IOException;
  }

  /**
   * Tries until it succeeds, fails for good, or fails too often in a row.
   *
   * @param done how far it has come, in bytes
   */
  <T> T retrying(LongSupplier done, Attempt<T> attempt) throws IOException {
    long before = done.getAsLong();
    for (int failures = 1; ; failures++) {
      try {
        return attempt.run();
      } catch (PassingException e) {
        long now = done.getAsLong();
        if (now - before >= SUCCESS) {
          failures = 1;
          before = now;
        }
        before = Math.min(before, now);
        if (failures >= options.retry().attempts()) {
          throw new IOException(
              "%s, %s times in a row: run the command again later, it goes on from here"
                  .formatted(e.getMessage(), failures),
              e);
        }
        pause(failures, e);
      }
    }
  }

  private void pause(int failures, PassingException e) throws IOException {
    Duration pause = options.retry().pauseAfter(failures, e.pause(), LONGEST_PAUSE);
    notices.accept(e.getMessage() + ": trying again in " + pause.toMillis() + " ms");
    try {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + options.endpoint());
    }
  }

  /**
   * Asks once.
   *
   * @param from which byte on; 0 for all
   * @throws PassingException when the same may succeed later
   * @throws HubException when it was refused
   */
  HubAnswer get(URI address, long from) throws IOException {
    URI at = address;
    Optional<HttpHeaders> hubs = Optional.empty();
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpResponse<InputStream> response = send(at, from);
      HttpHeaders first = hubs.orElse(response.headers());
      hubs = Optional.of(first);
      int status = response.statusCode();
      if (status == 200 || status == 206) {
        return new HubAnswer(response, first, timer, options.patience());
      }
      response.body().close();
      if (!REDIRECTS.contains(status)) {
        throw refusal(response);
      }
      at = redirect(response);
    }
    throw new IOException(address + " redirects more than " + MOST_REDIRECTS + " times");
  }

  private HttpResponse<InputStream> send(URI address, long from) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "semlux");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    Optional<String> token = options.token().filter(any -> options.isEndpoints(address));
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    options.proxies().prepare(request, address, token.isPresent());
    // Not the request's own timeout: what it covers beside the headers depends on the JDK.
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request.build(), BodyHandlers.ofInputStream());
    try {
      HttpResponse<InputStream> response =
          answer.get(options.patience().toMillis(), TimeUnit.MILLISECONDS);
      reached = true;
      return response;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      String problem =
          "cannot reach "
              + address.getHost()
              + options.proxies().through(address)
              + ": "
              + NetworkFailure.reason(cause);
      if (!reached && (cause instanceof ConnectException || cause instanceof SSLException)) {
        throw new IOException(problem + "; check the network and HF_ENDPOINT", cause);
      }
      throw new PassingException(problem, cause);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new PassingException(address.getHost() + " does not answer", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + address.getHost());
    }
  }

  private static URI redirect(HttpResponse<InputStream> response) throws IOException {
    URI from = response.uri();
    String location = response.headers().firstValue("Location").orElse("");
    URI to;
    try {
      to = from.resolve(legal(location));
    } catch (IllegalArgumentException e) {
      throw new IOException(from.getHost() + " redirects to [" + location + "]: no address", e);
    }
    boolean encrypted = "https".equals(to.getScheme());
    if (location.isEmpty()
        || to.getHost() == null
        || !(encrypted || ("http".equals(to.getScheme()) && "http".equals(from.getScheme())))) {
      throw new IOException(
          from.getHost() + " redirects to [" + location + "], which is not followed");
    }
    return to;
  }

  /** Some stores put quotes and blanks into addresses, where only their codes may stand. */
  private static String legal(String address) {
    StringBuilder legal = new StringBuilder();
    for (int i = 0; i < address.length(); i++) {
      char c = address.charAt(i);
      if (" \"<>\\^`{|}".indexOf(c) < 0) {
        legal.append(c);
      } else {
        legal.append('%').append(HexFormat.of().toHexDigits((byte) c));
      }
    }
    return legal.toString();
  }

  private IOException refusal(HttpResponse<InputStream> response) {
    int status = response.statusCode();
    String host = response.uri().getHost();
    if (PASSING.contains(status) || status / 100 == 5) {
      return new PassingException(
          host + " is busy or failing (" + status + ")", Retry.asked(response.headers()));
    }
    if (!options.isEndpoints(response.uri())) {
      return new HubException(
          status, host + ", where the hub keeps files of " + model + ", answers " + status);
    }
    String code = response.headers().firstValue("X-Error-Code").orElse("");
    return new HubException(status, Refusals.sentence(status, code, model, options));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    client.shutdownNow();
  }
}

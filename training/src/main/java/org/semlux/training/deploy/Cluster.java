package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.semlux.training.data.StrictJson;

/**
 * Talks to Elasticsearch. A busy or failing node (429, 5xx) and a lost connection are tried again,
 * so only requests that may arrive twice are sent. Not thread-safe.
 *
 * {@snippet lang=java :
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("http://localhost:9200"),
 *         Optional.empty(),
 *         Retry.DEFAULT,
 *         Proxies.of(System.getenv()),
 *         System.err::println);
 * JsonObject answer = cluster.ask("GET", "/", ""); // its name and version
 * }
 */
public final class Cluster {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration ASKING = Duration.ofSeconds(60);

  private final HttpClient client;
  private final Proxies proxies;
  private final String url;
  private final Optional<String> authorization;
  private final Retry retry;
  private final Consumer<String> notices;
  private boolean reached;

  /**
   * @param url of any node, such as {@code http://localhost:9200}; a path is kept
   * @param authorization the header's value, such as {@code ApiKey …}
   * @param proxies the way there
   * @param notices is told why a request is tried again
   */
  public Cluster(
      URI url,
      Optional<String> authorization,
      Retry retry,
      Proxies proxies,
      Consumer<String> notices) {
    this(url, authorization, Optional.empty(), retry, proxies, notices);
  }

  /**
   * The same for a cluster whose certificate is its owner's own.
   *
   * @param trust whom to trust; the JDK's authorities where it is empty
   */
  public Cluster(
      URI url,
      Optional<String> authorization,
      Optional<SSLContext> trust,
      Retry retry,
      Proxies proxies,
      Consumer<String> notices) {
    this.proxies = proxies;
    HttpClient.Builder builder =
        proxies
            .of(HttpClient.newBuilder())
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    trust.ifPresent(builder::sslContext);
    this.client = builder.build();
    this.url = url.toString().replaceFirst("/+$", "");
    this.authorization = authorization;
    this.retry = retry;
    this.notices = notices;
  }

  /** The address that it was made with. */
  public String url() {
    return url;
  }

  /** Gives a notice to whoever gets those of requests that are tried again. */
  void tell(String notice) {
    notices.accept(notice);
  }

  /**
   * Asks something that changes nothing, or nothing that may not be done twice.
   *
   * @param path from the address on, such as {@code /_search}
   * @param body JSON, or lines of it each with its end; empty: none
   * @throws ClusterException when the cluster refuses it, or attempts are used up
   */
  public JsonObject ask(String method, String path, String body) throws IOException {
    return retrying(() -> askOnce(method, path, body));
  }

  /** The same without another attempt, as a part of {@link #retrying}. */
  public JsonObject askOnce(String method, String path, String body) throws IOException {
    return sendOnce(method, path, body.isEmpty() ? Body.NONE : Body.json(body), ASKING);
  }

  /**
   * Sends a request and returns the answer.
   *
   * @param path from the address on, such as {@code /_semlux/models}
   * @param timeout how long nothing may come in one attempt
   * @throws ClusterException when the cluster refuses it, or attempts are used up
   */
  JsonObject send(String method, String path, Body body, Duration timeout) throws IOException {
    return retrying(() -> sendOnce(method, path, body, timeout));
  }

  /** Something that is tried again where that may help. */
  public interface Attempt<T> {
    T run() throws IOException;
  }

  /**
   * Tries until it succeeds, is refused for good, or has failed too often.
   *
   * @throws ClusterException the last failure
   */
  public <T> T retrying(Attempt<T> attempt) throws IOException {
    for (int number = 1; ; number++) {
      try {
        return attempt.run();
      } catch (ClusterException e) {
        if (!e.mayPass() || number == retry.attempts()) {
          throw e;
        }
        Duration pause = retry.pauseAfter(number, e.pause(), Retry.LONGEST);
        notices.accept(e.getMessage() + ": trying again in " + pause.toMillis() + " ms");
        rest(pause);
      }
    }
  }

  private JsonObject sendOnce(String method, String path, Body body, Duration timeout)
      throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, BodyPublishers.ofByteArray(body.bytes()));
    body.type().ifPresent(type -> request.header("Content-Type", type));
    authorization.ifPresent(value -> request.header("Authorization", value));
    proxies.prepare(request, URI.create(url), authorization.isPresent());
    HttpResponse<String> response = answer(request.build(), timeout);
    reached = true;
    int status = response.statusCode();
    if (status / 100 != 2) {
      String name = method + " " + url + path.replaceFirst("\\?.*", "");
      throw new ClusterException(
          status,
          reason(response) + " (" + status + " to " + name + ")",
          ClusterException.mayPass(status),
          Retry.asked(response.headers()));
    }
    return json(response);
  }

  private HttpResponse<String> answer(HttpRequest request, Duration timeout) throws IOException {
    try {
      return new IdleTimeout(timeout).send(client, request);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      // Nobody there from the start, or not whom we trust: a wrong address more likely than a node
      // that restarts.
      boolean absent = cause instanceof ConnectException || cause instanceof SSLException;
      throw unreachable(NetworkFailure.reason(cause), cause, reached || !absent);
    } catch (TimeoutException e) {
      throw unreachable("nothing came for " + timeout.toSeconds() + " s", e, true);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private ClusterException unreachable(String reason, Throwable cause, boolean mayPass) {
    String through = proxies.through(URI.create(url));
    return new ClusterException("cannot reach " + url + through + ": " + reason, cause, mayPass);
  }

  private static void rest(Duration pause) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while talking to the cluster");
  }

  private JsonObject json(HttpResponse<String> response) throws ClusterException {
    try {
      JsonElement body = StrictJson.parse(response.body());
      if (body.isJsonObject()) {
        return body.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      // Said below, as for JSON of another kind.
    }
    throw new ClusterException(
        response.statusCode(),
        url + " did not answer with a JSON object: is it Elasticsearch?",
        false);
  }

  /** The reason in an Elasticsearch error, else the start of whatever came. */
  private static String reason(HttpResponse<String> response) {
    String body = response.body().strip();
    try {
      JsonElement error = StrictJson.parse(body).getAsJsonObject().get("error");
      body =
          error.isJsonObject()
              ? error.getAsJsonObject().get("reason").getAsString()
              : error.getAsString();
    } catch (RuntimeException e) {
      body = body.substring(0, Math.min(body.length(), 200));
    }
    String hint =
        body.startsWith("no handler found for uri") ? " (is the plugin installed there?)" : "";
    return body + hint;
  }

  /** A request's body and its media type. */
  record Body(byte[] bytes, Optional<String> type) {
    static final Body NONE = new Body(new byte[0], Optional.empty());

    static Body json(String json) {
      return new Body(json.getBytes(UTF_8), Optional.of("application/json"));
    }

    static Body of(byte[] bytes) {
      return new Body(bytes, Optional.of("application/octet-stream"));
    }
  }
}

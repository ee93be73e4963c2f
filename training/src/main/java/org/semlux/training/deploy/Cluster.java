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
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.semlux.training.data.StrictJson;

/**
 * Talks to Elasticsearch. A busy or failing node (429, 5xx) and a lost connection are tried again,
 * so only requests that may arrive twice are sent. Not thread-safe.
 */
public final class Cluster {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final int TOO_MANY_REQUESTS = 429;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final String url;
  private final Optional<String> authorization;
  private final Retry retry;
  private final Consumer<String> notices;
  private boolean reached;

  /**
   * @param url of any node, such as {@code http://localhost:9200}; a path is kept
   * @param authorization the header's value, such as {@code ApiKey …}
   * @param notices is told why a request is tried again
   */
  public Cluster(URI url, Optional<String> authorization, Retry retry, Consumer<String> notices) {
    this.url = url.toString().replaceFirst("/+$", "");
    this.authorization = authorization;
    this.retry = retry;
    this.notices = notices;
  }

  /** The address that it was made with. */
  public String url() {
    return url;
  }

  /**
   * Sends a request and returns the answer.
   *
   * @param path from the address on, such as {@code /_semlux/models}
   * @param timeout for one attempt
   * @throws ClusterException when the cluster refuses it, or attempts are used up
   */
  JsonObject send(String method, String path, Body body, Duration timeout) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(timeout)
            .method(method, BodyPublishers.ofByteArray(body.octets()));
    body.type().ifPresent(type -> request.header("Content-Type", type));
    authorization.ifPresent(value -> request.header("Authorization", value));
    for (int attempt = 1; ; attempt++) {
      Optional<HttpResponse<String>> response = Optional.empty();
      String problem;
      IOException cause = null;
      try {
        response = Optional.of(client.send(request.build(), BodyHandlers.ofString()));
        reached = true;
        if (response.get().statusCode() / 100 == 2) {
          return json(response.get());
        }
        problem = method + " " + url + path + " was refused: " + reason(response.get());
      } catch (IOException e) {
        cause = e;
        problem = "cannot reach " + url + ": " + reason(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted during " + method + " " + path);
      }
      boolean hopeless = cause instanceof ConnectException && !reached;
      int status = response.map(HttpResponse::statusCode).orElse(ClusterException.NO_ANSWER);
      if (hopeless || attempt == retry.attempts() || !isPassing(status)) {
        throw cause == null
            ? new ClusterException(status, problem)
            : new ClusterException(problem, cause);
      }
      pause(attempt, response, problem);
    }
  }

  private static boolean isPassing(int status) {
    return status == ClusterException.NO_ANSWER || status == TOO_MANY_REQUESTS || status / 100 == 5;
  }

  private void pause(int attempt, Optional<HttpResponse<String>> response, String problem)
      throws IOException {
    Duration pause =
        response
            .flatMap(answer -> Retry.asked(answer.headers()))
            .filter(value -> value.compareTo(Retry.LONGEST) < 0)
            .orElse(retry.pauseAfter(attempt));
    notices.accept(problem + ": trying again in " + pause.toMillis() + " ms");
    rest(pause);
  }

  private static void rest(Duration pause) throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the cluster");
    }
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
        response.statusCode(), url + " did not answer with a JSON object: is it Elasticsearch?");
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message != null
        ? message
        : e instanceof ConnectException ? "connection refused" : e.getClass().getSimpleName();
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
    return response.statusCode() + " " + body + hint;
  }

  /** A request's body and its media type. */
  record Body(byte[] octets, Optional<String> type) {
    static final Body NONE = new Body(new byte[0], Optional.empty());

    static Body json(String json) {
      return new Body(json.getBytes(UTF_8), Optional.of("application/json"));
    }

    static Body octets(byte[] octets) {
      return new Body(octets, Optional.of("application/octet-stream"));
    }
  }
}

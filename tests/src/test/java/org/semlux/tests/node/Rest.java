package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests to a node, with JSON as maps, lists, strings, longs, doubles and booleans. */
public final class Rest {
  /** Reads and writes JSON as plain Java values. */
  public static final Gson JSON =
      new GsonBuilder()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .serializeNulls()
          .disableHtmlEscaping()
          .create();

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI url;
  private final Optional<String> credentials;

  public Rest(URI url) {
    this(url, Optional.empty());
  }

  private Rest(URI url, Optional<String> credentials) {
    this.url = url;
    this.credentials = credentials;
  }

  /** The same node, asked by a user. */
  Rest as(String user, String password) {
    byte[] name = (user + ":" + password).getBytes(UTF_8);
    return new Rest(url, Optional.of("Basic " + Base64.getEncoder().encodeToString(name)));
  }

  public URI url() {
    return url;
  }

  /** What a node answered. */
  public record Answer(int status, Object body) {
    /** The value at a path such as {@code hits.hits.0._id}; null where there is none. */
    public Object at(String path) {
      return JsonPath.at(body, path);
    }
  }

  /** Sends JSON text, or nothing when it is empty. */
  public Answer call(String method, String path, String json) {
    return call(method, path, BodyPublishers.ofString(json), "application/json");
  }

  /** Sends JSON text that must be answered with a status below 300. */
  public Answer succeed(String method, String path, String json) {
    Answer answer = call(method, path, json);
    if (answer.status() >= 300) {
      throw new AssertionError(method + " " + path + " answered " + answer);
    }
    return answer;
  }

  /** Sends any body: a string or bytes as they are, everything else as JSON. */
  public Answer call(String method, String path, Object body) {
    if (body instanceof byte[] bytes) {
      return call(method, path, BodyPublishers.ofByteArray(bytes), "application/octet-stream");
    }
    return call(method, path, body instanceof String text ? text : JSON.toJson(body));
  }

  /** A bulk request or its like: a JSON value a line. */
  public static String lines(List<?> values) {
    StringBuilder lines = new StringBuilder();
    for (Object value : values) {
      lines.append(value instanceof String text ? text : JSON.toJson(value)).append('\n');
    }
    return lines.toString();
  }

  private Answer call(String method, String path, BodyPublisher body, String contentType) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.resolve(path))
            .method(method, body)
            .header("Content-Type", contentType)
            .timeout(TIMEOUT);
    credentials.ifPresent(given -> request.header("Authorization", given));
    try {
      var response = http.send(request.build(), BodyHandlers.ofString());
      boolean json =
          response.headers().firstValue("content-type").orElse("").contains("application/json");
      Object answer = json ? JSON.fromJson(response.body(), Object.class) : response.body();
      return new Answer(response.statusCode(), answer == null ? Map.of() : answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + method + " " + path, e);
    }
  }
}

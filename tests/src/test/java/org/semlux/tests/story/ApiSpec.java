package org.semlux.tests.story;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An endpoint as its JSON of {@code rest-api-spec} tells, ours and Elasticsearch's alike. */
final class ApiSpec {
  private final String name;
  private final JsonObject spec;

  private ApiSpec(String name, JsonObject spec) {
    this.name = name;
    this.spec = spec;
  }

  /** One way to reach an endpoint: a path with {@code {parts}} and its methods. */
  private record Way(String path, List<String> methods, Set<String> parts) {}

  /**
   * What a call is to send: method, path with parts and parameters, and whether lines are its body.
   */
  record Request(String method, String path, boolean bodyIsLines) {}

  static ApiSpec of(String name) {
    String resource = "/rest-api-spec/api/" + name + ".json";
    try (InputStream stream = ApiSpec.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalArgumentException("no endpoint is called " + name);
      }
      JsonElement json = JsonParser.parseReader(new InputStreamReader(stream, UTF_8));
      return new ApiSpec(name, json.getAsJsonObject().getAsJsonObject(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Picks the longest path whose parts are all given; what is left must be parameters of the
   * endpoint.
   *
   * @throws IllegalArgumentException when the arguments fit no path, or name no parameter
   */
  Request request(Map<String, Object> arguments, boolean hasBody) {
    Way best = null;
    for (JsonElement element : spec.getAsJsonObject("url").getAsJsonArray("paths")) {
      Way way = way(element.getAsJsonObject());
      if (arguments.keySet().containsAll(way.parts())
          && (best == null || way.parts().size() > best.parts().size())) {
        best = way;
      }
    }
    if (best == null) {
      throw new IllegalArgumentException(name + " has no path for " + arguments.keySet());
    }
    Map<String, Object> parameters = new LinkedHashMap<>(arguments);
    String path = best.path();
    for (String part : best.parts()) {
      path = path.replace("{" + part + "}", encode(parameters.remove(part)));
    }
    return new Request(method(best, hasBody), path + query(parameters), bodyIsLines());
  }

  private static Way way(JsonObject path) {
    List<String> methods = new ArrayList<>();
    path.getAsJsonArray("methods").forEach(method -> methods.add(method.getAsString()));
    Set<String> parts =
        path.has("parts") ? path.getAsJsonObject("parts").keySet() : Set.<String>of();
    return new Way(path.get("path").getAsString(), methods, parts);
  }

  /** A GET with a body is a POST where the endpoint has both. */
  private static String method(Way way, boolean hasBody) {
    return hasBody && way.methods().contains("POST") ? "POST" : way.methods().get(0);
  }

  private String query(Map<String, Object> parameters) {
    StringBuilder query = new StringBuilder();
    Set<String> known =
        spec.has("params") ? spec.getAsJsonObject("params").keySet() : Set.<String>of();
    parameters.forEach(
        (parameter, value) -> {
          if (!known.contains(parameter)) {
            throw new IllegalArgumentException(name + " has no parameter " + parameter);
          }
          query.append(query.isEmpty() ? '?' : '&').append(parameter).append('=');
          query.append(encode(value));
        });
    return query.toString();
  }

  private boolean bodyIsLines() {
    return spec.has("body") && spec.getAsJsonObject("body").has("serialize");
  }

  private static String encode(Object value) {
    return URLEncoder.encode(String.valueOf(value), UTF_8).replace("+", "%20");
  }
}

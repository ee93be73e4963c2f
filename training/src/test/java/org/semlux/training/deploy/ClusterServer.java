package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.semlux.encoders.folder.Sha256;

/**
 * The plugin's REST contract for one model, over real HTTP on the loopback interface: it keeps and
 * checks what it is sent. It can be told to fail, in the ways that real clusters and networks do.
 */
public final class ClusterServer implements AutoCloseable {
  /** Closes the connection instead of answering. */
  public static final int DROP = -1;

  /** Does as it is told and closes the connection instead of saying so. */
  public static final int LOSE = -2;

  /** Answers as it should. */
  public static final int PASS = 0;

  private final HttpServer server;
  private final List<String> requests = new ArrayList<>();
  private final Deque<Integer> failures = new ArrayDeque<>();
  private final Map<Integer, byte[]> parts = new TreeMap<>();
  private final List<String> authorizations = new ArrayList<>();
  private final Map<String, String> aliases = new TreeMap<>();
  private final Map<String, String> otherVersions = new TreeMap<>();
  private JsonObject manifest;
  private boolean deployed;
  private boolean answerLost;
  private int slowDeployments;
  private String loadFailure = "";
  private Runnable whenDeployed = () -> {};
  private final Map<Integer, Runnable> before = new TreeMap<>();

  public ClusterServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * What happens to the next requests, one each: a status, {@link #DROP}, {@link #LOSE} or {@link
   * #PASS}.
   */
  public synchronized void fail(int... how) {
    for (int status : how) {
      failures.add(status);
    }
  }

  /** Method and path of every request, in order, failed ones included. */
  public synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  public synchronized List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  /** The manifest that was put last. */
  public synchronized JsonObject manifest() {
    return manifest.deepCopy();
  }

  /** All parts one after the other. */
  public synchronized byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.values().forEach(all::writeBytes);
    return all.toByteArray();
  }

  public synchronized Map<Integer, byte[]> parts() {
    return Map.copyOf(parts);
  }

  /** Every alias and its model. */
  public synchronized Map<String, String> aliases() {
    return Map.copyOf(aliases);
  }

  /** An alias of another model than the one that is kept. */
  public synchronized void alias(String alias, String id, String version) {
    aliases.put(alias, id);
    otherVersions.put(id, version);
  }

  public synchronized void dropPart(int number) {
    parts.remove(number);
  }

  /** So many requests to deploy run into their timeout. */
  public synchronized void deploySlowly(int timeouts) {
    slowDeployments = timeouts;
  }

  public synchronized void failToLoad(String reason) {
    loadFailure = reason;
  }

  /** What happens as the model is loaded. */
  public synchronized void whenDeployed(Runnable then) {
    whenDeployed = then;
  }

  /**
   * What happens before a request is answered.
   *
   * @param number of the request from now on, from 1
   */
  public synchronized void before(int number, Runnable then) {
    before.put(requests.size() + number, then);
  }

  /** Somebody else's model, deployed under the id. */
  public synchronized void hold(JsonObject other) {
    manifest = other;
    deployed = true;
  }

  public synchronized boolean isDeployed() {
    return deployed;
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    requests.add(exchange.getRequestMethod() + " " + path);
    authorizations.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
    before.getOrDefault(requests.size(), () -> {}).run();
    Integer failure = failures.poll();
    if (failure == null || failure == PASS) {
      answer(exchange, path, body);
    } else if (failure == DROP) {
      exchange.close();
    } else if (failure == LOSE) {
      answerLost = true;
      answer(exchange, path, body);
      answerLost = false;
    } else {
      error(exchange, failure, "told to fail");
    }
  }

  private void answer(HttpExchange exchange, String path, byte[] body) throws IOException {
    String[] names = path.split("/");
    if (deployed && path.startsWith("/_semlux/aliases/")) {
      JsonObject alias = JsonParser.parseString(new String(body, UTF_8)).getAsJsonObject();
      aliases.put(names[3], alias.get("model_id").getAsString());
      send(exchange, 200, "{\"acknowledged\":true}");
      return;
    }
    if (path.equals("/_semlux/models")) {
      JsonArray models = new JsonArray();
      aliases.forEach(
          (alias, id) -> {
            JsonObject model = new JsonObject();
            JsonArray own = new JsonArray();
            own.add(alias);
            model.addProperty("id", id);
            String other = otherVersions.get(id);
            model.addProperty("version", other == null ? version() : other);
            model.add("aliases", own);
            models.add(model);
          });
      JsonObject all = new JsonObject();
      all.add("models", models);
      send(exchange, 200, all.toString());
      return;
    }
    if (names.length < 4 || !path.startsWith("/_semlux/models/")) {
      error(exchange, 400, "no handler found for uri [" + path + "]");
      return;
    }
    String method = exchange.getRequestMethod();
    String action = names.length == 4 ? method : names[4];
    switch (action) {
      case "PUT" -> putManifest(exchange, JsonParser.parseString(new String(body, UTF_8)));
      case "parts" -> putPart(exchange, Integer.parseInt(names[5]), body);
      case "_deploy" -> deploy(exchange);
      case "GET" -> status(exchange, aliases.getOrDefault(names[3], names[3]));
      case "DELETE" -> {
        if (manifest == null) {
          error(exchange, 404, "there is no model [" + names[3] + "]");
          return;
        }
        manifest = null;
        parts.clear();
        deployed = false;
        send(exchange, 200, "{\"acknowledged\":true}");
      }
      default -> error(exchange, 405, action);
    }
  }

  private void putManifest(HttpExchange exchange, JsonElement body) throws IOException {
    if (!body.equals(manifest)) {
      if (deployed) {
        error(exchange, 409, "is deployed with other files");
        return;
      }
      manifest = body.getAsJsonObject();
      parts.clear();
    }
    send(exchange, 200, "{\"acknowledged\":true}");
  }

  private void putPart(HttpExchange exchange, int number, byte[] body) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (!query.equals("sha256=" + Sha256.of(body))) {
      error(exchange, 400, "part [" + number + "] does not match " + query);
      return;
    }
    parts.put(number, body);
    send(exchange, 200, "{\"acknowledged\":true}");
  }

  private void deploy(HttpExchange exchange) throws IOException {
    if (!loadFailure.isEmpty()) {
      error(exchange, 400, loadFailure);
    } else if (slowDeployments-- > 0) {
      error(exchange, 408, "not loaded in time");
    } else {
      deployed = true;
      whenDeployed.run();
      send(exchange, 200, "{\"acknowledged\":true,\"state\":\"deployed\"}");
    }
  }

  private void status(HttpExchange exchange, String id) throws IOException {
    if (manifest == null) {
      error(exchange, 404, "no model [" + id + "]");
      return;
    }
    JsonArray ranges = new JsonArray();
    for (int number : parts.keySet()) {
      JsonArray range = new JsonArray();
      range.add(number);
      range.add(number);
      ranges.add(range);
    }
    JsonObject received = new JsonObject();
    received.addProperty("expected", expectedParts());
    received.add("received", ranges);
    JsonObject model = new JsonObject();
    model.addProperty("id", id);
    model.addProperty("state", deployed ? "deployed" : "uploaded");
    model.addProperty("version", version());
    model.add("options", manifest.get("options"));
    model.add("parts", received);
    JsonArray models = new JsonArray();
    models.add(model);
    JsonObject answer = new JsonObject();
    answer.add("models", models);
    send(exchange, 200, answer.toString());
  }

  private long expectedParts() {
    long size =
        manifest.getAsJsonArray("files").asList().stream()
            .mapToLong(file -> file.getAsJsonObject().get("size").getAsLong())
            .sum();
    return Math.ceilDiv(size, manifest.get("part_size").getAsLong());
  }

  /** As nodes have it: of each file its path and hash, behind their length. */
  private String version() {
    ByteBuffer lines = ByteBuffer.allocate(1 << 16);
    manifest.getAsJsonArray("files").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map(file -> file.get("path").getAsString() + " " + file.get("sha256").getAsString())
        .sorted()
        .map(line -> line.getBytes(UTF_8))
        .forEach(line -> lines.putInt(line.length).put(line));
    return Sha256.of(Arrays.copyOf(lines.array(), lines.position())).substring(0, 16);
  }

  private void error(HttpExchange exchange, int status, String reason) throws IOException {
    JsonObject error = new JsonObject();
    error.addProperty("type", "status_exception");
    error.addProperty("reason", reason);
    JsonObject body = new JsonObject();
    body.add("error", error);
    body.addProperty("status", status);
    send(exchange, status, body.toString());
  }

  private void send(HttpExchange exchange, int status, String body) throws IOException {
    if (answerLost) {
      exchange.close();
      return;
    }
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

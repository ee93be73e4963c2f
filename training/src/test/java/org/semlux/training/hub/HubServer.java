package org.semlux.training.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A hub's HTTP interface over real connections on the loopback interface, for one model that lies
 * in a folder: lists of files, small files behind a redirect within the hub, large ones behind one
 * to a store at another port. Single requests can be made to go wrong as they do in real networks.
 */
public final class HubServer implements AutoCloseable {
  /** The model's name. */
  public static final String ID = "org/tiny-model";

  private static final String CACHE = "/api/resolve-cache/models/" + ID + "/c0ffee/";
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

  /** What happens to one request instead of the right answer. */
  public interface Fault {
    void answer(HubServer server, HttpExchange exchange, byte[] content) throws IOException;
  }

  private final Path folder;
  private final HttpServer hub = server();
  private final HttpServer store = server();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch end = new CountDownLatch(1);
  private final Map<String, Deque<Fault>> faults = new HashMap<>();
  private final List<String> requests = new ArrayList<>();
  private final List<String> storeAuthorizations = new ArrayList<>();
  private Optional<String> token = Optional.empty();
  private boolean hasTree = true;
  private boolean tellsHashes = true;
  private int pageSize = 1000;
  private byte[] listing = new byte[0];

  public HubServer(Path folder) throws IOException {
    this.folder = folder;
    hub.createContext("/", exchange -> handle(exchange, this::answerAsHub));
    store.createContext("/", exchange -> handle(exchange, this::answerAsStore));
    hub.setExecutor(threads);
    store.setExecutor(threads);
    hub.start();
    store.start();
  }

  private static HttpServer server() throws IOException {
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  /** An answer without the file. */
  public static Fault status(int status, String... headers) {
    return (server, exchange, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, -1);
    };
  }

  /** Closes the connection after so many bytes of those asked for. */
  public static Fault dropAfter(int bytes) {
    return (server, exchange, content) -> begin(exchange, content, bytes);
  }

  /** Sends so many bytes of those asked for, and then nothing, on an open connection. */
  public static Fault hangAfter(int bytes) {
    return (server, exchange, content) -> {
      begin(exchange, content, bytes);
      try {
        server.end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  /** Sends the whole file whatever was asked for. */
  public static Fault ignoreRange() {
    return (server, exchange, content) -> send(exchange, 200, content);
  }

  /** Sends another content of the same length, or of another. */
  public static Fault content(byte[] other) {
    return (server, exchange, content) -> send(exchange, 200, other);
  }

  /** Sends another content without saying how long it is. */
  public static Fault ofUnknownLength(byte[] other) {
    return (server, exchange, content) -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(other);
    };
  }

  /** What happens to the next requests to the hub whose paths end so. */
  public synchronized void hub(String suffix, Fault... next) {
    faults.computeIfAbsent("hub " + suffix, key -> new ArrayDeque<>()).addAll(List.of(next));
  }

  /** What happens to the next requests to the store for this file. */
  public synchronized void store(String path, Fault... next) {
    faults.computeIfAbsent("store /" + path, key -> new ArrayDeque<>()).addAll(List.of(next));
  }

  public synchronized void requireToken(String required) {
    token = Optional.of(required);
  }

  /** Knows only the description of the model, as some mirrors do. */
  public synchronized void withoutTree(boolean hashes) {
    hasTree = false;
    tellsHashes = hashes;
  }

  public synchronized void pagesOf(int files) {
    pageSize = files;
  }

  /** Answers this to whoever asks for the list of files. */
  public synchronized void list(String answer) {
    listing = answer.getBytes(UTF_8);
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  /** Every request: {@code hub} or {@code store}, path, and the range if any, in order. */
  public synchronized List<String> requests() {
    return List.copyOf(requests);
  }

  public synchronized List<String> storeAuthorizations() {
    return List.copyOf(storeAuthorizations);
  }

  private interface Handler {
    void handle(HttpExchange exchange, String path) throws IOException;
  }

  private void handle(HttpExchange exchange, Handler handler) throws IOException {
    try (exchange) {
      handler.handle(exchange, exchange.getRequestURI().getPath());
    }
  }

  private void answerAsHub(HttpExchange exchange, String path) throws IOException {
    log("hub", exchange);
    String login = exchange.getRequestHeaders().getFirst("Authorization");
    if (token.isPresent() && !("Bearer " + token.get()).equals(login)) {
      send(exchange, 401, "{\"error\":\"Invalid username or password.\"}".getBytes(UTF_8));
    } else if (!goesWrong("hub", exchange, cached(path))) {
      answer(exchange, path);
    }
  }

  /** The file behind a redirect within the hub; empty for other paths. */
  private byte[] cached(String path) throws IOException {
    return path.startsWith(CACHE)
        ? Files.readAllBytes(folder.resolve(path.substring(CACHE.length())))
        : new byte[0];
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    String api = "/api/models/" + ID;
    if (path.startsWith(api + "/tree/") && hasTree) {
      tree(exchange);
    } else if (path.startsWith(api + "/revision/")) {
      send(exchange, 200, listing.length > 0 ? listing : description());
    } else if (path.startsWith("/" + ID + "/resolve/")) {
      String encoded = exchange.getRequestURI().getRawPath().split("/", 6)[5];
      resolve(exchange, URLDecoder.decode(encoded, UTF_8));
    } else if (path.startsWith(CACHE)) {
      sendRange(exchange, cached(path));
    } else {
      exchange.getResponseHeaders().add("X-Error-Code", "RepoNotFound");
      send(exchange, 404, "{\"error\":\"Repository not found\"}".getBytes(UTF_8));
    }
  }

  private void answerAsStore(HttpExchange exchange, String path) throws IOException {
    log("store", exchange);
    Headers headers = exchange.getRequestHeaders();
    synchronized (this) {
      storeAuthorizations.addAll(headers.getOrDefault("Authorization", List.of()));
    }
    byte[] content = Files.readAllBytes(folder.resolve(path.substring(1)));
    if (!goesWrong("store", exchange, content)) {
      sendRange(exchange, content);
    }
  }

  private synchronized void log(String who, HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    requests.add(
        who + " " + exchange.getRequestURI().getPath() + (range == null ? "" : " " + range));
  }

  private boolean goesWrong(String who, HttpExchange exchange, byte[] content) throws IOException {
    Fault fault = null;
    synchronized (this) {
      for (Map.Entry<String, Deque<Fault>> entry : faults.entrySet()) {
        String path = exchange.getRequestURI().getPath();
        String key = entry.getKey();
        boolean meant =
            who.equals("hub")
                ? key.startsWith("hub ") && path.endsWith(key.substring(4))
                : key.equals("store " + path);
        if (meant && !entry.getValue().isEmpty()) {
          fault = entry.getValue().remove();
        }
      }
    }
    if (fault != null) {
      fault.answer(this, exchange, content);
    }
    return fault != null;
  }

  private void tree(HttpExchange exchange) throws IOException {
    if (listing.length > 0) {
      send(exchange, 200, listing);
      return;
    }
    List<Path> files = files();
    String query = exchange.getRequestURI().getQuery();
    int start = query.contains("cursor=") ? Integer.parseInt(query.replaceAll(".*=", "")) : 0;
    int stop = Math.min(files.size(), start + pageSize);
    if (stop < files.size()) {
      exchange
          .getResponseHeaders()
          .add(
              "Link",
              "<%s%s?recursive=true&cursor=%s>; rel=\"next\""
                  .formatted(url(), exchange.getRequestURI().getPath(), stop));
    }
    JsonArray tree = new JsonArray();
    JsonObject directory = new JsonObject();
    directory.addProperty("type", "directory");
    directory.addProperty("path", "1_Pooling");
    directory.addProperty("size", 0);
    tree.add(directory);
    for (Path file : files.subList(start, stop)) {
      JsonObject entry = new JsonObject();
      entry.addProperty("type", "file");
      entry.addProperty("path", folder.relativize(file).toString());
      entry.addProperty("size", Files.size(file));
      entry.addProperty("oid", Checksum.of(Checksum.Kind.GIT_BLOB, file).hex());
      if (isLarge(file)) {
        entry.addProperty("oid", "0123456789012345678901234567890123456789"); // the pointer's
        JsonObject lfs = new JsonObject();
        lfs.addProperty("oid", Checksum.of(Checksum.Kind.SHA_256, file).hex());
        lfs.addProperty("size", Files.size(file));
        lfs.addProperty("pointerSize", 134);
        entry.add("lfs", lfs);
      }
      tree.add(entry);
    }
    send(exchange, 200, tree.toString().getBytes(UTF_8));
  }

  private byte[] description() throws IOException {
    JsonArray siblings = new JsonArray();
    for (Path file : files()) {
      JsonObject entry = new JsonObject();
      entry.addProperty("rfilename", folder.relativize(file).toString());
      if (tellsHashes) {
        entry.addProperty("size", Files.size(file));
        entry.addProperty("blobId", Checksum.of(Checksum.Kind.GIT_BLOB, file).hex());
      }
      if (tellsHashes && isLarge(file)) {
        JsonObject lfs = new JsonObject();
        lfs.addProperty("sha256", Checksum.of(Checksum.Kind.SHA_256, file).hex());
        lfs.addProperty("size", Files.size(file));
        entry.add("lfs", lfs);
      }
      siblings.add(entry);
    }
    JsonObject description = new JsonObject();
    description.addProperty("id", ID);
    description.add("siblings", siblings);
    return description.toString().getBytes(UTF_8);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static boolean isLarge(Path file) {
    return file.toString().matches(".*\\.(safetensors|bin|onnx)");
  }

  private void resolve(HttpExchange exchange, String path) throws IOException {
    Path file = folder.resolve(path);
    Headers headers = exchange.getResponseHeaders();
    if (!Files.isRegularFile(file)) {
      headers.add("X-Error-Code", "EntryNotFound");
      send(exchange, 404, new byte[0]);
    } else if (isLarge(file)) {
      headers.add("X-Linked-Etag", '"' + Checksum.of(Checksum.Kind.SHA_256, file).hex() + '"');
      headers.add(
          "Location",
          "http://127.0.0.1:%s/%s?name=\"model\"&key=~a"
              .formatted(store.getAddress().getPort(), path));
      exchange.sendResponseHeaders(302, -1);
    } else {
      String tag = '"' + Checksum.of(Checksum.Kind.GIT_BLOB, file).hex() + '"';
      headers.add("ETag", tag);
      headers.add("Location", CACHE + path + "?etag=" + tag);
      exchange.sendResponseHeaders(307, -1);
    }
  }

  private static int start(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Range");
    Matcher range = RANGE.matcher(header == null ? "" : header);
    return range.matches() ? Integer.parseInt(range.group(1)) : 0;
  }

  private static int sendHeaders(HttpExchange exchange, byte[] content) throws IOException {
    int start = start(exchange);
    int status = 200;
    if (start > 0) {
      status = 206;
      exchange
          .getResponseHeaders()
          .add(
              "Content-Range",
              "bytes " + start + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(status, content.length - start);
    return start;
  }

  private static void begin(HttpExchange exchange, byte[] content, int bytes) throws IOException {
    if (content.length == 0) {
      exchange.sendResponseHeaders(200, 1000); // of which none comes
      exchange.getResponseBody().flush();
      return;
    }
    int start = sendHeaders(exchange, content);
    exchange.getResponseBody().write(content, start, bytes);
    exchange.getResponseBody().flush();
  }

  private static void sendRange(HttpExchange exchange, byte[] content) throws IOException {
    if (start(exchange) >= content.length && content.length > 0) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    int start = sendHeaders(exchange, content);
    exchange.getResponseBody().write(content, start, content.length - start);
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    end.countDown();
    hub.stop(0);
    store.stop(0);
    threads.shutdownNow();
  }
}

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * More than a node can take: 8 clients search, 8 rerank fifty passages, 16 index documents in bulks
 * of 100, each its next request as soon as the last is answered, or when a 429 says so. Prints
 * searches' latency before, meanwhile and after, what was answered, and the node's resident size.
 *
 * <p>Run by {@code load.sh} beside it: {@code java LoadBenchmark.java URL DENSE CROSS SECONDS}.
 */
public final class LoadBenchmark {
  private static final int SEARCHERS = 8;
  private static final int RERANKERS = 8;
  private static final int INDEXERS = 16;
  private static final int BULK = 100;
  private static final int PASSAGES = 50;
  private static final int SEEDED = 2_000;
  private static final Duration IDLE = Duration.ofSeconds(15);
  private static final AtomicLong SEEDS = new AtomicLong(1); // no query comes twice
  private static final String[] WORDS =
      ("the man a dog plays guitar in park woman reads book while children run through water and"
              + " old house near river stands under tall trees where birds sing every morning city")
          .split(" ");

  /** What became of one kind of request. */
  private static final class Tally {
    final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    final Map<String, AtomicInteger> refusals = new ConcurrentSkipListMap<>();
    final AtomicLong done = new AtomicLong();

    void refused(String how) {
      refusals.computeIfAbsent(how, key -> new AtomicInteger()).incrementAndGet();
    }

    double millis(double share) {
      List<Long> sorted = nanos.stream().sorted().toList();
      int index = (int) Math.ceil(share * sorted.size()) - 1;
      return sorted.isEmpty() ? 0 : sorted.get(Math.max(0, index)) / 1e6;
    }

    String latency() {
      return String.format(
          Locale.ROOT,
          "p50 %.1f ms, p99 %.1f ms, most %.1f ms (%d)",
          millis(.5),
          millis(.99),
          millis(1),
          nanos.size());
    }
  }

  /** A request of one client; true when it was answered, false when it is to be sent again. */
  private interface Client {
    void once(Random random, Tally tally) throws Exception;
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;
  private final String dense;
  private final String cross;

  private LoadBenchmark(String url, String dense, String cross) {
    this.url = url;
    this.dense = dense;
    this.cross = cross;
  }

  public static void main(String[] arguments) throws Exception {
    LoadBenchmark benchmark = new LoadBenchmark(arguments[0], arguments[1], arguments[2]);
    benchmark.prepare();
    benchmark.run(Duration.ofSeconds(Integer.parseInt(arguments[3])));
  }

  private void prepare() throws Exception {
    call(
        "PUT",
        "/_ingest/pipeline/load",
        """
        {"processors":[{"semlux":{"model_id":"%s",
          "input_output":[{"input_field":"text","output_field":"vector"}]}}]}"""
            .formatted(dense));
    call("DELETE", "/load?ignore_unavailable=true", "");
    call(
        "PUT",
        "/load",
        """
        {"settings":{"number_of_replicas":0,"default_pipeline":"load"},
         "mappings":{"properties":{"text":{"type":"text"},
           "vector":{"type":"dense_vector","dims":384,"similarity":"dot_product"}}}}""");
    Tally seed = new Tally();
    Random random = new Random(1);
    while (seed.done.get() < SEEDED) {
      index(random, seed);
    }
    call("POST", "/load/_refresh", "");
    during(Duration.ofSeconds(5), 2, this::search, new Tally());
    during(Duration.ofSeconds(5), 2, this::rerank, new Tally());
  }

  private void run(Duration time) throws Exception {
    Tally idle = new Tally();
    during(IDLE, 1, this::search, idle);
    Tally together = new Tally();
    during(IDLE, SEARCHERS, this::search, together);
    print("search, one client alone", idle);
    print("search, %s clients alone".formatted(SEARCHERS), together);

    Tally searches = new Tally();
    Tally reranks = new Tally();
    Tally bulks = new Tally();
    List<Thread> clients = new ArrayList<>();
    long encodedBefore = encodedTexts();
    CountDownLatch end = new CountDownLatch(1);
    start(clients, SEARCHERS, this::search, searches, end);
    start(clients, RERANKERS, this::rerank, reranks, end);
    start(clients, INDEXERS, this::index, bulks, end);
    List<Long> resident = new ArrayList<>();
    long pid = pid();
    for (int i = 1; i <= 6; i++) {
      Thread.sleep(time.toMillis() / 6);
      resident.add(resident(pid));
    }
    long encoded = encodedTexts() - encodedBefore - searches.done.get();
    end.countDown();
    long stopped = System.nanoTime();
    print("search under load", searches);
    print("rerank under load", reranks);
    print("bulk under load", bulks);
    System.out.printf(
        Locale.ROOT,
        "documents encoded %.0f a second, answered %.0f; reranked passages %.0f a second%nresident MB %s%n",
        (double) encoded / time.toSeconds(),
        (double) bulks.done.get() / time.toSeconds(),
        (double) reranks.done.get() * PASSAGES / time.toSeconds(),
        resident);
    recover(idle, stopped);
    for (Thread client : clients) {
      client.join();
    }
    System.out.printf(
        Locale.ROOT,
        "last answer %.1f s after the load's end%n",
        (System.nanoTime() - stopped) / 1e9);
  }

  /** One client searches on; each second is looked at alone. */
  private void recover(Tally idle, long stopped) throws Exception {
    for (int second = 1; second <= 20; second++) {
      Tally tally = new Tally();
      during(Duration.ofSeconds(1), 1, this::search, tally);
      if (tally.millis(.5) <= 1.5 * idle.millis(.5)) {
        System.out.printf(
            Locale.ROOT,
            "search again at p50 %.1f ms %.1f s after the load's end%n",
            tally.millis(.5),
            (System.nanoTime() - stopped) / 1e9);
        return;
      }
    }
    System.out.println("search not back at 1.5 times its idle p50 within 20 s");
  }

  private static void print(String what, Tally tally) {
    System.out.printf(Locale.ROOT, "%s: %s; refused %s%n", what, tally.latency(), tally.refusals);
  }

  private void during(Duration time, int count, Client client, Tally tally) throws Exception {
    List<Thread> clients = new ArrayList<>();
    CountDownLatch end = new CountDownLatch(1);
    start(clients, count, client, tally, end);
    Thread.sleep(time.toMillis());
    end.countDown();
    for (Thread each : clients) {
      each.join();
    }
  }

  private static void start(
      List<Thread> clients, int count, Client client, Tally tally, CountDownLatch end) {
    for (int i = 0; i < count; i++) {
      Random random = new Random(SEEDS.incrementAndGet());
      Thread thread =
          new Thread(
              () -> {
                while (end.getCount() > 0) {
                  try {
                    client.once(random, tally);
                  } catch (Exception e) {
                    tally.refused("error " + e);
                  }
                }
              });
      thread.start();
      clients.add(thread);
    }
  }

  private void search(Random random, Tally tally) throws Exception {
    String query =
        """
        {"size":5,"_source":false,"knn":{"field":"vector","k":5,"num_candidates":50,
          "query_vector_builder":{"semlux":{"model_id":"%s","model_text":"%s"}}}}"""
            .formatted(dense, text(random, 8) + " " + random.nextInt());
    timed("/load/_search", query, tally);
  }

  private void rerank(Random random, Tally tally) throws Exception {
    JsonArray passages = new JsonArray();
    for (int i = 0; i < PASSAGES; i++) {
      passages.add(text(random, 60));
    }
    String body =
        "{\"query\":\"%s\",\"documents\":%s}".formatted(text(random, 8), passages.toString());
    timed("/_semlux/models/" + cross + "/_rerank", body, tally);
  }

  private void timed(String path, String body, Tally tally) throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> answer = send("POST", path, body);
    if (answer.statusCode() == 200) {
      tally.nanos.add(System.nanoTime() - start);
      tally.done.incrementAndGet();
    } else {
      refused(
          answer.statusCode(), answer.headers().firstValue("Retry-After").orElse("none"), tally);
    }
  }

  private static void refused(int status, String retryAfter, Tally tally) throws Exception {
    tally.refused(status + (retryAfter.equals("none") ? " without Retry-After" : ""));
    Thread.sleep(retryAfter.equals("none") ? 1_000 : 1_000 * Long.parseLong(retryAfter));
  }

  /**
   * Sends documents and those that are refused again, after the longest pause that one asks for.
   */
  private void index(Random random, Tally tally) throws Exception {
    StringBuilder bulk = new StringBuilder();
    for (int i = 0; i < BULK; i++) {
      bulk.append("{\"index\":{}}\n{\"text\":\"").append(text(random, 40)).append("\"}\n");
    }
    long start = System.nanoTime();
    HttpResponse<String> answer = send("POST", "/load/_bulk", bulk.toString());
    if (answer.statusCode() != 200) {
      refused(
          answer.statusCode(), answer.headers().firstValue("Retry-After").orElse("none"), tally);
      return;
    }
    tally.nanos.add(System.nanoTime() - start);
    String longest = "";
    for (JsonElement each :
        JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("items")) {
      JsonObject item = each.getAsJsonObject().getAsJsonObject("index");
      int status = item.get("status").getAsInt();
      if (status == 201) {
        tally.done.incrementAndGet();
        continue;
      }
      JsonObject header = item.getAsJsonObject("error").getAsJsonObject("header");
      String pause = header == null ? "1" : header.get("Retry-After").getAsString();
      tally.refused("item " + status + (header == null ? " without Retry-After" : ""));
      longest =
          longest.isEmpty() || Long.parseLong(pause) > Long.parseLong(longest) ? pause : longest;
    }
    if (!longest.isEmpty()) {
      Thread.sleep(1_000 * Long.parseLong(longest));
    }
  }

  private static String text(Random random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }

  /** Of the dense model: documents and queries. */
  private long encodedTexts() throws Exception {
    JsonObject nodes =
        JsonParser.parseString(send("GET", "/_semlux/stats", "").body())
            .getAsJsonObject()
            .getAsJsonObject("nodes");
    JsonObject node = nodes.entrySet().iterator().next().getValue().getAsJsonObject();
    return node.getAsJsonObject("models").getAsJsonObject(dense).get("texts").getAsLong();
  }

  private long pid() throws Exception {
    JsonObject nodes =
        JsonParser.parseString(send("GET", "/_nodes/process", "").body())
            .getAsJsonObject()
            .getAsJsonObject("nodes");
    JsonObject node = nodes.entrySet().iterator().next().getValue().getAsJsonObject();
    return node.getAsJsonObject("process").get("id").getAsLong();
  }

  /** In megabytes; 0 where there is no /proc. */
  private static long resident(long pid) throws IOException {
    Path status = Path.of("/proc/" + pid + "/status");
    return !Files.exists(status)
        ? 0
        : Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
            .findFirst()
            .orElse(0);
  }

  private void call(String method, String path, String body) throws Exception {
    HttpResponse<String> answer = send(method, path, body);
    if (answer.statusCode() != 200) {
      throw new IOException(method + " " + path + " was answered " + answer.body());
    }
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header(
                "Content-Type",
                path.endsWith("_bulk") ? "application/x-ndjson" : "application/json")
            .timeout(Duration.ofMinutes(5))
            .method(method, BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }
}

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long {@code _encode} of a query takes on a node while two clients index documents with 4 MB
 * of base64 in a field, against how long it takes on the idle node, and against how long it takes
 * while the same documents pass no pipeline, or an empty one, which is what Elasticsearch's own
 * reading and writing of them costs. Ends with 1 where the 99th percentile is more than three times
 * the idle one.
 *
 * <p>Run by {@code long_texts.sh} beside it as a source file: {@code java LongTextBenchmark.java
 * URL MODEL}.
 */
public final class LongTextBenchmark {
  private static final int QUERIES = 1_000;
  private static final int BYTES = 3 << 20; // 4 MB as base64
  private static final int CLIENTS = 2;

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger refused = new AtomicInteger();
  private final URI node;
  private final String model;

  private LongTextBenchmark(URI node, String model) {
    this.node = node;
    this.model = model;
  }

  public static void main(String[] arguments) throws Exception {
    LongTextBenchmark benchmark = new LongTextBenchmark(URI.create(arguments[0]), arguments[1]);
    benchmark.prepare();
    System.exit(benchmark.measure() ? 0 : 1);
  }

  private void prepare() throws IOException, InterruptedException {
    call(
        "PUT",
        "/_ingest/pipeline/long",
        """
        {"processors":[{"semlux":{"model_id":"%s",
          "input_output":[{"input_field":"text","output_field":"vector"}]}}]}"""
            .formatted(model));
    call("PUT", "/_ingest/pipeline/empty", "{\"processors\":[]}");
    call("DELETE", "/long?ignore_unavailable=true", "");
    call(
        "PUT",
        "/long",
        """
        {"settings":{"number_of_replicas":0,"default_pipeline":"long"},
         "mappings":{"properties":{"text":{"type":"text","index":false},
           "vector":{"type":"dense_vector","dims":384,"similarity":"dot_product"}}}}""");
  }

  private boolean measure() throws Exception {
    queries(); // warms up
    double[] idle = queries();
    print("on the idle node", idle);
    beside("without a pipeline", "/long/_doc?pipeline=_none");
    beside("through an empty pipeline", "/long/_doc?pipeline=empty");
    double[] beside = beside("encoded", "/long/_doc");
    double ratio = percentile(beside, 99) / percentile(idle, 99);
    System.out.printf(Locale.ROOT, "%.1f times the idle p99%n", ratio);
    return ratio <= 3;
  }

  /** Queries while clients index documents. */
  private double[] beside(String how, String path) throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger documents = new AtomicInteger();
    CountDownLatch busy = new CountDownLatch(3 * CLIENTS);
    Callable<Void> client =
        () -> {
          String document = document(documents.get());
          while (!done.get()) {
            call("POST", path, document);
            documents.incrementAndGet();
            busy.countDown();
          }
          return null;
        };
    ExecutorService clients =
        Executors.newFixedThreadPool(CLIENTS, Thread.ofPlatform().daemon().factory());
    Future<Void> first = clients.submit(client);
    Future<Void> second = clients.submit(client);
    busy.await();
    int before = documents.get();
    double[] beside = queries();
    int indexed = documents.get() - before;
    done.set(true);
    first.get();
    second.get();
    clients.shutdown();
    print(
        "beside %s documents, %s, %s refused".formatted(indexed, how, refused.getAndSet(0)),
        beside);
    return beside;
  }

  private static void print(String when, double[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "_encode of a query %s: p50 %.2f, p90 %.2f, p99 %.2f ms%n",
        when,
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 99));
  }

  private static String document(int seed) {
    byte[] bytes = new byte[BYTES];
    new Random(seed).nextBytes(bytes);
    JsonObject document = new JsonObject();
    document.addProperty("text", Base64.getEncoder().encodeToString(bytes));
    return document.toString();
  }

  /** Milliseconds of each query, sorted. */
  private double[] queries() throws IOException, InterruptedException {
    double[] millis = new double[QUERIES];
    for (int i = 0; i < QUERIES; i++) {
      String body = "{\"texts\":[\"how does query %s get through\"],\"input_type\":\"query\"}";
      long start = System.nanoTime();
      call("POST", "/_semlux/models/" + model + "/_encode", body.formatted(i));
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    return millis;
  }

  private static double percentile(double[] sorted, int percent) {
    return sorted[(int) Math.ceil(sorted.length * percent / 100.0) - 1];
  }

  /** Asks again where the node's memory is full for the moment: that is part of what it takes. */
  private void call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(node.resolve(path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    while (response.statusCode() == 429) {
      refused.incrementAndGet();
      response = http.send(request, BodyHandlers.ofString());
    }
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.body());
    }
  }
}

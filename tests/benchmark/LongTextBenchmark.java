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
 * of base64 in a field, against how long it takes on the idle node. Ends with 1 where the 99th
 * percentile is more than three times as long.
 *
 * <p>Run by {@code long_texts.sh} beside it as a source file: {@code java LongTextBenchmark.java
 * URL MODEL}.
 */
public final class LongTextBenchmark {
  private static final int QUERIES = 1_000;
  private static final int BYTES = 3 << 20; // 4 MB as base64
  private static final int CLIENTS = 2;

  private final HttpClient http = HttpClient.newHttpClient();
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
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger documents = new AtomicInteger();
    CountDownLatch busy = new CountDownLatch(3 * CLIENTS);
    Callable<Void> client =
        () -> {
          String document = document(documents.get());
          while (!done.get()) {
            call("POST", "/long/_doc", document);
            documents.incrementAndGet();
            busy.countDown();
          }
          return null;
        };
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
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
    double ratio = percentile(beside, 99) / percentile(idle, 99);
    System.out.printf(
        Locale.ROOT,
        "_encode of a query: p50 %.2f, p99 %.2f ms on the idle node; p50 %.2f, p99 %.2f ms while %d"
            + " documents with 4 MB of base64 were indexed: %.1f times%n",
        percentile(idle, 50),
        percentile(idle, 99),
        percentile(beside, 50),
        percentile(beside, 99),
        indexed,
        ratio);
    return ratio <= 3;
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
      String body = "{\"texts\":[\"how does query %d get through\"],\"input_type\":\"query\"}";
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

  private void call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(node.resolve(path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.body());
    }
  }
}

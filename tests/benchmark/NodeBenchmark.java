import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The whole path through a real node, as its clients see it: bulk ingest through the processor into
 * a dense_vector field, searches sent meanwhile, the same bulks with vectors given, and {@code
 * _encode} of one text. Prints its figures.
 *
 * <p>Run by {@code node.sh} beside it: {@code java NodeBenchmark texts TEXTS DOCUMENTS} prints the
 * documents' texts, a line each; {@code java NodeBenchmark URL MODEL TEXTS DOCUMENTS ALONE} runs,
 * where file ALONE is what {@code semlux benchmark --json} says of these texts outside of a node.
 */
public final class NodeBenchmark {
  private static final int BULK = 500;
  private static final int CLIENTS = 2;
  private static final int WARM_UPS = 30;

  /** A round is steady that gains less than this on the best one before. */
  private static final double STEADY = 1.02;

  private static final int STEADY_ROUNDS = 3; // nothing is left to compile then

  private static final int ENCODES = 2_000;
  private static final long SEARCH_EVERY_MILLIS = 200;

  private final NodeClient node;
  private final String model;
  private final List<String> texts;
  private final int documents;
  private final JsonObject alone;
  private List<JsonElement> given = List.of();

  private NodeBenchmark(
      String url, String model, List<String> texts, int documents, JsonObject alone) {
    node = new NodeClient(url);
    this.model = model;
    this.texts = texts;
    this.documents = documents;
    this.alone = alone;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("texts")) {
      List<String> texts = texts(Path.of(arguments[1]));
      IntStream.range(0, Integer.parseInt(arguments[2]))
          .forEach(i -> System.out.println(text(texts, i)));
      return;
    }
    NodeBenchmark benchmark =
        new NodeBenchmark(
            arguments[0],
            arguments[1],
            texts(Path.of(arguments[2])),
            Integer.parseInt(arguments[3]),
            new Gson().fromJson(Files.readString(Path.of(arguments[4])), JsonObject.class));
    benchmark.prepare();
    benchmark.warmUp();
    double pace = benchmark.measureIngest("bulk ingest", Double.MAX_VALUE, false);
    benchmark.measureIngest("bulk ingest beside five searches a second", Double.MAX_VALUE, true);
    benchmark.giveVectors();
    benchmark.measureIngest("bulk ingest of given vectors, at the first pace", pace, false);
    benchmark.measureIdleSearches();
    benchmark.measureEncode();
  }

  /** A text a line, or the two sentences of each row of STSb. */
  private static List<String> texts(Path file) throws IOException {
    if (!file.toString().endsWith(".csv")) {
      return Files.readAllLines(file);
    }
    Set<String> sentences = new LinkedHashSet<>();
    try (CSVParser rows = CSVParser.parse(file, UTF_8, CSVFormat.DEFAULT)) {
      for (CSVRecord row : rows) {
        sentences.add(row.get(0));
        sentences.add(row.get(1));
      }
    }
    return List.copyOf(sentences);
  }

  private void prepare() throws IOException, InterruptedException {
    node.call(
        "PUT",
        "/_ingest/pipeline/benchmark",
        """
        {"processors":[{"semlux":{"model_id":"%s",
          "input_output":[{"input_field":"text","output_field":"vector"}]}}]}"""
            .formatted(model));
    createIndex();
  }

  private void createIndex() throws IOException, InterruptedException {
    node.call("DELETE", "/benchmark?ignore_unavailable=true", "");
    node.call(
        "PUT",
        "/benchmark",
        """
        {"settings":{"number_of_replicas":0,"default_pipeline":"%s"},
         "mappings":{"properties":{"text":{"type":"text"},
           "vector":{"type":"dense_vector","dims":384,"similarity":"dot_product"}}}}"""
            .formatted(given.isEmpty() ? "benchmark" : "_none"));
  }

  /**
   * Until Java has compiled what it will, which takes a quarter of a core for a minute: a run that
   * lasts has it once. Each round has an index of its own and all the documents: what merges large
   * segments is compiled too.
   */
  private void warmUp() throws Exception {
    double best = 0;
    int steady = 0;
    for (int round = 0; round < WARM_UPS && steady < STEADY_ROUNDS; round++) {
      createIndex();
      long began = System.nanoTime();
      ingest(documents, Double.MAX_VALUE);
      double rate = documents / ((System.nanoTime() - began) / 1e9);
      NodeClient.print("warm-up: %.0f docs/s", rate);
      steady = rate < best * STEADY ? steady + 1 : 0;
      best = Math.max(best, rate);
    }
  }

  /**
   * Sends documents by several clients, each its next bulk as soon as the last is answered.
   *
   * @param pace documents a second at most
   */
  private void ingest(int documents, double pace) throws Exception {
    AtomicInteger next = new AtomicInteger();
    long began = System.nanoTime();
    Callable<Void> client =
        () -> {
          for (int from = next.getAndAdd(BULK); from < documents; from = next.getAndAdd(BULK)) {
            TimeUnit.NANOSECONDS.sleep(began + (long) (from / pace * 1e9) - System.nanoTime());
            JsonObject answer =
                node.call("POST", "/benchmark/_bulk", bulk(from, Math.min(from + BULK, documents)));
            if (answer.get("errors").getAsBoolean()) {
              throw new IOException("a bulk request had errors: " + answer);
            }
          }
          return null;
        };
    var clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      for (Future<Void> done : clients.invokeAll(Collections.nCopies(CLIENTS, client))) {
        done.get();
      }
    } finally {
      clients.shutdown();
    }
  }

  private String bulk(int from, int to) {
    StringBuilder bulk = new StringBuilder();
    for (int i = from; i < to; i++) {
      JsonObject document = new JsonObject();
      document.addProperty("text", text(i));
      if (!given.isEmpty()) {
        document.add("vector", given.get(i));
      }
      bulk.append("{\"index\":{}}\n").append(document).append('\n');
    }
    return bulk.toString();
  }

  private String text(int i) {
    return text(texts, i);
  }

  /** No text comes twice. */
  private static String text(List<String> texts, int i) {
    return i < texts.size() ? texts.get(i) : texts.get(i % texts.size()) + " " + i;
  }

  /**
   * @return documents a second
   */
  private double measureIngest(String what, double pace, boolean searching) throws Exception {
    createIndex();
    search(0);
    JsonObject before = stats();
    List<Double> searches = new ArrayList<>();
    List<Long> queued = new ArrayList<>();
    var searcher = Executors.newSingleThreadScheduledExecutor();
    AtomicInteger asked = new AtomicInteger();
    ScheduledFuture<?> watching =
        searcher.scheduleAtFixedRate(
            () -> {
              queued.add(stats().getAsJsonObject("queue").get("texts").getAsLong());
              if (searching) {
                searches.add(search(asked.incrementAndGet()));
              }
            },
            SEARCH_EVERY_MILLIS,
            SEARCH_EVERY_MILLIS,
            TimeUnit.MILLISECONDS);
    long cpuBefore = cpuMillis();
    long began = System.nanoTime();
    ingest(documents, pace);
    double seconds = (System.nanoTime() - began) / 1e9;
    long cpu = cpuMillis() - cpuBefore;
    watching.cancel(false);
    searcher.shutdown();
    if (!searcher.awaitTermination(1, TimeUnit.MINUTES)) {
      throw new IOException("a search did not end");
    }
    JsonObject after = stats();
    double encoded = count(after, "texts") - count(before, "texts");
    double batches = count(after, "batches") - count(before, "batches");
    double rate = documents / seconds;
    double waiting = queued.stream().mapToLong(Long::longValue).average().orElse(0);
    NodeClient.print("%s, %d clients, %d documents a bulk: %.0f docs/s", what, CLIENTS, BULK, rate);
    NodeClient.print(
        "  %.1f texts a batch; the node had %.2f of %d cores, and spent %.2f ms of CPU a document",
        encoded / Math.max(1, batches),
        cpu / 1000.0 / seconds,
        Runtime.getRuntime().availableProcessors(),
        (double) cpu / documents);
    if (given.isEmpty()) {
      double cores = Runtime.getRuntime().availableProcessors();
      double encoder = alone.get("texts_per_second_median").getAsDouble();
      NodeClient.print(
          "  %.2f of what the encoder alone makes of these texts on as much of the cores (%.0f texts/s on all)",
          rate / (encoder * cpu / 1000.0 / seconds / cores), encoder);
    }
    NodeClient.print(
        "  a document waited about %.0f ms (%.0f in the queue)", waiting / rate * 1000, waiting);
    if (searching) {
      NodeClient.print(
          "  %d searches meanwhile: p50 %.1f ms, max %.1f ms",
          searches.size(),
          NodeClient.percentile(searches, 50),
          NodeClient.percentile(searches, 100));
    }
    return rate;
  }

  private void measureIdleSearches() {
    List<Double> idle = IntStream.range(0, 200).mapToObj(this::search).toList();
    NodeClient.print(
        "searches on the idle node: p50 %.1f ms, p99 %.1f ms",
        NodeClient.percentile(idle, 50), NodeClient.percentile(idle, 99));
  }

  /** The documents' vectors, which are sent with them from now on, past the processor. */
  private void giveVectors() throws Exception {
    List<JsonElement> vectors = new ArrayList<>();
    for (int from = 0; from < documents; from += BULK) {
      JsonObject body = new JsonObject();
      List<String> next =
          IntStream.range(from, Math.min(from + BULK, documents)).mapToObj(this::text).toList();
      body.add("texts", new Gson().toJsonTree(next));
      node.call("POST", "/_semlux/models/" + model + "/_encode", body.toString())
          .getAsJsonArray("embeddings")
          .forEach(vectors::add);
    }
    given = vectors;
  }

  private void measureEncode() throws Exception {
    String path = "/_semlux/models/" + model + "/_encode";
    List<Double> millis = new ArrayList<>();
    List<Double> nothing = new ArrayList<>();
    for (int i = 0; i < ENCODES + 500; i++) {
      JsonObject body = new JsonObject();
      body.add("texts", new Gson().toJsonTree(List.of(text(i))));
      body.addProperty("input_type", "query");
      millis.add(timed("POST", path, body.toString()));
      nothing.add(timed("GET", "/_cluster/settings", ""));
    }
    List<Double> warm = millis.subList(500, millis.size());
    NodeClient.print(
        "_encode of one text over loopback: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms; GET _cluster/settings p50 %.2f ms",
        NodeClient.percentile(warm, 50),
        NodeClient.percentile(warm, 90),
        NodeClient.percentile(warm, 99),
        NodeClient.percentile(nothing.subList(500, nothing.size()), 50));
    NodeClient.print("the encoder alone: p50 %.2f ms", alone.get("latency_ms_p50").getAsDouble());
  }

  /** Milliseconds until the answer is here; it is not read. */
  private double timed(String method, String path, String body) throws Exception {
    long began = System.nanoTime();
    node.send(method, path, body);
    return (System.nanoTime() - began) / 1e6;
  }

  /** Milliseconds from question to answer. */
  private double search(int i) {
    JsonObject builder = new JsonObject();
    builder.addProperty("model_id", model);
    builder.addProperty("model_text", text(i));
    long began = System.nanoTime();
    uncheckedCall(
        "POST",
        "/benchmark/_search",
        "{\"size\":10,\"_source\":false,\"knn\":{\"field\":\"vector\",\"k\":10,"
            + "\"num_candidates\":100,\"query_vector_builder\":{\"semlux\":"
            + builder
            + "}}}");
    return (System.nanoTime() - began) / 1e6;
  }

  /** What the one node says of the model. */
  private JsonObject stats() {
    JsonObject nodes = uncheckedCall("GET", "/_semlux/stats", "").getAsJsonObject("nodes");
    JsonElement only = nodes.get(nodes.keySet().iterator().next());
    return only.getAsJsonObject().getAsJsonObject("models").getAsJsonObject(model);
  }

  /** CPU time of the node's process: tells a slow node from a busy machine. */
  private long cpuMillis() {
    JsonObject nodes = uncheckedCall("GET", "/_nodes/stats/process", "").getAsJsonObject("nodes");
    JsonObject only = nodes.getAsJsonObject(nodes.keySet().iterator().next());
    return only.getAsJsonObject("process")
        .getAsJsonObject("cpu")
        .get("total_in_millis")
        .getAsLong();
  }

  private static double count(JsonObject stats, String name) {
    return stats.get(name).getAsDouble();
  }

  private JsonObject uncheckedCall(String method, String path, String body) {
    try {
      return node.call(method, path, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

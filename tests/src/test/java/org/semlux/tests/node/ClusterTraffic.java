package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * What a cluster in use is asked for all the time: documents in bulk, encodings, searches and
 * reranks by an alias; and models that are uploaded, deployed, given the alias and deleted again.
 * Notes what was acknowledged and what failed.
 */
final class ClusterTraffic implements AutoCloseable {
  /** What is being asked of the models now; documents are written all the while. */
  enum Phase {
    UPLOAD,
    DEPLOY,
    ALIAS,
    DELETE
  }

  private static final int BULK = 10;
  private static final int PAGE = 1_000;
  private static final int NOBODY = -1;

  /** Per kill. Two threads ask, and after a failure wait half a second: 2.5 s without service. */
  private static final int FAILURES = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Set<Integer> PASSING = Set.of(408, 429, 503);

  private static final String INDEX =
      """
      {"settings":{"number_of_shards":2,"number_of_replicas":1,
        "index.unassigned.node_left.delayed_timeout":"2m"},
       "mappings":{"properties":{"text":{"type":"text"},
        "vector":{"type":"dense_vector","dims":32}}}}""";
  private static final String PIPELINE =
      """
      {"processors":[{"semlux":{"model_id":"live","input_output":[
        {"input_field":"text","output_field":"vector"}]}}]}""";
  private static final String TEXTS = "{\"texts\":[\"a river\",\"rain after a day of sun\"]}";
  private static final String PAIRS = "{\"query\":\"a river\",\"documents\":[\"rain\",\"a dog\"]}";
  private static final String SEARCH =
      """
      {"knn":{"field":"vector","k":5,"query_vector_builder":
        {"semlux":{"model_id":"live","model_text":"%s"}}}}""";

  private final List<ClusterNode> nodes;
  private final Rest[] rests;
  private final ModelUpload tiny = ModelUpload.of(RealNode.MODEL);
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ended;
  private volatile int dead = NOBODY; // the node that is not asked
  private volatile Phase phase = Phase.DELETE;

  private final Queue<String> documents = new ConcurrentLinkedQueue<>(); // acknowledged, unseen yet
  private final AtomicInteger written = new AtomicInteger();
  private final Set<String> models = ConcurrentHashMap.newKeySet(); // acknowledged as deployed
  private volatile String aliased = "m0"; // acknowledged last
  private volatile String aliasing = "m0"; // has the alias or may have it
  private final AtomicInteger requests = new AtomicInteger();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>(); // never allowed

  /** Begins to ask nodes that run. */
  ClusterTraffic(List<ClusterNode> nodes) {
    this.nodes = nodes;
    rests = nodes.stream().map(ClusterNode::rest).toArray(Rest[]::new);
    Rest rest = rests[0];
    tiny.send(rest, "m0");
    rest.succeed("POST", "/_semlux/models/m0/_deploy?timeout=60s", "");
    rest.succeed("PUT", "/_semlux/aliases/live", "{\"model_id\":\"m0\"}");
    ModelUpload.of(RealNode.CROSS_MODEL).send(rest, "cross");
    rest.succeed("POST", "/_semlux/models/cross/_deploy?timeout=60s", "");
    models.addAll(List.of("m0", "cross"));
    rest.succeed("PUT", "/_ingest/pipeline/encode", PIPELINE);
    rest.succeed("PUT", "/docs", INDEX);
    run(this::write);
    run(this::ask);
    run(this::change);
  }

  private interface Step {
    void take(int number, Random random) throws InterruptedException;
  }

  private void run(Step step) {
    Random random = new Random(threads.size());
    Thread thread =
        new Thread(
            () -> {
              try {
                for (int number = 1; !ended; number++) {
                  step.take(number, random);
                }
              } catch (RuntimeException | AssertionError | InterruptedException e) {
                faults.add(e.toString());
              }
            });
    threads.add(thread);
    thread.start();
  }

  /** Waits until the models are at a point, and then that long. */
  void await(Phase point, int millis) throws InterruptedException {
    await(() -> phase != point); // its beginning is wanted
    await(() -> phase == point);
    Thread.sleep(millis);
  }

  private void await(BooleanSupplier reached) throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!reached.getAsBoolean()) {
      assertThat(faults).isEmpty();
      assertThat(Instant.now()).as("still at %s", phase).isBefore(end);
      Thread.sleep(1);
    }
  }

  /** From now on nobody asks that node; with what it fails from here on is no failure. */
  void without(int node) {
    dead = node;
  }

  /** The node answers again. */
  void withAll() {
    rests[dead] = nodes.get(dead).rest();
    dead = NOBODY;
  }

  private int anyNode(Random random) {
    int node = random.nextInt(nodes.size());
    return node == dead ? (node + 1) % nodes.size() : node;
  }

  /** Asks one node and notes how that went; null where it failed. */
  private Rest.Answer ask(int node, String method, String path, Object body) {
    String failure;
    try {
      Rest.Answer answer = rests[node].call(method, path, body);
      if (answer.status() < 300) {
        requests.incrementAndGet();
        return answer;
      }
      failure = answer.status() + " " + method + " " + path + ": " + answer.body();
    } catch (UncheckedIOException e) {
      failure = "0 " + method + " " + path + ": " + e.getMessage();
    }
    if (node != dead) { // else it was killed on the way
      requests.incrementAndGet();
      failures.add(failure);
    }
    return null;
  }

  private void write(int number, Random random) throws InterruptedException {
    List<Object> lines = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < BULK; i++) {
      ids.add(number + "-" + i);
      lines.add(Map.of("index", Map.of("_id", ids.get(i))));
      lines.add(Map.of("text", "rain after day " + number + " by river " + i));
    }
    int node = anyNode(random);
    Rest.Answer answer = ask(node, "POST", "/docs/_bulk?pipeline=encode", Rest.lines(lines));
    boolean failed = answer == null;
    for (int i = 0; answer != null && i < BULK; i++) {
      long status = (long) answer.at("items." + i + ".index.status");
      if (status < 300) {
        documents.add(ids.get(i));
        written.incrementAndGet();
      } else if (node != dead) {
        failures.add(status + " a document: " + answer.at("items." + i + ".index.error"));
        failed = true;
        break; // a bulk is one request
      }
    }
    pause(20, failed);
  }

  private void ask(int number, Random random) throws InterruptedException {
    int node = anyNode(random);
    Rest.Answer answer =
        switch (number % 3) {
          case 0 -> ask(node, "POST", "/_semlux/models/live/_encode", TEXTS);
          case 1 -> ask(node, "POST", "/_semlux/models/cross/_rerank", PAIRS);
          default ->
              ask(node, "POST", "/docs/_search?size=3", SEARCH.formatted("question " + number));
        };
    pause(10, answer == null);
  }

  /** What failed is given time, as its 503 says; a node that starts is left most of the machine. */
  private void pause(int millis, boolean failed) throws InterruptedException {
    if (failed) {
      Thread.sleep(500);
    } else {
      Thread.sleep(dead == NOBODY ? millis : 5 * millis);
    }
  }

  /** Each change is asked for until it is acknowledged, of whatever node answers. */
  private void change(int number, Random random) throws InterruptedException {
    if (dead != NOBODY) {
      Thread.sleep(250); // see pause
    }
    String id = "m" + number;
    String model = "/_semlux/models/" + id;
    phase = Phase.UPLOAD;
    acknowledged(random, "PUT", model, Rest.JSON.toJson(tiny.manifest()));
    for (int part = 0; part < tiny.parts().size(); part++) {
      acknowledged(random, "PUT", model + "/parts/" + part, tiny.parts().get(part));
    }
    phase = Phase.DEPLOY;
    if (!acknowledged(random, "POST", model + "/_deploy?timeout=30s", "")) {
      return;
    }
    models.add(id);
    phase = Phase.ALIAS;
    aliasing = id;
    if (!acknowledged(random, "PUT", "/_semlux/aliases/live", "{\"model_id\":\"" + id + "\"}")) {
      return;
    }
    String old = aliased;
    aliased = id;
    phase = Phase.DELETE;
    models.remove(old);
    acknowledged(random, "DELETE", "/_semlux/models/" + old, "");
  }

  /** Such calls may say that a node is away or still loads; they are not counted as traffic. */
  private boolean acknowledged(Random random, String method, String path, Object body)
      throws InterruptedException {
    Instant end = Instant.now().plus(PATIENCE.minusMinutes(1)); // before await gives up
    String last = "nothing";
    while (!ended) {
      if (Instant.now().isAfter(end)) {
        faults.add(method + " " + path + " was not acknowledged in time, but answered " + last);
        return false;
      }
      try {
        Rest.Answer answer = rests[anyNode(random)].call(method, path, body);
        if (answer.status() < 300 || (method.equals("DELETE") && answer.status() == 404)) {
          return true;
        }
        last = answer.toString();
        boolean loads = answer.status() == 409 && path.contains("/aliases/");
        if (!PASSING.contains(answer.status()) && !loads) {
          faults.add(method + " " + path + " was answered " + answer);
          return false;
        }
      } catch (UncheckedIOException e) {
        last = e.toString(); // the node was killed: another is asked
      }
      Thread.sleep(50);
    }
    return false;
  }

  /** Nothing that was acknowledged is lost, asked of one node. */
  void verify(int node) {
    assertThat(faults).isEmpty();
    Rest rest = rests[node];
    Set<String> known = Set.copyOf(models);
    Object seen = rest.succeed("GET", "/_semlux/models", "").body();
    for (String id : known) {
      boolean there = seen.toString().contains("id=" + id + ",");
      assertThat(there || !models.contains(id)).as("model %s of %s", id, seen).isTrue();
    }
    String before = aliased;
    Object live = rest.succeed("GET", "/_semlux/models/live", "").at("models.0.id");
    assertThat(number(live)) // it may have moved meanwhile, and more than once
        .as("the alias, of %s", live)
        .isBetween(number(before), number(aliasing));
    List<String> ids = new ArrayList<>();
    for (String id = documents.poll(); id != null; id = documents.poll()) {
      ids.add(id);
    }
    rest.succeed("POST", "/docs/_refresh", "");
    for (int from = 0; from < ids.size(); from += PAGE) {
      verifyDocuments(rest, ids.subList(from, Math.min(from + PAGE, ids.size())));
    }
  }

  /** Ids are numbered in the order in which they get the alias. */
  private static int number(Object id) {
    return Integer.parseInt(id.toString().substring(1));
  }

  private static void verifyDocuments(Rest rest, List<String> ids) {
    Object query =
        Map.of(
            "track_total_hits",
            true,
            "query",
            Map.of(
                "bool",
                Map.of(
                    "filter",
                    List.of(
                        Map.of("ids", Map.of("values", ids)),
                        Map.of("exists", Map.of("field", "vector"))))));
    Rest.Answer found = rest.call("POST", "/docs/_search?size=0", query);
    assertThat(found.at("hits.total.value"))
        .as("documents: %s", found)
        .isEqualTo((long) ids.size());
  }

  /**
   * Of requests to nodes that live few fail at each kill, however many there were: with 503 or 429,
   * later.
   */
  void verifyAnswers(int kills) {
    assertThat(failures)
        .as("requests to nodes that live that failed at %s kills", kills)
        .hasSizeLessThanOrEqualTo(FAILURES * kills);
    assertThat(failures)
        .allMatch(failure -> failure.startsWith("503 ") || failure.startsWith("429 "));
  }

  /** What was asked so far, for a log. */
  @Override
  public String toString() {
    return written + " documents, " + failures.size() + " of " + requests + " requests failed";
  }

  @Override
  public void close() {
    ended = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}

package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a cluster in use is asked for all the time: documents in bulk, encodings, searches and
 * reranks by an alias; and models that are uploaded, deployed, given the alias and deleted again.
 * Notes what was acknowledged and what failed.
 */
final class ClusterTraffic implements AutoCloseable {
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

  private final RealCluster cluster;
  private final ModelUpload tiny = ModelUpload.of(RealNode.MODEL);
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ended;
  private volatile int dead = -1; // the node that is not asked

  final Set<String> documents = ConcurrentHashMap.newKeySet(); // acknowledged
  final Set<String> models = ConcurrentHashMap.newKeySet(); // acknowledged as deployed
  volatile String aliased; // acknowledged last
  volatile String aliasing; // may have the alias, unacknowledged
  final AtomicInteger requests = new AtomicInteger();
  final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>(); // never allowed

  ClusterTraffic(RealCluster cluster) {
    this.cluster = cluster;
    Rest rest = cluster.rest(0);
    upload(rest, "m0");
    rest.succeed("POST", "/_semlux/models/m0/_deploy?timeout=60s", "");
    rest.succeed("PUT", "/_semlux/aliases/live", "{\"model_id\":\"m0\"}");
    ModelUpload.of(RealNode.CROSS_MODEL).send(rest, "cross");
    rest.succeed("POST", "/_semlux/models/cross/_deploy?timeout=60s", "");
    models.addAll(List.of("m0", "cross"));
    aliased = "m0";
    rest.succeed("PUT", "/_ingest/pipeline/encode", PIPELINE);
    rest.succeed("PUT", "/docs", INDEX);
    run(this::write);
    run(this::ask);
    run(this::change);
  }

  private void upload(Rest rest, String id) {
    tiny.send(rest, id);
  }

  private interface Step {
    void take(int number, Random random);
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
              } catch (RuntimeException | AssertionError e) {
                faults.add(e.toString());
              }
            });
    threads.add(thread);
    thread.start();
  }

  /** While this holds nobody asks that node, and what it failed with meanwhile is no failure. */
  void without(int node) {
    dead = node;
  }

  private int anyNode(Random random) {
    int node = random.nextInt(RealCluster.NODES.size());
    return node == dead ? (node + 1) % RealCluster.NODES.size() : node;
  }

  /** Asks one node and notes how that went; empty where the node itself went away. */
  private Rest.Answer ask(int node, String method, String path, Object body) {
    Rest.Answer answer = null;
    String failure = null;
    try {
      answer = cluster.rest(node).call(method, path, body);
      if (answer.status() >= 300) {
        failure = answer.status() + " " + method + " " + path + ": " + answer.at("error.reason");
      }
    } catch (UncheckedIOException e) {
      failure = "0 " + method + " " + path + ": " + e.getMessage();
    }
    if (node == dead && failure != null) {
      return null; // it was killed on the way
    }
    requests.incrementAndGet();
    if (failure != null) {
      failures.add(failure);
    }
    return answer != null && answer.status() < 300 ? answer : null;
  }

  private void write(int number, Random random) {
    List<Object> lines = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(number + "-" + i);
      lines.add(Map.of("index", Map.of("_id", ids.get(i))));
      lines.add(Map.of("text", "rain after day " + number + " by river " + i));
    }
    int node = anyNode(random);
    Rest.Answer answer = ask(node, "POST", "/docs/_bulk?pipeline=encode", Rest.lines(lines));
    if (answer == null) {
      return;
    }
    List<?> items = (List<?>) answer.at("items");
    boolean failed = false;
    for (int i = 0; i < items.size(); i++) {
      long status = (long) answer.at("items." + i + ".index.status");
      if (status < 300) {
        documents.add(ids.get(i));
      } else if (!failed && node != dead) {
        failed = true; // a bulk is one request
        failures.add(status + " a document: " + answer.at("items." + i + ".index.error.reason"));
      }
    }
  }

  private void ask(int number, Random random) {
    switch (number % 3) {
      case 0 -> ask(anyNode(random), "POST", "/_semlux/models/live/_encode", TEXTS);
      case 1 -> ask(anyNode(random), "POST", "/_semlux/models/cross/_rerank", PAIRS);
      default ->
          ask(
              anyNode(random),
              "POST",
              "/docs/_search?size=3",
              SEARCH.formatted("question " + number));
    }
  }

  /** Each change is asked for until it is acknowledged, by whatever node answers. */
  private void change(int number, Random random) {
    String id = "m" + number;
    String model = "/_semlux/models/" + id;
    acknowledged(random, "PUT", model, Rest.JSON.toJson(tiny.manifest()));
    for (int part = 0; part < tiny.parts().size(); part++) {
      acknowledged(random, "PUT", model + "/parts/" + part, tiny.parts().get(part));
    }
    if (!acknowledged(random, "POST", model + "/_deploy?timeout=30s", "")) {
      return;
    }
    models.add(id);
    aliasing = id;
    if (!acknowledged(random, "PUT", "/_semlux/aliases/live", "{\"model_id\":\"" + id + "\"}")) {
      return;
    }
    String old = aliased;
    aliased = id;
    models.remove(old);
    acknowledged(random, "DELETE", "/_semlux/models/" + old, "");
  }

  /** Such calls may say that a node is away or still loads; they are not counted as traffic. */
  private boolean acknowledged(Random random, String method, String path, Object body) {
    while (!ended) {
      try {
        Rest.Answer answer = cluster.rest(anyNode(random)).call(method, path, body);
        boolean done = method.equals("DELETE") && answer.status() == 404;
        if (answer.status() < 300 || done) {
          return true;
        }
        if (!Set.of(429, 503, 408, 409, 504).contains(answer.status())) {
          faults.add(method + " " + path + " was answered " + answer);
          return false;
        }
        Thread.sleep(100);
      } catch (UncheckedIOException e) {
        // The node was killed: another is asked.
      } catch (InterruptedException e) {
        return false;
      }
    }
    return false;
  }

  /** Nothing that was acknowledged is lost. */
  void verify(Rest rest) {
    assertThat(faults).isEmpty();
    Set<String> known = Set.copyOf(models);
    Set<String> wanted = Set.copyOf(documents);
    String before = aliased;
    Rest.Answer seen = rest.succeed("GET", "/_semlux/models", "");
    String now = aliased;
    for (String id : known) {
      boolean there = seen.body().toString().contains("id=" + id + ",");
      assertThat(there || !models.contains(id)).as("model %s of %s", id, seen).isTrue();
    }
    Object live = rest.succeed("GET", "/_semlux/models/live", "").at("models.0.id");
    assertThat(live).as("the alias").isIn(before, now, aliased, aliasing);
    rest.succeed("POST", "/docs/_refresh", "");
    Rest.Answer found =
        rest.succeed(
            "POST",
            "/docs/_search?size=10000",
            "{\"query\":{\"exists\":{\"field\":\"vector\"}},\"_source\":false}");
    Set<Object> ids = ConcurrentHashMap.newKeySet();
    ((List<?>) found.at("hits.hits")).forEach(hit -> ids.add(((Map<?, ?>) hit).get("_id")));
    if (wanted.size() <= 10_000) {
      assertThat(ids).as("documents with vectors").containsAll(wanted);
    }
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

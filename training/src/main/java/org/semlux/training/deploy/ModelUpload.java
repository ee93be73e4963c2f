package org.semlux.training.deploy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.deploy.Cluster.Body;

/**
 * Brings a model into a cluster under an id. Every step may be repeated: an upload that was broken
 * off goes on where it stopped.
 *
 * {@snippet lang=java :
 * Cluster cluster =
 *     new Cluster(
 *         URI.create("http://localhost:9200"),
 *         Optional.empty(),
 *         Retry.DEFAULT,
 *         Proxies.NONE,
 *         System.err::println);
 * Manifest manifest = Manifest.of(Path.of("model"), Precision.AUTO, hashed -> {});
 * ModelUpload upload = new ModelUpload(cluster, "mini");
 * upload.announce(manifest, false);
 * upload.upload(manifest, sent -> System.out.println(sent + " bytes"));
 * upload.deployAndWait(Duration.ofMinutes(5));
 * }
 */
public final class ModelUpload {
  /** What may speak against deleting the model that the id holds, asked right before. */
  public interface Replacing {
    /**
     * @throws IOException when it is not to be deleted
     */
    void check(JsonObject held) throws IOException;
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration ONE_WAIT = Duration.ofSeconds(30);
  private static final int TIMED_OUT = 408;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private final Cluster cluster;
  private final String id;
  private final String path;

  public ModelUpload(Cluster cluster, String id) {
    this.cluster = cluster;
    this.id = id;
    this.path = "/_semlux/models/" + id;
  }

  /**
   * Sends the parts that the cluster lacks, after {@link #announce}.
   *
   * @param sent is told the bytes of each part as it is in the cluster
   */
  public void upload(Manifest manifest, LongConsumer sent) throws IOException {
    JsonObject held = look();
    if (isWhole(manifest, held)) { // in whatever parts it came
      sent.accept(manifest.size());
      return;
    }
    BitSet received = received(held);
    for (int number = 0; number < manifest.parts(); number++) {
      byte[] part = manifest.part(number);
      if (!received.get(number)) {
        cluster.send(
            "PUT",
            path + "/parts/" + number + "?sha256=" + Sha256.of(part),
            Body.of(part),
            TIMEOUT);
      }
      sent.accept(part.length);
    }
  }

  /**
   * Whether the id holds something else: other files, or these with other options. Nodes refuse
   * that for a model that is deployed, and drop any other without a word.
   *
   * @param replace whether it may
   * @throws ClusterException when it does and may not, or is an alias
   */
  public boolean replaces(Manifest manifest, boolean replace) throws IOException {
    return replaces(manifest, replace, held());
  }

  private boolean replaces(Manifest manifest, boolean replace, Optional<JsonObject> held)
      throws IOException {
    if (held.isPresent() && !held.get().get("id").getAsString().equals(id)) {
      throw conflict(
          "[%s] is an alias of model [%s]: choose another id"
              .formatted(id, held.get().get("id").getAsString()));
    }
    boolean another = held.isPresent() && !manifest.isOf(held.get());
    if (another && !replace) {
      throw conflict("the id [" + id + "] holds another model: choose another id or --replace it");
    }
    return another;
  }

  private static ClusterException conflict(String message) {
    return new ClusterException(CONFLICT, message, false);
  }

  /**
   * Tells the cluster what the model consists of, unless it has all of it: its files may have come
   * in another order, which to a node would be another model.
   *
   * @param replace whether another model under this id is deleted first
   * @throws ClusterException when the id holds another model and {@code replace} is false
   */
  public void announce(Manifest manifest, boolean replace) throws IOException {
    announce(manifest, replace, held -> {});
  }

  /** The same where not every model may be deleted. */
  public void announce(Manifest manifest, boolean replace, Replacing replacing) throws IOException {
    Optional<JsonObject> held = held();
    if (held.isPresent() && isWhole(manifest, held.get())) {
      return;
    }
    if (replaces(manifest, replace, held)) {
      replacing.check(held.get());
      delete();
    }
    try {
      put(manifest);
    } catch (ClusterException e) {
      if (e.status() != CONFLICT) {
        throw e;
      }
      if (!replace) {
        throw conflict(
            "the id ["
                + id
                + "] holds this model in other parts, of which some are lost: --replace it");
      }
      replacing.check(look()); // it may have come just now
      delete();
      put(manifest);
    }
    boolean some = held.isPresent() && manifest.isOf(held.get()) && !received(held.get()).isEmpty();
    if (some && received(look()).isEmpty()) {
      cluster.tell("what [" + id + "] has of the model came in other parts: all is sent anew");
    }
  }

  private void put(Manifest manifest) throws IOException {
    cluster.send("PUT", path, Body.json(manifest.toJson()), TIMEOUT);
  }

  private void delete() throws IOException {
    try {
      cluster.send("DELETE", path, Body.NONE, TIMEOUT);
    } catch (ClusterException e) {
      if (e.status() != NOT_FOUND) { // an attempt whose answer was lost did it
        throw e;
      }
    }
  }

  /** Whether the id holds these very files, all of them. */
  private boolean isWhole(Manifest manifest, JsonObject held) {
    return held.get("id").getAsString().equals(id)
        && !held.get("state").getAsString().equals("deleting")
        && manifest.isOf(held)
        && received(held).cardinality() == held.getAsJsonObject("parts").get("expected").getAsInt();
  }

  /** Numbers of the parts that are in the cluster: ranges with both ends. */
  private static BitSet received(JsonObject held) {
    BitSet received = new BitSet();
    for (JsonElement range : held.getAsJsonObject("parts").getAsJsonArray("received")) {
      JsonArray ends = range.getAsJsonArray();
      received.set(ends.get(0).getAsInt(), ends.get(1).getAsInt() + 1);
    }
    return received;
  }

  /** Where the model that the id holds stands; empty where the id is free. */
  public Optional<String> state() throws IOException {
    return held().map(model -> model.get("state").getAsString());
  }

  /** What the cluster says of the model that the id holds; empty where the id is free. */
  public Optional<JsonObject> held() throws IOException {
    try {
      return Optional.of(look());
    } catch (ClusterException e) {
      if (e.status() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What the cluster says of the model. */
  private JsonObject look() throws IOException {
    JsonElement models = cluster.send("GET", path, Body.NONE, TIMEOUT).get("models");
    if (models == null || !models.isJsonArray() || models.getAsJsonArray().isEmpty()) {
      throw new IOException(cluster.url() + " says nothing of the model [" + id + "]");
    }
    return models.getAsJsonArray().get(0).getAsJsonObject();
  }

  /**
   * Asks the nodes to load the model and returns at once.
   *
   * @return what the cluster says of it
   */
  public JsonObject deploy() throws IOException {
    loaded(Duration.ZERO);
    return look();
  }

  /**
   * Asks the nodes to load the model and waits until they have. No single request waits long, as
   * proxies close those that do.
   *
   * @return what the cluster says of it
   * @throws IOException when a node cannot load it, with its reason, or the time is up
   */
  public JsonObject deployAndWait(Duration timeout) throws IOException {
    long end = System.nanoTime() + timeout.toNanos();
    for (Duration left = timeout; !left.isNegative(); left = until(end)) {
      if (loaded(left.compareTo(ONE_WAIT) < 0 ? left : ONE_WAIT)) {
        return look();
      }
    }
    throw new IOException(
        "the nodes have not loaded model [%s] in %s s and go on: look at GET %s%s"
            .formatted(id, timeout.toSeconds(), cluster.url(), path));
  }

  private static Duration until(long nanoTime) {
    return Duration.ofNanos(nanoTime - System.nanoTime());
  }

  /** Points an alias to the model, in place of what it stood for. The model must be deployed. */
  public void alias(String alias) throws IOException {
    JsonObject body = new JsonObject();
    body.addProperty("model_id", id);
    cluster.send("PUT", "/_semlux/aliases/" + alias, Body.json(body.toString()), TIMEOUT);
  }

  /** What the cluster says of the model that an alias stands for; none where there is no such. */
  public Optional<JsonObject> aliased(String alias) throws IOException {
    JsonElement models = cluster.send("GET", "/_semlux/models", Body.NONE, TIMEOUT).get("models");
    for (JsonElement element : models.getAsJsonArray()) {
      JsonObject model = element.getAsJsonObject();
      if (model.has("aliases")
          && model.getAsJsonArray("aliases").asList().stream()
              .anyMatch(name -> name.getAsString().equals(alias))) {
        return Optional.of(model);
      }
    }
    return Optional.empty();
  }

  /** Whether every node has loaded the model within this time. */
  private boolean loaded(Duration wait) throws IOException {
    try {
      cluster.send(
          "POST",
          path + "/_deploy?timeout=" + wait.toMillis() + "ms",
          Body.NONE,
          wait.plus(TIMEOUT));
      return true;
    } catch (ClusterException e) {
      if (e.status() != TIMED_OUT) {
        throw e;
      }
      return false;
    }
  }
}

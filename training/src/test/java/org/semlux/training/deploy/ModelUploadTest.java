package org.semlux.training.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.semlux.training.deploy.ClusterServer.DROP;
import static org.semlux.training.deploy.ClusterServer.LOSE;
import static org.semlux.training.deploy.ClusterServer.PASS;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.Sha256;

class ModelUploadTest {
  private static final String MODEL = "/_semlux/models/m";
  private static final Retry QUICK = new Retry(3, Duration.ofMillis(1));

  @TempDir Path folder;
  private ClusterServer server;
  private Manifest manifest;
  private final List<String> notices = new ArrayList<>();
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws IOException {
    server = new ClusterServer();
    ModelFolders.of(folder, 2 * Manifest.PART_SIZE);
    manifest = Manifest.of(folder, Precision.AUTO, read -> {});
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    for (Socket each : open) {
      each.close();
    }
  }

  @Test
  void theClusterGetsEveryByteOnce() throws IOException {
    AtomicLong sent = new AtomicLong();
    ModelUpload upload = upload();

    upload.announce(manifest, false);
    upload.upload(manifest, sent::addAndGet);
    String state = upload.deployAndWait(Duration.ofSeconds(5)).get("state").getAsString();

    assertThat(state).isEqualTo("deployed");
    assertThat(server.manifest().toString()).isEqualTo(manifest.toJson());
    assertThat(server.bytes()).isEqualTo(bytes());
    assertThat(sent.get()).isEqualTo(manifest.size());
    assertThat(server.requests())
        .containsExactly(
            "GET " + MODEL,
            "PUT " + MODEL,
            "GET " + MODEL,
            "PUT " + MODEL + "/parts/0",
            "PUT " + MODEL + "/parts/1",
            "PUT " + MODEL + "/parts/2",
            "POST " + MODEL + "/_deploy",
            "GET " + MODEL);
    assertThat(notices).isEmpty();
  }

  @Test
  void onlyMissingPartsAreSentAgain() throws IOException {
    upload().announce(manifest, false);
    upload().upload(manifest, sent -> {});
    server.dropPart(1);
    int before = server.requests().size();
    AtomicLong sent = new AtomicLong();

    upload().announce(manifest, false);
    upload().upload(manifest, sent::addAndGet);

    assertThat(server.requests().subList(before, server.requests().size()))
        .containsExactly(
            "GET " + MODEL,
            "PUT " + MODEL,
            "GET " + MODEL,
            "GET " + MODEL,
            "PUT " + MODEL + "/parts/1");
    assertThat(sent.get()).isEqualTo(manifest.size());
    assertThat(server.bytes()).isEqualTo(bytes());
  }

  @Test
  void busyAndLostConnectionsAreTriedAgain() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    server.fail(503, PASS); // GET
    server.fail(DROP, 429, PASS); // part 0
    server.fail(500, PASS); // part 1

    upload.upload(manifest, sent -> {});

    assertThat(server.bytes()).isEqualTo(bytes());
    assertThat(notices)
        .hasSize(4)
        .allSatisfy(notice -> assertThat(notice).contains("trying again in"));
    assertThat(notices.get(0)).startsWith("told to fail (503 to GET ");
    assertThat(notices.get(1)).contains("cannot reach " + server.url());
  }

  @Test
  void attemptsAreBounded() {
    server.fail(503, 502, 429, 503);

    assertThatThrownBy(() -> upload().announce(manifest, false))
        .isInstanceOfSatisfying(ClusterException.class, e -> assertThat(e.status()).isEqualTo(429))
        .hasMessage("told to fail (429 to GET " + server.url() + MODEL + ")");
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void aRefusalIsFinal() {
    server.fail(403);

    assertThatThrownBy(() -> upload().announce(manifest, false))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("told to fail (403 ");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void anotherModelIsReplacedOnlyWhenAsked() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    upload.upload(manifest, sent -> {});
    upload.deployAndWait(Duration.ofSeconds(5));
    Manifest other = Manifest.of(folder, Precision.FLOAT32, read -> {});

    assertThatThrownBy(() -> upload.announce(other, false))
        .isInstanceOf(ClusterException.class)
        .hasMessage("the id [m] holds another model: choose another id or --replace it");
    assertThat(server.isDeployed()).isTrue();

    upload.announce(other, true);
    assertThat(server.manifest().toString()).isEqualTo(other.toJson());
    assertThat(server.requests()).contains("DELETE " + MODEL);
  }

  /** A node takes the place of what is not deployed without a word. */
  @Test
  void aModelThatIsNotDeployedIsReplacedOnlyWhenAskedEither() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    upload.upload(manifest, sent -> {});
    Files.writeString(folder.resolve("tokenizer.json"), "{\"other\":1}");
    Manifest other = Manifest.of(folder, Precision.AUTO, read -> {});

    assertThatThrownBy(() -> upload.announce(other, false))
        .hasMessage("the id [m] holds another model: choose another id or --replace it");
    assertThat(server.manifest().toString()).isEqualTo(manifest.toJson());
    assertThat(server.parts()).hasSize(manifest.parts());

    upload.announce(other, true);
    assertThat(server.manifest().toString()).isEqualTo(other.toJson());
  }

  /** As other clients may have sent it. */
  @Test
  void theSameFilesWithOtherOptionsAreAnotherModel() throws IOException {
    ModelUpload upload = upload();
    String other =
        manifest.toJson().replace("\"precision\"", "\"max_batch_tokens\":64,\"precision\"");
    announceElsewhere(other);
    upload.deployAndWait(Duration.ofSeconds(5));

    assertThatThrownBy(() -> upload.announce(manifest, false))
        .hasMessage("the id [m] holds another model: choose another id or --replace it");
    assertThat(server.manifest().toString()).isEqualTo(other);
    assertThat(server.isDeployed()).isTrue();

    upload.announce(manifest, true);
    assertThat(server.manifest().toString()).isEqualTo(manifest.toJson());
  }

  private void announceElsewhere(String manifest) throws IOException {
    cluster().send("PUT", MODEL, Cluster.Body.json(manifest), Duration.ofSeconds(5));
  }

  /** The same files as a node sees another manifest in: the last comes first. */
  private String inAnotherOrder() {
    JsonObject other = JsonParser.parseString(manifest.toJson()).getAsJsonObject();
    JsonArray files = other.getAsJsonArray("files");
    JsonArray turned = new JsonArray();
    turned.add(files.remove(files.size() - 1));
    turned.addAll(files);
    other.add("files", turned);
    return other.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsThereInAnotherOrderOrOtherPartsStaysAsItIs(boolean replace) throws IOException {
    ModelUpload upload = upload();
    for (String other :
        List.of(
            inAnotherOrder(),
            manifest.toJson().replace(Integer.toString(Manifest.PART_SIZE), "1048576"))) {
      announceElsewhere(other);
      sendEveryPart(JsonParser.parseString(other).getAsJsonObject().get("part_size").getAsInt());
      upload.deployAndWait(Duration.ofSeconds(5));
      int before = server.requests().size();
      AtomicLong sent = new AtomicLong();

      upload.announce(manifest, replace);
      upload.upload(manifest, sent::addAndGet);

      assertThat(server.requests().subList(before, server.requests().size()))
          .containsExactly("GET " + MODEL, "GET " + MODEL);
      assertThat(sent.get()).isEqualTo(manifest.size());
      assertThat(server.isDeployed()).isTrue();
      cluster().send("DELETE", MODEL, Cluster.Body.NONE, Duration.ofSeconds(5));
    }
    assertThat(notices).isEmpty();
  }

  /** The server looks at no more than a part's own hash. */
  private void sendEveryPart(int partSize) throws IOException {
    for (int number = 0; number < Math.ceilDiv(manifest.size(), partSize); number++) {
      byte[] part = {(byte) number};
      String path = MODEL + "/parts/" + number + "?sha256=" + Sha256.of(part);
      cluster().send("PUT", path, Cluster.Body.of(part), Duration.ofSeconds(5));
    }
  }

  @Test
  void halfAnUploadInAnotherOrderIsSentAnewAndThatIsTold() throws IOException {
    announceElsewhere(inAnotherOrder());
    sendEveryPart(Manifest.PART_SIZE);
    server.dropPart(1);

    upload().announce(manifest, false);
    upload().upload(manifest, sent -> {});

    assertThat(server.bytes()).isEqualTo(bytes());
    assertThat(notices)
        .containsExactly("what [m] has of the model came in other parts: all is sent anew");
  }

  /** Nodes have loaded it, and the rest of it can only come in their parts. */
  @Test
  void whatIsDeployedAndNotWholeInOtherPartsIsReplacedOnlyWhenAsked() throws IOException {
    ModelUpload upload = upload();
    announceElsewhere(inAnotherOrder());
    upload.deployAndWait(Duration.ofSeconds(5));

    assertThatThrownBy(() -> upload.announce(manifest, false))
        .hasMessage(
            "the id [m] holds this model in other parts, of which some are lost: --replace it");
    assertThat(server.isDeployed()).isTrue();

    upload.announce(manifest, true);
    assertThat(server.manifest().toString()).isEqualTo(manifest.toJson());
  }

  /** A node that drops it would do so in silence. */
  @Test
  void batchesOfAModelThatIsNotDeployedAreKeptToo() throws IOException {
    String other =
        manifest.toJson().replace("\"precision\"", "\"max_batch_tokens\":64,\"precision\"");
    announceElsewhere(other);

    assertThatThrownBy(() -> upload().announce(manifest, false))
        .hasMessage("the id [m] holds another model: choose another id or --replace it");
    assertThat(server.manifest().toString()).isEqualTo(other);
  }

  @Test
  void whatALostAnswerHasDeletedIsDeleted() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    Manifest other = Manifest.of(folder, Precision.FLOAT32, read -> {});
    server.fail(PASS, LOSE); // GET, DELETE

    upload.announce(other, true);

    assertThat(server.requests()).filteredOn(("DELETE " + MODEL)::equals).hasSize(2);
    assertThat(server.manifest().toString()).isEqualTo(other.toJson());
  }

  @Test
  void waitingGoesOnThroughTimeoutsAndDroppedConnections() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    server.deploySlowly(2);
    server.fail(DROP);

    assertThat(upload.deployAndWait(Duration.ofSeconds(60)).get("state").getAsString())
        .isEqualTo("deployed");
  }

  @Test
  void waitingEnds() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    server.deploySlowly(Integer.MAX_VALUE);

    assertThatThrownBy(() -> upload.deployAndWait(Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the nodes have not loaded model [m] in 0 s");
    assertThat(upload.deploy().get("state").getAsString()).isEqualTo("uploaded");
  }

  @Test
  void whyANodeCannotLoadIsSaid() throws IOException {
    ModelUpload upload = upload();
    upload.announce(manifest, false);
    server.failToLoad("model [m] could not be loaded on node [n]: NaN");

    assertThatThrownBy(() -> upload.deployAndWait(Duration.ofSeconds(5)))
        .hasMessageStartingWith("model [m] could not be loaded on node [n]: NaN (400 to POST ");
  }

  @Test
  void nobodyAtTheAddressIsSaidAtOnce() {
    server.close();

    assertThatThrownBy(() -> upload().announce(manifest, false))
        .isInstanceOf(ClusterException.class)
        .hasMessage("cannot reach " + server.url() + ": connection refused");
    assertThat(notices).isEmpty();
  }

  @Test
  void aHostThatIsNotThereIsSaid() {
    Cluster nowhere =
        new Cluster(
            URI.create("http://no-such-host.invalid:9200"),
            Optional.empty(),
            QUICK,
            Proxies.NONE,
            notices::add);

    assertThatThrownBy(() -> nowhere.ask("GET", "/", ""))
        .isInstanceOf(ClusterException.class)
        .hasMessage("cannot reach http://no-such-host.invalid:9200: no such host");
  }

  /** A node, or a proxy, may die after the headers. */
  @Test
  @Timeout(30)
  void anAnswerThatStopsHalfWayIsNotWaitedForForEver() throws IOException {
    try (ServerSocket silent = answering(out -> out.write('{'))) {
      Cluster cluster = at(silent);

      assertThatThrownBy(() -> cluster.send("GET", "/", Cluster.Body.NONE, Duration.ofSeconds(1)))
          .isInstanceOf(ClusterException.class)
          .hasMessage("cannot reach " + cluster.url() + ": nothing came for 1 s");
      assertThat(notices).hasSize(2);
    }
  }

  @Test
  @Timeout(30)
  void anAnswerThatComesSlowlyIsWaitedFor() throws IOException {
    try (ServerSocket slow =
        answering(
            out -> {
              for (char c : "{\"a\":   1}".toCharArray()) {
                LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                out.write(c);
                out.flush();
              }
            })) {
      JsonObject answer = at(slow).send("GET", "/", Cluster.Body.NONE, Duration.ofSeconds(2));
      assertThat(answer.get("a").getAsInt()).isEqualTo(1);
    }
  }

  private interface Body {
    void write(OutputStream out) throws IOException;
  }

  /** Begins each answer of ten characters, and leaves the connection open. */
  private ServerSocket answering(Body body) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  Socket socket = server.accept();
                  open.add(socket);
                  OutputStream out = socket.getOutputStream();
                  out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n".getBytes(UTF_8));
                  body.write(out);
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private Cluster at(ServerSocket server) {
    URI url = URI.create("http://127.0.0.1:" + server.getLocalPort());
    return new Cluster(url, Optional.empty(), QUICK, Proxies.NONE, notices::add);
  }

  @Test
  void aClusterWithoutThePluginIsSaid() {
    Cluster elsewhere =
        new Cluster(
            URI.create(server.url() + "/other/"),
            Optional.empty(),
            QUICK,
            Proxies.NONE,
            notices::add);

    assertThatThrownBy(() -> new ModelUpload(elsewhere, "m").announce(manifest, false))
        .hasMessageStartingWith(
            "no handler found for uri [/other/_semlux/models/m] (is the plugin installed there?)");
  }

  @Test
  void theLoginGoesWithEveryRequest() throws IOException {
    Cluster cluster =
        new Cluster(server.url(), Optional.of("ApiKey abc"), QUICK, Proxies.NONE, notices::add);

    new ModelUpload(cluster, "m").announce(manifest, false);

    assertThat(server.authorizations()).hasSameSizeAs(server.requests()).containsOnly("ApiKey abc");
  }

  @Test
  void pausesGrowToABound() {
    assertThat(Retry.DEFAULT.pauseAfter(1)).isEqualTo(Duration.ofMillis(700));
    assertThat(Retry.DEFAULT.pauseAfter(3)).isEqualTo(Duration.ofMillis(2_800));
    assertThat(Retry.DEFAULT.pauseAfter(1_000)).isEqualTo(Retry.LONGEST);
    Duration longest = Duration.ofMinutes(5);
    Map.of(0, 700, 9, 9_000, 86_400, 300_000)
        .forEach(
            (seconds, millis) ->
                assertThat(
                        Retry.DEFAULT.pauseAfter(
                            1, Optional.of(Duration.ofSeconds(seconds)), longest))
                    .isEqualTo(Duration.ofMillis(millis)));
    assertThat(Retry.DEFAULT.pauseAfter(1, Optional.empty(), longest))
        .isEqualTo(Retry.DEFAULT.pauseAfter(1));
  }

  private ModelUpload upload() {
    return new ModelUpload(cluster(), "m");
  }

  private Cluster cluster() {
    return new Cluster(server.url(), Optional.empty(), QUICK, Proxies.NONE, notices::add);
  }

  /** The files in the order that the cluster was told. */
  private byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (JsonElement file : server.manifest().getAsJsonArray("files")) {
      String path = file.getAsJsonObject().get("path").getAsString();
      bytes.writeBytes(Files.readAllBytes(folder.resolve(path)));
    }
    return bytes.toByteArray();
  }
}

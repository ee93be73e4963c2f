package org.semlux.training.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.KilledProcess;
import org.semlux.training.deploy.Proxies;
import org.semlux.training.deploy.ProxyServer;
import org.semlux.training.deploy.Retry;

class ModelDownloadTest {
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path parent;
  @TempDir Path repository;
  private HubServer server;
  private Optional<String> token = Optional.empty();
  private final List<String> notices = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = new HubServer(ModelRepository.of(repository.resolve("model")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path source() {
    return repository.resolve("model");
  }

  private Path output() {
    return parent.resolve("tiny");
  }

  private HubOptions options() {
    return new HubOptions(
        server.url(),
        token,
        new Retry(3, Duration.ofMillis(5)),
        Duration.ofSeconds(30),
        Proxies.NONE);
  }

  private long download() throws IOException {
    return download("main", false);
  }

  private long download(String revision, boolean overwrite) throws IOException {
    return download(
        new ModelDownload.Request(new HubModel(HubServer.ID, revision), output(), overwrite, false),
        options());
  }

  /** Returns how many bytes were told to have come. */
  private long download(ModelDownload.Request request, HubOptions options) throws IOException {
    AtomicLong received = new AtomicLong();
    try (ModelDownload download = ModelDownload.prepare(request, options, notices::add)) {
      download.run(received::addAndGet);
      assertThat(download.bytes()).isIn(received.get(), HubFile.UNKNOWN);
    }
    return received.get();
  }

  private void assertWhole() throws IOException {
    assertThat(ModelRepository.contents(output())).isEqualTo(ModelRepository.needed(source()));
    assertThat(parent.toFile().list()).containsExactly("tiny");
  }

  private void assertFails(String sentence) {
    assertThatThrownBy(this::download).isInstanceOf(IOException.class).hasMessage(sentence);
  }

  /** Nothing has come, and nothing lies about. */
  private void assertNothing() {
    assertThat(parent.toFile().list()).isEmpty();
  }

  private List<String> requestsToStore() {
    return requests().stream().filter(request -> request.startsWith("store ")).toList();
  }

  /** Of a lost connection not all that was sent need have arrived: {@code N} is any but 0. */
  private List<String> requests() {
    return server.requests().stream()
        .map(request -> request.replaceFirst("bytes=[1-9]\\d*-", "bytes=N-"))
        .toList();
  }

  @Test
  void bringsWhatAModelNeedsAndNothingElse() throws IOException {
    long received = download();

    assertWhole();
    assertThat(output().resolve("2_Dense/model.safetensors")).isRegularFile();
    assertThat(received)
        .isGreaterThan(Files.size(source().resolve(WEIGHTS)))
        .isLessThan(2 * Files.size(source().resolve(WEIGHTS)));
    assertThat(notices).isEmpty();
    assertThat(requestsToStore())
        .containsExactly("store /2_Dense/model.safetensors", "store /model.safetensors");
  }

  @Test
  void theModelCardComesWhenItIsWanted() throws IOException {
    HubModel model = new HubModel(HubServer.ID, "main");

    download(new ModelDownload.Request(model, output(), false, true), options());

    assertThat(output().resolve("README.md")).hasContent("content of README.md");
  }

  @Test
  void goesOnWhereConnectionsWereLost() throws IOException {
    server.store("2_Dense/model.safetensors", HubServer.dropAfter(2000));
    server.store(WEIGHTS, HubServer.dropAfter(40_000), HubServer.dropAfter(30_000));
    server.hub("/tree/main", HubServer.dropAfter(0));
    server.hub("c0ffee/config.json", HubServer.dropAfter(100));

    download();

    assertWhole();
    assertThat(notices).hasSize(5);
    assertThat(notices.get(4)).startsWith("127.0.0.1 ").endsWith(": trying again in 10 ms");
    assertThat(requestsToStore())
        .containsExactly(
            "store /2_Dense/model.safetensors",
            "store /2_Dense/model.safetensors bytes=N-",
            "store /model.safetensors",
            "store /model.safetensors bytes=N-",
            "store /model.safetensors bytes=N-");
  }

  @Test
  void beginsAnewWhereRangesAreIgnored() throws IOException {
    server.store("2_Dense/model.safetensors", HubServer.dropAfter(1000), HubServer.ignoreRange());

    download();

    assertWhole();
    assertThat(notices).hasSize(1);
  }

  @Test
  void comesThroughAProxyThatFindsTheHub() throws IOException {
    try (ProxyServer proxy = new ProxyServer()) {
      HubOptions options =
          HubOptions.of(
              Map.of(
                  "HF_ENDPOINT",
                  "http://hub.invalid:" + server.url().getPort(), // which only the proxy reaches
                  "http_proxy",
                  proxy.address("")));
      HubModel model = new HubModel(HubServer.ID, "main");

      download(new ModelDownload.Request(model, output(), false, false), options);

      assertWhole();
      assertThat(proxy.requests()).isNotEmpty();
    }
  }

  @Test
  void aSilentConnectionIsALostOne() throws IOException {
    server.store("2_Dense/model.safetensors", HubServer.hangAfter(1000));
    HubOptions options =
        new HubOptions(
            server.url(),
            token,
            new Retry(3, Duration.ofMillis(5)),
            Duration.ofSeconds(2),
            Proxies.NONE);
    HubModel model = new HubModel(HubServer.ID, "main");

    download(new ModelDownload.Request(model, output(), false, false), options);

    assertWhole();
    assertThat(notices).contains("127.0.0.1 has sent nothing for 2 s: trying again in 5 ms");
    assertThat(requestsToStore()).contains("store /2_Dense/model.safetensors bytes=N-");
  }

  @Test
  void waitsForBusyServersAtLeastAsLongAsTheyAsk() throws IOException {
    server.hub("/tree/main", HubServer.status(429, "Retry-After", "0"), HubServer.status(502));
    server.store(WEIGHTS, HubServer.status(503), HubServer.status(429, "Retry-After", "1"));

    download();

    assertWhole();
    assertThat(notices)
        .containsExactly(
            "127.0.0.1 is busy or failing (429): trying again in 5 ms",
            "127.0.0.1 is busy or failing (502): trying again in 10 ms",
            "127.0.0.1 is busy or failing (503): trying again in 5 ms",
            "127.0.0.1 is busy or failing (429): trying again in 1000 ms");
  }

  @Test
  void givesUpAndGoesOnNextTime() throws IOException {
    server.store(WEIGHTS, drops(3, 20_000));

    assertThatThrownBy(this::download)
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            ", 3 times in a row: run the command again later, it goes on from here");
    assertThat(output()).doesNotExist();
    int before = server.requests().size();

    download();

    assertWhole();
    assertThat(requests().subList(before, server.requests().size()))
        .containsExactly(
            "hub /api/models/org/tiny-model/tree/main",
            "hub /org/tiny-model/resolve/main/modules.json",
            "hub /api/resolve-cache/models/org/tiny-model/c0ffee/modules.json",
            "hub /org/tiny-model/resolve/main/model.safetensors bytes=N-",
            "store /model.safetensors bytes=N-");
  }

  private static HubServer.Fault[] drops(int times, int bytes) {
    return Collections.nCopies(times, HubServer.dropAfter(bytes)).toArray(HubServer.Fault[]::new);
  }

  @Test
  void aFileThatStopsBeforeItsCheckIsNotAskedForAgain() throws IOException {
    HubFile weights = weights();
    try (PartialFolder partial = PartialFolder.open(output(), notice -> {})) {
      Files.copy(source().resolve(WEIGHTS), partial.part(weights));
    }

    download();

    assertWhole();
    assertThat(requestsToStore()).containsExactly("store /2_Dense/model.safetensors");
  }

  @Test
  void aPartThatIsTooLongIsThrownAway() throws IOException {
    HubFile weights = weights();
    try (PartialFolder partial = PartialFolder.open(output(), notice -> {})) {
      Files.write(partial.part(weights), new byte[200_000]);
    }

    download();

    assertWhole();
    assertThat(notices)
        .containsExactly("what had come of model.safetensors does not fit: trying again in 5 ms");
  }

  private HubFile weights() throws IOException {
    Path file = source().resolve(WEIGHTS);
    return new HubFile(
        WEIGHTS, Files.size(file), Optional.of(Checksum.of(Checksum.Kind.SHA_256, file)));
  }

  @Test
  void aWrongHashIsOneErrorAndNothingOfItStays() throws IOException {
    byte[] weights = Files.readAllBytes(source().resolve(WEIGHTS));
    weights[50_000] ^= 1;
    server.store(WEIGHTS, HubServer.content(weights));

    assertThatThrownBy(this::download)
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "model\\.safetensors of org/tiny-model came damaged and was deleted, its SHA-256"
                + " [0-9a-f]{64} should be [0-9a-f]{64}: run the command again");
    assertThat(output()).doesNotExist();
    assertThat(ModelRepository.contents(parent).keySet())
        .noneMatch(path -> path.endsWith(".part") || path.endsWith("/tiny/model.safetensors"))
        .anyMatch(path -> path.endsWith("2_Dense/model.safetensors"));

    download();

    assertWhole();
    assertThat(notices).isEmpty();
  }

  @Test
  void smallFilesAreCheckedToo() throws IOException {
    byte[] config = Files.readAllBytes(source().resolve("1_Pooling/config.json"));
    config[5] ^= 1;
    server.hub("c0ffee/1_Pooling/config.json", HubServer.content(config));

    assertThatThrownBy(this::download)
        .hasMessageMatching(
            "1_Pooling/config\\.json of org/tiny-model came damaged and was deleted, its SHA-1"
                + " [0-9a-f]{40} should be [0-9a-f]{40}: run the command again");

    download();

    assertWhole();
  }

  @Test
  void anotherLengthThanIsListed() {
    server.store("2_Dense/model.safetensors", HubServer.content(new byte[500_000]));
    assertFails(
        "127.0.0.1 sends 500000 bytes of 2_Dense/model.safetensors of org/tiny-model where the hub"
            + " lists 2264: run the command again");

    server.store("2_Dense/model.safetensors", HubServer.ofUnknownLength(new byte[500_000]));
    assertFails(
        "2_Dense/model.safetensors of org/tiny-model came damaged and was deleted, it is longer"
            + " than the 2264 bytes that the hub lists: run the command again");
  }

  @Test
  void theTokenIsForTheHubAlone() throws IOException {
    server.requireToken("hf_secret");
    assertFails(
        "the hub shows no model org/tiny-model to strangers (401): check the name, and set"
            + " HF_TOKEN if it is private");
    token = Optional.of("hf_wrong");
    assertFails(
        "the hub does not take the token in HF_TOKEN for org/tiny-model (401): renew it or check"
            + " the name");
    assertNothing();

    token = Optional.of("hf_secret");
    download();

    assertWhole();
    assertThat(requestsToStore()).hasSize(2);
    assertThat(server.storeAuthorizations()).isEmpty();
  }

  @Test
  void refusalsSayWhatToDo() {
    server.hub("/tree/main", HubServer.status(403));
    String ask =
        "the hub gives org/tiny-model only to some (403): ask for access at %s/org/tiny-model, then"
            + " set HF_TOKEN to a token that may read it";
    assertFails(ask.formatted(server.url()));

    server.hub("resolve/main/config.json", HubServer.status(401, "X-Error-Code", "GatedRepo"));
    assertFails(ask.replace("403", "401").formatted(server.url()));

    server.hub("/tree/main", HubServer.status(404));
    server.hub("/revision/main", HubServer.status(404, "X-Error-Code", "RevisionNotFound"));
    assertFails(
        "org/tiny-model has no revision [main]: name a branch, a tag or a commit of it by"
            + " --revision");

    server.hub("resolve/main/config.json", HubServer.status(404));
    assertFails(
        "the hub lists config.json of org/tiny-model and does not have it: try again later");

    server.store("2_Dense/model.safetensors", HubServer.status(403));
    assertFails("127.0.0.1, where the hub keeps files of org/tiny-model, answers 403");

    HubModel other = new HubModel("org/other", "main");
    assertThatThrownBy(
            () -> download(new ModelDownload.Request(other, output(), false, false), options()))
        .hasMessage(
            "no model org/other at %s (404): check the name and the revision, and set HF_TOKEN if"
                    .formatted(server.url())
                + " it is private");
  }

  @Test
  void whatIsNoHubIsSaid() {
    String sentence = "%s does not answer as a model hub does (%s): check HF_ENDPOINT";

    server.list("<!doctype html><html><body>Log in</body></html>");
    assertFails(sentence.formatted(server.url(), "no content type"));
    for (String json : List.of("{\"error\":\"x\"}", "[1]", "[{\"path\":3,\"size\":[]}]", "[{}]")) {
      server.list(json);
      assertFails(sentence.formatted(server.url(), "JSON that lists no files"));
    }
    server.hub("/tree/main", HubServer.status(404));
    server.list("{\"id\":\"org/tiny-model\"}");
    assertFails(sentence.formatted(server.url(), "JSON that lists no files"));
    assertNothing();
  }

  @Test
  void whatIsNoModelIsSaid() throws IOException {
    server.list("[]");
    assertFails(
        "org/tiny-model is no model: neither config.json nor modules.json is among its files");
    server.list("");
    Files.writeString(source().resolve("modules.json"), "{\"modules\":[]}");
    assertFails("org/tiny-model is no model: its modules.json is no list of modules");
    assertNothing();
    Files.delete(source().resolve("modules.json"));
    Files.writeString(source().resolve("config.json"), "{\"sample_rate\":16000}");
    assertThatThrownBy(this::download)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("org/tiny-model is no usable model: ")
        .hasMessageEndingWith("config.json lacks \"model_type\"");
    assertNothing();
  }

  @Test
  void anUnknownArchitectureIsSaidBeforeItsWeightsCome() throws IOException {
    Files.writeString(source().resolve("config.json"), "{\"model_type\":\"gigantic\"}");

    assertThatThrownBy(this::download)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("unknown architecture [gigantic]");

    assertThat(requestsToStore()).isEmpty();
    assertNothing();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "config.json | {\"model_type\":\"bert\",\"quantization_config\":{\"quant_method\":\"fp8\"}}"
            + " | has [quantization_config] with [fp8]",
        "tokenizer_config.json | {\"shuffle_words\":true} | sets [shuffle_words]",
        "tokenizer_config.json | {\"tokenizer_class\":\"PhobertTokenizer\"} | is a PhobertTokenizer",
        "sentence_bert_config.json | {\"shuffle_words\":true} | sets [shuffle_words]",
        "1_Pooling/config.json | {\"pooling_mode\":\"median\"} | median",
        "2_Dense/config.json | {\"in_features\":32,\"out_features\":16,\"activation_function\":\"my.Tanh\"}"
            + " | has the activation [my.Tanh]"
      })
  void whatIsNotSupportedIsSaidBeforeWeightsCome(String file, String json, String problem)
      throws IOException {
    Files.writeString(source().resolve(file), json);

    assertThatThrownBy(this::download)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(problem);

    assertThat(requestsToStore()).isEmpty();
    assertNothing();
  }

  @Test
  void weightsOfAnotherShapeAreNotKept() throws IOException {
    Path config = source().resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"intermediate_size\": \\d+", "\"intermediate_size\": 8"));

    assertThatThrownBy(this::download)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("the config promises [8, 32]");

    assertNothing();
  }

  @Test
  void damagedWeightsAreNotKept() throws IOException {
    Files.writeString(source().resolve("2_Dense/model.safetensors"), "no tensors at all");

    assertThatThrownBy(this::download)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("org/tiny-model is no usable model: ");

    assertNothing();
  }

  @Test
  void listsComeInPages() throws IOException {
    server.pagesOf(4);

    download();

    assertWhole();
  }

  @Test
  void aMirrorThatOnlyDescribesIsEnough() throws IOException {
    server.withoutTree(true);
    server.store(WEIGHTS, HubServer.dropAfter(1000));

    download();

    assertWhole();
  }

  @Test
  void hashesComeWithTheFilesWhereNoListTellsThem() throws IOException {
    server.withoutTree(false);
    server.store("2_Dense/model.safetensors", HubServer.dropAfter(1000));
    download();
    assertWhole();

    byte[] weights = Files.readAllBytes(source().resolve(WEIGHTS));
    weights[50_000] ^= 1;
    server.store(WEIGHTS, HubServer.content(weights));
    assertThatThrownBy(() -> download("main", true))
        .hasMessageStartingWith("model.safetensors of org/tiny-model came damaged");
    assertThat(ModelRepository.contents(output())).isEqualTo(ModelRepository.needed(source()));
  }

  @Test
  void nothingOfAnotherRevisionGetsIn() throws IOException {
    server.store(WEIGHTS, drops(3, 20_000));
    assertThatThrownBy(this::download).isInstanceOf(IOException.class);
    byte[] weights = Files.readAllBytes(source().resolve(WEIGHTS));
    weights[weights.length - 1] ^= 1;
    Files.write(source().resolve(WEIGHTS), weights);
    Files.delete(source().resolve("sentence_bert_config.json"));
    Files.writeString(source().resolve("tokenizer_config.json"), "{}");

    download("refs/pr/1", false);

    assertWhole();
    assertThat(server.requests())
        .contains("hub /org/tiny-model/resolve/refs/pr/1/tokenizer_config.json");
  }

  @Test
  void shardsComeWithTheirIndexAndWithoutTheirCopies() throws IOException {
    Files.move(source().resolve(WEIGHTS), source().resolve("model-00001-of-00001.safetensors"));
    StringBuilder names = new StringBuilder();
    Path shard = source().resolve("model-00001-of-00001.safetensors");
    for (String name : Safetensors.open(shard).names()) {
      names.append(names.isEmpty() ? "" : ",").append('"').append(name).append("\":\"");
      names.append(shard.getFileName()).append('"');
    }
    Files.writeString(
        source().resolve("model.safetensors.index.json"), "{\"weight_map\":{" + names + "}}");
    Path copy = Files.copy(shard, source().resolve("consolidated.safetensors"));

    download();

    assertThat(requestsToStore())
        .containsExactly("store /2_Dense/model.safetensors", "store /" + shard.getFileName());
    assertThat(notices)
        .containsExactly(
            "weights that the model is not read from are left out: consolidated.safetensors");
    Files.delete(copy);
    assertWhole();
  }

  @Test
  void anIndexThatNamesNoFilesIsSaid() throws IOException {
    Files.delete(source().resolve(WEIGHTS));
    Path index = source().resolve("model.safetensors.index.json");
    for (String json : List.of("{}", "[]", "{\"weight_map\":{\"a\":{}}}", "{\"weight_map\":{}}")) {
      Files.writeString(index, json);
      assertFails(
          "org/tiny-model is no usable model: its model.safetensors.index.json maps no tensors to"
              + " files");
      assertNothing();
    }
  }

  @Test
  void aFolderThatIsTakenIsLeftAlone() throws IOException {
    download();
    int requests = server.requests().size();

    assertFails(output() + " holds a model already: remove it or say --overwrite");
    assertThat(server.requests()).hasSize(requests);

    Files.writeString(source().resolve("tokenizer_config.json"), "{}");
    download("main", true);
    assertWhole();
  }

  /** {@code semlux download} in a process of its own. */
  static final class Downloading {
    public static void main(String[] arguments) throws IOException {
      var request =
          new ModelDownload.Request(
              new HubModel(HubServer.ID, "main"), Path.of(arguments[0]), true, false);
      HubOptions options = HubOptions.of(Map.of("HF_ENDPOINT", arguments[1]));
      try (ModelDownload download = ModelDownload.prepare(request, options, notice -> {})) {
        download.run(received -> {});
      }
    }
  }

  /** Each file is moved to its place, then the old folder away, then the new one to its place. */
  @ParameterizedTest
  @CsvSource({"1", "2"})
  void aProcessThatIsKilledAtTheEndLosesNothing(int move) throws Exception {
    download();
    Map<String, Integer> old = ModelRepository.contents(output());
    Files.writeString(source().resolve("tokenizer_config.json"), "{}");
    int files = ModelRepository.needed(source()).size();
    KilledProcess.run(
        "move", files + move, Downloading.class, output().toString(), server.url().toString());
    assertThat(Files.exists(output())).isEqualTo(move == 1);
    int requests = requestsToStore().size();

    assertFails(output() + " holds a model already: remove it or say --overwrite");
    assertThat(ModelRepository.contents(output())).isEqualTo(old);
    download("main", true);

    assertThat(ModelRepository.contents(output())).isEqualTo(ModelRepository.needed(source()));
    assertThat(requestsToStore()).hasSize(requests);
  }

  @Test
  void oneDownloadAtATime() throws IOException {
    try (PartialFolder other = PartialFolder.open(output(), notice -> {})) {
      assertThat(other.model()).isDirectory();
      assertThatThrownBy(this::download)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("another command writes into " + other.model().getParent());
    }

    download();

    assertWhole();
  }

  /** Earlier versions held the folder by an empty file in it. */
  @Test
  void nothingStaysOfAnEarlierVersionWhereNothingElseHasCome() throws IOException {
    Path folder = Files.createDirectory(parent.resolve(".tiny.download"));
    Files.createFile(folder.resolve(".lock"));
    Path part = Files.writeString(folder.resolve("model.safetensors.1.part"), "x");
    PartialFolder.open(output(), notice -> {}).close();
    assertThat(part).exists();
    Files.delete(part);

    PartialFolder.open(output(), notice -> {}).close();

    assertThat(parent).isEmptyDirectory();
  }

  /** In a container, or where the file system has no locks. */
  @Test
  void aDownloadThatMayRunElsewhereIsTold() throws IOException {
    Path folder;
    try (PartialFolder other = PartialFolder.open(output(), notice -> {})) {
      folder = other.model().getParent();
    }
    Files.writeString(Files.createDirectory(folder).resolve(".owner"), "elsewhere\n1\n2\n");

    download();

    assertWhole();
    assertThat(notices)
        .containsExactly(
            folder
                + " is of a command that was killed, or of one that still runs, elsewhere or as"
                + " another user: stop this one if it does");
  }

  @Test
  void pathsThatLeadOutAreRefused() throws IOException {
    Files.writeString(source().resolve("modules.json"), "[{\"path\":\"..\"}]");
    server.list(
        "[{\"path\":\"modules.json\",\"size\":15},{\"path\":\"tokenizer.json\",\"size\":2},"
            + "{\"path\":\"model.safetensors\",\"size\":2},{\"path\":\"../config.json\",\"size\":2}]");

    assertFails("org/tiny-model lists the file [../config.json], which is no path");
    assertNothing();
  }

  @Test
  void aHubThatIsNotThereIsSaidAtOnce() {
    server.close();

    assertThatThrownBy(this::download)
        .hasMessageMatching(
            "cannot reach 127\\.0\\.0\\.1: .*efused; check the network and HF_ENDPOINT");
    assertThat(notices).isEmpty();
  }

  @Test
  void redirectsEnd() {
    HubServer.Fault circle =
        HubServer.status(307, "Location", "/api/models/org/tiny-model/tree/main");
    server.hub("/tree/main", Collections.nCopies(11, circle).toArray(HubServer.Fault[]::new));

    assertThatThrownBy(this::download).hasMessageEndingWith(" redirects more than 10 times");

    server.hub("/tree/main", HubServer.status(302, "Location", "file:///etc/hosts"));
    assertFails("127.0.0.1 redirects to [file:///etc/hosts], which is not followed");
  }

  @Test
  void attemptsAreCountedAnewWhenMuchHasCome() throws IOException {
    AtomicLong done = new AtomicLong();
    HubModel model = new HubModel(HubServer.ID, "main");
    try (HubClient client = new HubClient(options(), model, notices::add)) {
      long attempts =
          client.retrying(
              done::get,
              () -> {
                if (done.addAndGet(1 << 20) < 10 << 20) {
                  throw new PassingException("lost", Optional.empty());
                }
                return done.get();
              });
      assertThat(attempts).isEqualTo(10 << 20);
    }
    assertThat(notices).hasSize(9).containsOnly("lost: trying again in 5 ms");
  }
}

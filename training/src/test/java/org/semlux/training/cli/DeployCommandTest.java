package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.Safetensors;
import org.semlux.training.card.BaseModel;
import org.semlux.training.deploy.ClusterServer;
import org.semlux.training.deploy.Manifest;
import org.semlux.training.deploy.ModelFolders;
import org.semlux.training.folder.ModelFiles;

class DeployCommandTest {
  @TempDir Path folder;
  private ClusterServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ClusterServer();
    Path golden = Path.of("../tests/src/test/resources/goldens/dense-bert-mean-normalize");
    for (Path file : ModelFiles.of(golden)) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.copy(golden.resolve(file), folder.resolve(file));
    }
    // Shards, of which one makes a second part.
    Path weights = folder.resolve("model.safetensors");
    JsonObject map = new JsonObject();
    Safetensors.open(weights).names().forEach(name -> map.addProperty(name, "few.safetensors"));
    map.addProperty("w", "more.safetensors");
    JsonObject index = new JsonObject();
    index.add("weight_map", map);
    Files.move(weights, folder.resolve("few.safetensors"));
    Files.write(folder.resolve("more.safetensors"), ModelFolders.safetensors(5_000_000));
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theClustersWordIsPrinted() {
    CommandLineRun run = deploy("--precision", "float32", "--timeout", "1m");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(JsonParser.parseString(run.out()).getAsJsonObject().get("state").getAsString())
        .isEqualTo("deployed");
    assertThat(run.err()).isEqualTo("Deploying: waiting for the nodes to load the model\n");
    assertThat(server.manifest().getAsJsonObject("options").get("precision").getAsString())
        .isEqualTo("float32");
    assertThat(server.parts()).hasSize(2);
  }

  /** Nobody asked for it, and vectors of another pooling would be worth little. */
  @Test
  void thePoolingThatIsAssumedIsTold() throws IOException {
    Files.delete(folder.resolve("modules.json"));
    assertThat(deploy("--dry-run").err())
        .isEqualTo(
            "its files name no pooling, so assumed: mean; semlux import --pooling gives another\n");

    Path config = folder.resolve("config.json");
    String causal = "\"architectures\":[\"BertForCausalLM\"],\"is_causal\":true";
    Files.writeString(
        config, Files.readString(config).replaceFirst("\"architectures\": *\\[[^\\]]*\\]", causal));
    assertThat(deploy("--dry-run").err()).contains("assumed: lasttoken; ");
  }

  @Test
  void adaptersInFoldersOfTheirOwnAreToldAndNotSent() throws IOException {
    for (String name : List.of("adapters/retrieval", "adapters/clustering", "1_Pooling/late")) {
      Path adapter = Files.createDirectories(folder.resolve(name));
      Files.writeString(adapter.resolve(ModelFolder.ADAPTER), "{\"peft_type\":\"LORA\"}");
    }
    CommandLineRun run = deploy();
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .startsWith(
            "the PEFT adapters in [1_Pooling/late, adapters/clustering, adapters/retrieval] are left"
                + " out, the model comes without them: ");
    assertThat(server.manifest().toString()).doesNotContain(ModelFolder.ADAPTER);
    Files.writeString(folder.resolve("1_Pooling").resolve(ModelFolder.ADAPTER), "{}");
    assertThat(deploy("--dry-run").err()).contains("it holds a PEFT adapter");
  }

  @Test
  void whatNoNodeCanLoadIsNotSent() throws IOException {
    Path config = folder.resolve("config.json");
    String good = Files.readString(config);
    Files.writeString(config, good.replace("\"bert\"", "\"mamba\""));
    assertThat(deploy().err()).contains("unknown architecture [mamba], supported are [");
    Files.writeString(
        config, good.replace("{", "{\"auto_map\":{},").replace("\"bert\"", "\"own\""));
    assertThat(deploy().err()).contains("[own] is code of its own (auto_map)");
    Files.writeString(config, good.replaceFirst("\"hidden_size\": *\\d+", "\"hidden_size\": 64"));
    assertThat(deploy().exitCode()).isEqualTo(1);
    Files.writeString(config, good);
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(deploy().err()).contains("no tokenizer.json");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void withoutWaiting() {
    server.deploySlowly(1);

    CommandLineRun run = deploy("--no-wait");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"state\":\"uploaded\"");
  }

  @Test
  void theAliasComesAfterTheModel() {
    server.deploySlowly(1);

    CommandLineRun run = deploy("--alias", "live");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(server.aliases()).containsExactly(Map.entry("live", "m"));
    assertThat(server.requests()).last().isEqualTo("PUT /_semlux/aliases/live");
    assertThat(run.err()).endsWith("The alias [live] stands for [m]\n");
    assertThat(deploy("--alias", "Live").err())
        .startsWith("semlux: --alias [Live] does not match [a-z0-9]");
    assertThat(deploy("--alias", "live", "--no-wait").err())
        .startsWith("semlux: --alias needs a model that is loaded: leave out --no-wait");
  }

  /** Nothing is sent unless the report of this very model says what is required. */
  @Test
  void theGate() throws IOException {
    String report =
        """
        {"sha256":"%s","judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":%s,"high":0.05}}}]}""";
    String own = BaseModel.of(folder).sha256();
    String[] required = {"--require", "ndcg@10 >= base + .02"};
    assertThat(deploy((Object[]) required).err()).contains("--require needs a report");
    Path file = folder.resolve("adaptation.json");
    Files.writeString(file, report.formatted("other", "0.01"));
    assertThat(deploy((Object[]) required).err()).contains("is of another model than");
    Files.writeString(file, report.formatted(own, "-0.01"));
    CommandLineRun refused = deploy((Object[]) required);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("(95 percent interval -0.0100 to +0.0500, 30 judged queries)");
    assertThat(server.requests()).isEmpty();

    Files.writeString(file, report.formatted(own, "0.01"));
    CommandLineRun run = deploy("--require", "ndcg@10 >= base + .02", "--alias", "live");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).startsWith("Required and so: ndcg@10 0.5300, base 0.5000, +0.0300");
    assertThat(server.aliases()).containsExactly(Map.entry("live", "m"));
  }

  /** A report of compare is of the files that were deployed, not of whatever has their name. */
  @Test
  void theReportOfAComparisonIsOfTheFilesThatWereCompared() throws IOException {
    String report =
        """
        {"other_model":"m",%s"judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":0.01,"high":0.05}}}]}""";
    Path file = Files.createTempFile("comparison", ".json");
    Object[] required = {"--require", "ndcg@10 >= base + .02", "--report", file};
    Files.writeString(file, report.formatted(""));
    assertThat(deploy(required).err()).contains("does not say which files it judges");

    String version = Manifest.of(folder, Precision.AUTO, hashed -> {}).version();
    Files.writeString(file, report.formatted("\"other_version\":\"" + version + "\","));
    assertThat(deploy(required).exitCode()).isZero();

    Path weights = folder.resolve("more.safetensors");
    byte[] changed = Files.readAllBytes(weights);
    changed[changed.length - 1]++;
    Files.write(weights, changed);
    int before = server.requests().size();
    CommandLineRun refused = deploy("--replace", "--require", "ndcg@10 >= base", "--report", file);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("is of another model than");
    assertThat(server.requests()).hasSize(before);
    Files.delete(file);
  }

  /** That the model is better than v1 does not say that it is better than v2. */
  @Test
  void theGateIsOfWhatTheAliasStandsForNow() throws IOException {
    String judged =
        """
        "judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":0.01,"high":0.05}}}]}""";
    String version = Manifest.of(folder, Precision.AUTO, hashed -> {}).version();
    String compared = "{\"model\":\"search\",%s\"other_version\":\"" + version + "\"," + judged;
    String adapted =
        "{\"base\":{\"name\":\"v1\",\"version\":\"%s\"},\"sha256\":\""
            + BaseModel.of(folder).sha256()
            + "\","
            + judged;
    Path file = folder.resolve("comparison.txt");
    String[] options = {"--alias", "search", "--require", "ndcg@10 >= base", "--report", "" + file};
    server.alias("search", "v2", "2222");

    Files.writeString(file, compared.formatted(""));
    assertThat(deploy((Object[]) options).err()).contains("does not say what it is held against");
    Files.writeString(file, compared.formatted("\"version\":\"1111\","));
    CommandLineRun refused = deploy((Object[]) options);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo(
            "semlux: "
                + file
                + " is held against [search] (version 1111), but the alias [search] stands for [v2]"
                + " (version 2222) now: compare with that, and give its report by --report\n");
    Files.writeString(file, adapted.formatted("1111"));
    assertThat(deploy((Object[]) options).err()).contains("is held against [v1] (version 1111)");
    assertThat(server.requests()).containsOnly("GET /_semlux/models");

    Files.writeString(file, adapted.formatted("2222"));
    assertThat(deploy((Object[]) options).exitCode()).isZero();
    server.alias("search", "v2", "2222");
    Files.writeString(file, compared.formatted("\"version\":\"2222\","));
    CommandLineRun run = deploy((Object[]) options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("Back: PUT /_semlux/aliases/search {\"model_id\":\"v2\"}");
    assertThat(server.aliases()).containsExactly(Map.entry("search", "m"));
    assertThat(deploy((Object[]) options).exitCode()).isZero(); // it is there already
  }

  /** Searches may name the id itself: then it is that model which is given up. */
  @Test
  void theGateIsOfTheModelThatIsReplaced() throws IOException {
    assertThat(deploy("--precision", "float32").exitCode()).isZero();
    String held = Manifest.of(folder, Precision.FLOAT32, hashed -> {}).version();
    Path weights = folder.resolve("more.safetensors");
    byte[] changed = Files.readAllBytes(weights);
    changed[changed.length - 1]++;
    Files.write(weights, changed);
    String report =
        """
        {"model":"base","version":"%s","other_version":"%s",
         "judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":0.01,"high":0.05}}}]}""";
    String version = Manifest.of(folder, Precision.AUTO, hashed -> {}).version();
    Path file = folder.resolve("comparison.txt");
    Object[] options = {"--replace", "--require", "ndcg@10 >= base", "--report", file};
    Files.writeString(file, report.formatted("1111", version));
    int before = server.requests().size();
    CommandLineRun refused = deploy(options);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo(
            "semlux: %s is held against [base] (version 1111), but the id [m] holds [m] (version %s) now: compare with that, and give its report by --report\n"
                .formatted(file, held));
    assertThat(server.requests().subList(before, server.requests().size()))
        .containsOnly("GET /_semlux/models/m");
    assertThat(server.isDeployed()).isTrue();

    Files.writeString(file, report.formatted(held, version));
    CommandLineRun run = deploy(options);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(server.requests()).contains("DELETE /_semlux/models/m");
  }

  /**
   * While it is loaded here, or between the deletion and what comes after it, somebody else may put
   * another: the report says nothing of that one.
   */
  @ParameterizedTest
  @ValueSource(strings = {"GET /_semlux/models/m", "PUT /_semlux/models/m"})
  void aModelThatComesMeanwhileIsNotReplaced(String request) throws IOException {
    assertThat(deploy("--precision", "float32").exitCode()).isZero();
    String held = Manifest.of(folder, Precision.FLOAT32, hashed -> {}).version();
    Path weights = folder.resolve("more.safetensors");
    byte[] changed = Files.readAllBytes(weights);
    changed[changed.length - 1]++;
    Files.write(weights, changed);
    Path file = folder.resolve("comparison.txt");
    Files.writeString(
        file,
        """
        {"model":"base","version":"%s","other_version":"%s",
         "judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":0.01,"high":0.05}}}]}"""
            .formatted(held, Manifest.of(folder, Precision.AUTO, hashed -> {}).version()));
    JsonObject others = server.manifest();
    JsonObject first = others.getAsJsonArray("files").get(0).getAsJsonObject();
    first.addProperty("sha256", "0".repeat(64));
    int before = server.requests().size();
    // It is asked what the id holds for the gate, for --replace, and before that is deleted.
    int number = request.startsWith("GET") ? 3 : 5;
    server.before(number, () -> server.hold(others));

    CommandLineRun run = deploy("--replace", "--require", "ndcg@10 >= base", "--report", file);

    assertThat(server.requests().get(before + number - 1)).isEqualTo(request);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("is held against [base] (version " + held + "), but the id [m] holds [m]");
    assertThat(server.isDeployed()).isTrue();
    assertThat(server.manifest()).isEqualTo(others);
  }

  /** While nodes load a model, minutes at times, somebody else may switch. */
  @Test
  void anAliasThatMovesMeanwhileStays() throws IOException {
    String version = Manifest.of(folder, Precision.AUTO, hashed -> {}).version();
    Path file = folder.resolve("comparison.txt");
    Files.writeString(
        file,
        """
        {"model":"v1","version":"1111","other_version":"%s",
         "judged":[{"name":"judged","queries":30,"metrics":{"ndcg@10":
          {"base":0.5,"adapted":0.53,"difference":0.03,"low":0.01,"high":0.05}}}]}"""
            .formatted(version));
    server.alias("search", "v1", "1111");
    server.whenDeployed(() -> server.alias("search", "v2", "2222"));
    CommandLineRun run =
        deploy("--alias", "search", "--require", "ndcg@10 >= base", "--report", file);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("the alias [search] stands for [v2] (version 2222) now");
    assertThat(server.isDeployed()).isTrue();
    assertThat(server.aliases()).containsExactly(Map.entry("search", "v2"));
  }

  @Test
  void aDryRunSendsNothing() throws IOException {
    CommandLineRun run = deploy("--dry-run");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject plan = JsonParser.parseString(run.out()).getAsJsonObject();
    assertThat(plan.get("parts").getAsInt()).isEqualTo(2);
    assertThat(plan.get("files").getAsInt()).isEqualTo(ModelFiles.of(folder).size());
    assertThat(plan.has("id_holds_a_model")).isFalse();
    assertThat(server.requests()).containsOnly("GET /_semlux/models/m");
    assertThat(deploy().exitCode()).isZero();
    assertThat(deploy("--dry-run").out()).contains("\"id_holds_a_model\":\"deployed\"");
    assertThat(deploy("--dry-run", "--precision", "float32").err())
        .startsWith("semlux: the id [m] holds another model");
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(deploy("--dry-run").err()).contains("no tokenizer.json");
  }

  @Test
  void anotherModelNeedsReplace() {
    assertThat(deploy().exitCode()).isZero();

    CommandLineRun refused = deploy("--precision", "float32");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).startsWith("semlux: the id [m] holds another model");

    CommandLineRun replaced = deploy("--precision", "float32", "--replace");
    assertThat(replaced.exitCode()).as(replaced.err()).isZero();
    assertThat(replaced.err()).startsWith("Loading it here, before it takes the place of");
    assertThat(server.requests()).contains("DELETE /_semlux/models/m");
  }

  @Test
  void anAliasIsNoId() {
    assertThat(deploy("--alias", "live").exitCode()).isZero();

    CommandLineRun run =
        CommandLineRun.of("deploy", folder, "--to", server.url(), "--id", "live", "--replace");
    assertThat(run.err()).isEqualTo("semlux: [live] is an alias of model [m]: choose another id\n");
  }

  /** Names and shapes are as they should be, and no node would load it. */
  @Test
  void whatDoesNotLoadHereReplacesNothing() throws IOException {
    assertThat(deploy().exitCode()).isZero();
    Path weights = folder.resolve("few.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    Arrays.fill(bytes, bytes.length - 20_000, bytes.length, (byte) 0xff); // NaN
    Files.write(weights, bytes);

    assertThat(deploy("--replace").exitCode()).isEqualTo(1);
    assertThat(server.isDeployed()).isTrue();
    assertThat(server.requests()).doesNotContain("DELETE /_semlux/models/m");
  }

  @Test
  void optionsThatWouldDoNothingAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("sentences.txt"), "a sentence");
    assertThat(deploy("--report", file).err()).startsWith("semlux: --report changes nothing");
    assertThat(deploy("--no-wait", "--timeout", "1m").err()).startsWith("semlux: --timeout says");
    assertThat(deploy("--calibration", file).err())
        .startsWith("semlux: --calibration is for --precision int8 alone");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void retriesAreTold() {
    server.fail(503);

    CommandLineRun run = deploy();

    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .containsPattern("told to fail \\(503 to GET .*\\): trying again in 700 ms\n");
  }

  @Test
  void thePasswordComesFromAFile() throws IOException {
    Path password = Files.writeString(folder.resolve("password"), "se:cret\n");

    assertThat(deploy("--user", "elastic", "--password-file", password).exitCode()).isZero();

    String login = Base64.getEncoder().encodeToString("elastic:se:cret".getBytes(UTF_8));
    assertThat(server.authorizations()).isNotEmpty().containsOnly("Basic " + login);
  }

  @Test
  void theApiKeyComesFromTheEnvironment() {
    assertThat(deploy("--api-key-env", "PATH").exitCode()).isZero();

    assertThat(server.authorizations())
        .isNotEmpty()
        .containsOnly("ApiKey " + System.getenv("PATH"));
    assertThat(deploy("--api-key-env", "NO_SUCH_VARIABLE").err())
        .isEqualTo("semlux: the environment variable [NO_SUCH_VARIABLE] holds no API key\n");
  }

  @Test
  void errorsAreOneLine() throws IOException {
    assertThat(deploy("--user", "u", "--password-file", folder.resolve("none")).err())
        .isEqualTo("semlux: no such file: " + folder.resolve("none") + "\n");
    Path latin = Files.write(folder.resolve("latin.txt"), "\u00e9".getBytes(ISO_8859_1));
    String noText = "semlux: " + latin + ": the text from here on is not UTF-8: convert the file";
    assertThat(deploy("--user", "u", "--password-file", latin).err()).startsWith(noText);
    assertThat(deploy("--require", "ndcg@10 >= base", "--report", latin).err()).startsWith(noText);
    Files.delete(latin);
    Files.delete(folder.resolve("model.safetensors.index.json"));
    CommandLineRun run = deploy();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no weights in safetensors").hasLineCount(1);
    assertThat(server.requests()).isEmpty();
  }

  private CommandLineRun deploy(Object... options) {
    List<Object> arguments =
        new ArrayList<>(List.of("deploy", folder, "--to", server.url(), "--id", "m"));
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }
}

package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.encoders.api.Precision;

/** Models that arrive whole and cannot be used: each is refused by name, and the node goes on. */
@OnRealNode
class DamagedModelIT {
  private static final String WEIGHTS = "model.safetensors";
  private static final String BILLION_LAYERS = "config.json: \"num_hidden_layers\" is 1000000000";

  /** Does some damage to a copy of a good model. */
  @FunctionalInterface
  interface Damage {
    void to(Path model) throws IOException;
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        damage(
            "no tokenizer",
            model -> Files.delete(model.resolve("tokenizer.json")),
            "tokenizer.json"),
        damage("no weights", model -> Files.delete(model.resolve(WEIGHTS)), "no model.safetensors"),
        damage("truncated weights", model -> edit(model, w -> Arrays.copyOf(w, 60_000)), WEIGHTS),
        damage("no safetensors", model -> edit(model, w -> "weights".getBytes(UTF_8)), WEIGHTS),
        damage(
            "another width",
            model -> replace(model, "config.json", "\"hidden_size\": 32", "\"hidden_size\": 64"),
            "[216, 64]"),
        damage(
            "a weight that is missing",
            model ->
                replace(model, WEIGHTS, "layer.1.output.dense.bias", "layer.1.output.dense.bios"),
            "encoder.layer.1.output.dense.bias"),
        damage("NaN", DamagedModelIT::firstWeightNotANumber, "NaN"));
  }

  private static Arguments damage(String name, Damage damage, String message) {
    return Arguments.of(name, damage, message);
  }

  @AfterEach
  void clean(RealNode node) {
    node.rest().succeed("DELETE", "/_semlux/models/damaged", "");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void isRefusedByName(
      String name, Damage damage, String message, @TempDir Path folder, RealNode node)
      throws IOException {
    ModelCopy.of("dense-bert-mean-normalize", folder);
    damage.to(folder);
    assertRefused(folder, message, node);
  }

  /** A billion layers ended a node's process. */
  static Stream<Arguments> settings() {
    return Stream.of(
        damage(
            "an unknown architecture",
            model -> replace(model, "config.json", "\"bert\"", "\"mamba\""),
            "model [damaged]: unknown architecture [mamba], supported are [albert, bert,"),
        damage("a billion layers", DamagedModelIT::billionLayers, "damaged/" + BILLION_LAYERS));
  }

  private static void billionLayers(Path model) throws IOException {
    ModelCopy.edit(
        model, "config.json", json -> json.addProperty("num_hidden_layers", 1_000_000_000));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void isRefusedBeforeWeightsCome(
      String name, Damage damage, String message, @TempDir Path folder, RealNode node)
      throws IOException {
    ModelCopy.of("dense-bert-mean-normalize", folder);
    damage.to(folder);
    ModelUpload upload = ModelUpload.of(folder);
    node.rest().succeed("PUT", "/_semlux/models/damaged", Rest.JSON.toJson(upload.manifest()));

    Rest.Answer answer =
        node.rest().call("PUT", "/_semlux/models/damaged/parts/0", upload.parts().get(0));

    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat((String) answer.at("error.reason")).startsWith(message);
    assertThat(node.rest().succeed("GET", "/_semlux/models/damaged", "").at("models.0.state"))
        .isEqualTo("uploading");
  }

  /** No part holds the settings whole, so that the first to see them is what loads them. */
  @Test
  void settingsInPartsAreRefusedAtLoad(@TempDir Path folder, RealNode node) throws IOException {
    ModelCopy.of("dense-bert-mean-normalize", folder);
    billionLayers(folder);
    int half = (int) Files.size(folder.resolve("config.json")) / 2;
    assertRefused(ModelUpload.of(folder, Precision.FLOAT32, half), BILLION_LAYERS, node);
    assertThat(node.rest().succeed("GET", "/_semlux/models/damaged", "").at("models.0.state"))
        .isEqualTo("failed");
  }

  /** Each of these ended a node's process, and again at each start. */
  static Stream<Arguments> attacks() {
    return Stream.of(
        attack(
            "an id of two billion",
            "dense-bert-mean-normalize",
            model -> vocabulary(model, "rain", 2_000_000_000),
            "a token with the id 2000000000"),
        attack(
            "labels without end",
            "cross-bert",
            model ->
                ModelCopy.edit(
                    model,
                    "config.json",
                    config -> {
                      config.remove("id2label");
                      config.addProperty("num_labels", Integer.MAX_VALUE);
                    }),
            "\"num_labels\" is 2147483647"),
        attack(
            "twenty thousand modules",
            "dense-bert-mean-normalize",
            DamagedModelIT::manyModules,
            "modules.json names 20000 modules"),
        attack(
            "a character map of anything",
            "dense-xlm-roberta-mean",
            model ->
                step(
                    model,
                    "normalizer",
                    "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AAQAAP7+/v7+/v7+\"}"),
            "Precompiled normalizer's map is damaged"),
        attack(
            "no character map",
            "dense-xlm-roberta-mean",
            model -> step(model, "normalizer", "{\"type\":\"Precompiled\"}"),
            "Precompiled normalizer's map is damaged"),
        attack(
            "a pattern without bound",
            "dense-roberta-mean",
            model ->
                ModelCopy.edit(
                    model,
                    "tokenizer.json",
                    json -> json.add("pre_tokenizer", ModelCopy.words("(x+x+)+y"))),
            "the pattern [(x+x+)+y]"),
        attack(
            "a template that lacks its token",
            "dense-xlm-roberta-mean",
            model ->
                ModelCopy.edit(
                    model,
                    "tokenizer.json",
                    json ->
                        json.getAsJsonObject("post_processor")
                            .getAsJsonObject("special_tokens")
                            .remove("<s>")),
            "special token that it does not describe"));
  }

  private static Arguments attack(String name, String golden, Damage damage, String message) {
    return Arguments.of(name, golden, damage, message);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void endsNoNode(
      String name,
      String golden,
      Damage damage,
      String message,
      @TempDir Path folder,
      RealNode node)
      throws IOException {
    ModelCopy.of(golden, folder);
    damage.to(folder);
    assertRefused(folder, message, node);
    assertThat(node.rest().succeed("GET", "/_semlux/models/damaged", "").at("models.0.state"))
        .isEqualTo("failed");
  }

  private static void vocabulary(Path model, String token, int id) throws IOException {
    ModelCopy.edit(
        model,
        "tokenizer.json",
        json -> json.getAsJsonObject("model").getAsJsonObject("vocab").addProperty(token, id));
  }

  private static void step(Path model, String key, String step) throws IOException {
    ModelCopy.edit(model, "tokenizer.json", json -> json.add(key, JsonParser.parseString(step)));
  }

  private static void manyModules(Path model) throws IOException {
    Path file = model.resolve("modules.json");
    JsonArray modules = JsonParser.parseString(Files.readString(file)).getAsJsonArray();
    while (modules.size() < 20_000) {
      modules.add(modules.get(2));
    }
    Files.writeString(file, modules.toString());
  }

  private static void assertRefused(Path folder, String message, RealNode node) {
    assertRefused(ModelUpload.of(folder), message, node);
  }

  private static void assertRefused(ModelUpload upload, String message, RealNode node) {
    upload.send(node.rest(), "damaged");

    Rest.Answer answer = node.rest().call("POST", "/_semlux/models/damaged/_deploy", "");

    assertThat(answer.status()).as("%s", answer).isEqualTo(400);
    assertThat((String) answer.at("error.reason"))
        .startsWith("model [damaged] could not be loaded on node [semlux]")
        .contains(message);
  }

  private static void edit(Path model, UnaryOperator<byte[]> change) throws IOException {
    Path file = model.resolve(WEIGHTS);
    Files.write(file, change.apply(Files.readAllBytes(file)));
  }

  /** Replaces a text by one of the same length, in a file of any content. */
  private static void replace(Path model, String name, String from, String to) throws IOException {
    Path file = model.resolve(name);
    String content = Files.readString(file, ISO_8859_1);
    assertThat(content).contains(from);
    Files.writeString(file, content.replace(from, to), ISO_8859_1);
  }

  /** Eight bytes tell the header's length; the weights follow it. */
  private static void firstWeightNotANumber(Path model) throws IOException {
    edit(
        model,
        weights -> {
          ByteBuffer buffer = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN);
          buffer.putFloat(Math.toIntExact(Long.BYTES + buffer.getLong(0)), Float.NaN);
          return weights;
        });
  }
}

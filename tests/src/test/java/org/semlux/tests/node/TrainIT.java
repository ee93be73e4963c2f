package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * From an installed plugin alone: its {@code bin/semlux/semlux} trains each of the four systems on
 * a small sample and deploys what came of it, and the node then answers what the command line does.
 */
@OnRealNode
class TrainIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PAIRS = ROOT.resolve("training/src/test/resources/train/pairs.csv");
  private static final Path GOLDENS = RealNode.MODEL.getParent();
  private static final Shell SHELL = new Shell(ROOT.resolve("tests"));
  private static final double TOLERANCE = 1e-4;

  private static final List<String> TEXTS =
      List.of("The river rises after three days of rain.", "A baker sells bread", "bird");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "trained-bi, bi-encoder, sparse-bert",
    "trained-words, bi-encoder, --word-vectors",
    "trained-sparse, sparse-encoder, sparse-distilbert",
    "trained-cross, cross-encoder, dense-roberta-mean"
  })
  void whatIsTrainedAnswersInTheNode(String id, String task, String base, RealNode node)
      throws IOException {
    Path model = folder.resolve(id);
    String data = "--train %s --dev %s --output %s".formatted(PAIRS, PAIRS, model);
    String start =
        base.startsWith("--") ? base + " " + vectors() : "--base " + GOLDENS.resolve(base);
    run(node, "train --task " + task + " " + start + " " + data + " --learning-rate 1e-3");

    String url = node.rest().url().toString();
    run(node, "deploy " + model + " --to " + url + " --id " + id + " --precision float32");
    try {
      List<JsonObject> wanted = commandLine(node, model, task);
      switch (task) {
        case "bi-encoder" -> checkVectors(node, id, wanted);
        case "sparse-encoder" -> checkTerms(node, id, wanted);
        default -> checkScores(node, id, wanted);
      }
    } finally {
      node.rest().succeed("DELETE", "/_semlux/models/" + id, "");
    }
  }

  private static void run(RealNode node, String arguments) {
    List<String> command = new ArrayList<>(List.of(node.command().toString()));
    command.addAll(Arrays.asList(arguments.split(" ")));
    SHELL.run(command);
  }

  private Path vectors() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (String word :
        "river rises three days rain baker sells bread bird cat dog . A".split(" ")) {
      text.append(word);
      random.doubles(8, -1, 1).forEach(x -> text.append(' ').append((float) x));
      text.append('\n');
    }
    return Files.writeString(folder.resolve("vectors.txt"), text);
  }

  /** What {@code encode} or {@code score} print for the texts; pairs are of the first with each. */
  private List<JsonObject> commandLine(RealNode node, Path model, String task) throws IOException {
    boolean cross = task.equals("cross-encoder");
    List<String> lines = new ArrayList<>();
    for (String text : TEXTS) {
      JsonArray pair = new JsonArray();
      pair.add(TEXTS.get(0));
      pair.add(text);
      lines.add((cross ? pair : new JsonPrimitive(text)).toString());
    }
    Path input = Files.write(folder.resolve("input.jsonl"), lines);
    Path output = folder.resolve("output.jsonl");
    String verb = cross ? "score" : "encode";
    run(
        node,
        "%s --model %s --input %s --output %s --precision float32"
            .formatted(verb, model, input, output));
    return Files.readAllLines(output).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  private static Rest.Answer encode(RealNode node, String id) {
    JsonObject body = new JsonObject();
    body.add("texts", array());
    return node.rest().succeed("POST", "/_semlux/models/" + id + "/_encode", body.toString());
  }

  private static JsonArray array() {
    JsonArray texts = new JsonArray();
    TEXTS.forEach(texts::add);
    return texts;
  }

  private static void checkVectors(RealNode node, String id, List<JsonObject> wanted) {
    Rest.Answer answer = encode(node, id);
    for (int i = 0; i < wanted.size(); i++) {
      List<JsonElement> row = wanted.get(i).getAsJsonArray("embedding").asList();
      List<?> found = (List<?>) answer.at("embeddings." + i);
      assertThat(found).hasSameSizeAs(row);
      for (int j = 0; j < row.size(); j++) {
        assertSame(found.get(j), row.get(j));
      }
    }
  }

  private static void checkTerms(RealNode node, String id, List<JsonObject> wanted) {
    Rest.Answer answer = encode(node, id);
    for (int i = 0; i < wanted.size(); i++) {
      Map<?, ?> found = (Map<?, ?>) ((List<?>) answer.at("weights")).get(i);
      JsonObject terms = wanted.get(i).getAsJsonObject("weights");
      assertThat(found).hasSize(terms.size()).isNotEmpty();
      terms.asMap().forEach((token, weight) -> assertSame(found.get(token), weight));
    }
  }

  private static void checkScores(RealNode node, String id, List<JsonObject> wanted) {
    JsonObject body = new JsonObject();
    body.addProperty("query", TEXTS.get(0));
    body.add("documents", array());
    Rest.Answer answer =
        node.rest().succeed("POST", "/_semlux/models/" + id + "/_rerank", body.toString());
    for (int rank = 0; rank < wanted.size(); rank++) {
      int index = ((Number) answer.at("results." + rank + ".index")).intValue();
      assertSame(answer.at("results." + rank + ".score"), wanted.get(index).get("score"));
    }
  }

  private static void assertSame(Object found, JsonElement wanted) {
    assertThat(found).isInstanceOf(Number.class);
    assertThat(((Number) found).doubleValue()).isCloseTo(wanted.getAsDouble(), within(TOLERANCE));
  }
}

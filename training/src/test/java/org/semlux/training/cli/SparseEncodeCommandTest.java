package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseEncodeCommandTest {
  private static final Path MODEL = CommandLineRun.golden("sparse-bert");

  private static JsonObject expected;

  @TempDir static Path folder;

  private static Path input;

  @BeforeAll
  static void readExpected() throws IOException {
    expected =
        JsonParser.parseString(Files.readString(MODEL.resolve("expected.json"))).getAsJsonObject();
    List<String> lines =
        expected.getAsJsonArray("texts").asList().stream().map(JsonElement::toString).toList();
    input = Files.write(folder.resolve("texts.jsonl"), lines);
  }

  @Test
  void idsAndWeightsAreTheReferences() {
    List<JsonObject> found = encode(input, "weights_by_id", "--token-ids");

    JsonArray wanted = expected.getAsJsonArray("term_weights_by_token_id");
    assertThat(found).hasSize(wanted.size());
    for (int i = 0; i < found.size(); i++) {
      JsonObject terms = wanted.get(i).getAsJsonObject();
      double heaviest =
          terms.asMap().values().stream().mapToDouble(w -> w.getAsDouble()).max().orElse(0);
      Set<String> ids = new TreeSet<>(terms.keySet());
      ids.addAll(found.get(i).keySet());
      for (String id : ids) {
        // A weight within the tolerance of 0 may be there or not.
        assertThat(weight(found.get(i), id))
            .as("text %d, term %s", i, id)
            .isCloseTo(weight(terms, id), within(1e-4 * heaviest));
      }
    }
  }

  @Test
  void tokensComeHeaviestFirst() {
    List<JsonObject> found = encode(input, "weights");

    JsonArray wanted = expected.getAsJsonArray("decoded_top5");
    for (int i = 0; i < found.size(); i++) {
      List<String> tokens =
          wanted.get(i).getAsJsonArray().asList().stream()
              .map(term -> term.getAsJsonArray().get(0).getAsString())
              .toList();
      assertThat(List.copyOf(found.get(i).keySet()).subList(0, tokens.size())).isEqualTo(tokens);
      List<Double> weights =
          found.get(i).asMap().values().stream().map(JsonElement::getAsDouble).toList();
      assertThat(weights).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }
  }

  @Test
  void lightTermsAreLeftOut() {
    JsonObject all = encode(input, "weights").get(0);
    double heaviest = all.asMap().values().iterator().next().getAsDouble();

    JsonObject three = encode(input, "weights", "--top-k", 3).get(0);
    JsonObject half = encode(input, "weights", "--min-ratio", 0.5).get(0);
    JsonObject heavy = encode(input, "weights", "--min-weight", heaviest / 2).get(0);

    List<String> tokens = List.copyOf(all.keySet());
    assertThat(three.keySet()).containsExactlyElementsOf(tokens.subList(0, 3));
    List<String> expectedHalf =
        tokens.stream().filter(token -> all.get(token).getAsDouble() >= heaviest / 2).toList();
    assertThat(expectedHalf).hasSizeBetween(1, tokens.size() - 1);
    assertThat(half.keySet()).containsExactlyElementsOf(expectedHalf);
    assertThat(heavy.keySet()).containsExactlyElementsOf(expectedHalf);
  }

  @Test
  void specialTokensCanBeLeftOut() {
    List<JsonObject> all = encode(input, "weights");
    List<JsonObject> words = encode(input, "weights", "--drop-special-tokens");

    List<String> special = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    assertThat(all).anyMatch(terms -> special.stream().anyMatch(terms::has));
    for (int i = 0; i < all.size(); i++) {
      List<String> wanted = new ArrayList<>(all.get(i).keySet());
      wanted.removeAll(special);
      assertThat(words.get(i).keySet()).containsExactlyElementsOf(wanted);
    }
  }

  @Test
  void aQueryTakesItsRoute() throws IOException {
    Path model = CommandLineRun.golden("sparse-inference-free-query");
    Path texts = Files.writeString(folder.resolve("query"), "The river rises\n");

    CommandLineRun query = run(model, texts, "--input-type", "query");
    CommandLineRun document = run(model, texts, "--input-type", "document");

    assertThat(query.exitCode()).as(query.err()).isZero();
    assertThat(document.exitCode()).as(document.err()).isZero();
    assertThat(query.out()).startsWith("{\"weights\":{").isNotEqualTo(document.out());
  }

  @Test
  void impossibleChoicesAreNamed() {
    assertThat(run(MODEL, input, "--top-k", 0).err()).contains("at least one term");
    assertThat(run(MODEL, input, "--min-ratio", 2).err()).contains("ratio");
  }

  private static double weight(JsonObject terms, String term) {
    return terms.has(term) ? terms.get(term).getAsDouble() : 0;
  }

  private static List<JsonObject> encode(Path texts, String key, Object... options) {
    List<Object> all = new ArrayList<>(List.of("--precision", "float32"));
    all.addAll(List.of(options));
    CommandLineRun run = run(MODEL, texts, all.toArray());
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonObject> answers = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      JsonObject answer = JsonParser.parseString(line).getAsJsonObject();
      assertThat(answer.keySet()).containsExactly(key);
      answers.add(answer.getAsJsonObject(key));
    }
    return answers;
  }

  private static CommandLineRun run(Path model, Path texts, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("encode", "--model", model, "--input", texts));
    arguments.addAll(List.of(options));
    return CommandLineRun.of(arguments.toArray());
  }
}

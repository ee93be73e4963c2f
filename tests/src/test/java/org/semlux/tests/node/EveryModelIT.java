package org.semlux.tests.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Every kind of model folder deploys in the node and answers there what it answers outside of it:
 * the reference library's goldens for vectors and scores, the encoder's own term weights. In
 * float32.
 */
@OnRealNode
class EveryModelIT {
  private static final Path GOLDENS = RealNode.MODEL.getParent();
  private static final double TOLERANCE = 2e-4;

  @TestFactory
  Stream<DynamicTest> everyKindAnswersInTheNode(RealNode node) throws IOException {
    Map<String, BiConsumer<RealNode, Path>> checks =
        Map.of(
            "dense", EveryModelIT::checkDense,
            "sparse", EveryModelIT::checkSparse,
            "cross", EveryModelIT::checkCross,
            "multi", EveryModelIT::checkMultiVector);
    List<Path> folders;
    try (Stream<Path> children = Files.list(GOLDENS)) {
      // Of BERT's ten dense goldens, which differ in pooling alone, one is enough here.
      folders =
          children
              .filter(folder -> !folder.getFileName().toString().startsWith("dense-bert-"))
              .sorted()
              .toList();
    }
    return folders.stream()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    folder.getFileName().toString(),
                    () -> {
                      String id = folder.getFileName().toString();
                      node.deploy(folder, id, Precision.FLOAT32);
                      try {
                        checks.get(id.substring(0, id.indexOf('-'))).accept(node, folder);
                      } finally {
                        node.rest().succeed("DELETE", "/_semlux/models/" + id, "");
                      }
                    }));
  }

  private static JsonObject expected(Path folder) {
    try {
      return JsonParser.parseString(Files.readString(folder.resolve("expected.json"), UTF_8))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Rest.Answer ask(RealNode node, Path folder, String call, JsonObject body) {
    String path = "/_semlux/models/" + folder.getFileName() + "/" + call;
    return node.rest().succeed("POST", path, body.toString());
  }

  private static void checkDense(RealNode node, Path folder) {
    JsonObject golden = expected(folder);
    JsonObject body = new JsonObject();
    body.add("texts", golden.get("texts"));
    for (String key : List.of("embeddings", "query_embeddings")) {
      if (golden.has(key)) {
        Rest.Answer answer = ask(node, folder, "_encode", body);
        JsonArray rows = golden.getAsJsonArray(key);
        for (int i = 0; i < rows.size(); i++) {
          compare((List<?>) answer.at("embeddings." + i), rows.get(i).getAsJsonArray());
        }
      }
      body.addProperty("input_type", "query");
    }
  }

  private static void compare(List<?> actual, JsonArray expected) {
    double largest = 1e-6;
    for (int j = 0; j < expected.size(); j++) {
      largest = Math.max(largest, Math.abs(expected.get(j).getAsDouble()));
    }
    assertThat(actual).hasSize(expected.size());
    for (int j = 0; j < expected.size(); j++) {
      assertThat(((Number) actual.get(j)).doubleValue())
          .isCloseTo(expected.get(j).getAsDouble(), within(TOLERANCE * largest));
    }
  }

  private static void checkSparse(RealNode node, Path folder) {
    List<String> texts = new ArrayList<>();
    expected(folder).getAsJsonArray("texts").forEach(text -> texts.add(text.getAsString()));
    JsonObject body = new JsonObject();
    body.add("texts", expected(folder).get("texts"));
    body.addProperty("input_type", "query");
    Rest.Answer answer = ask(node, folder, "_encode", body);
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (SparseEncoder encoder = SparseEncoder.load(folder, options)) {
      EncodeRequest request = EncodeRequest.of(texts).withInputType(InputType.QUERY);
      List<TermWeights> outside = encoder.encodeAll(request);
      for (int i = 0; i < texts.size(); i++) {
        Map<?, ?> inside = (Map<?, ?>) ((List<?>) answer.at("weights")).get(i);
        assertThat(inside).hasSize(outside.get(i).size());
        for (int t = 0; t < outside.get(i).size(); t++) {
          Object weight = inside.get(outside.get(i).tokens()[t]);
          assertThat(((Number) weight).doubleValue())
              .isCloseTo(outside.get(i).weights()[t], within(TOLERANCE));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void checkMultiVector(RealNode node, Path folder) {
    JsonObject golden = expected(folder);
    for (String side : List.of("query", "document")) {
      JsonObject body = new JsonObject();
      body.add("texts", golden.get(side.equals("query") ? "queries" : "documents"));
      body.addProperty("input_type", side);
      Rest.Answer answer = ask(node, folder, "_encode", body);
      JsonArray texts = golden.getAsJsonArray(side + "_token_embeddings");
      for (int i = 0; i < texts.size(); i++) {
        List<?> tokens = (List<?>) answer.at("token_embeddings." + i);
        JsonArray wanted = texts.get(i).getAsJsonArray();
        assertThat(tokens).hasSize(wanted.size());
        for (int t = 0; t < wanted.size(); t++) {
          compare((List<?>) tokens.get(t), wanted.get(t).getAsJsonArray());
        }
      }
    }
    checkCross(node, folder);
  }

  /** Each pair of the golden as a query with one document; several labels give the first. */
  private static void checkCross(RealNode node, Path folder) {
    JsonObject golden = expected(folder);
    JsonArray pairs = golden.getAsJsonArray("pairs");
    for (int i = 0; i < pairs.size(); i++) {
      JsonArray pair = pairs.get(i).getAsJsonArray();
      JsonArray documents = new JsonArray();
      documents.add(pair.get(1));
      JsonObject body = new JsonObject();
      body.add("query", pair.get(0));
      body.add("documents", documents);
      Rest.Answer answer = ask(node, folder, "_rerank", body);
      var score = golden.getAsJsonArray("scores").get(i);
      double expected =
          score.isJsonArray() ? score.getAsJsonArray().get(0).getAsDouble() : score.getAsDouble();
      assertThat(((Number) answer.at("results.0.score")).doubleValue())
          .isCloseTo(expected, within(TOLERANCE * Math.max(1, Math.abs(expected))));
    }
  }
}

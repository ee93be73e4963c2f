package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.MultiVectorEncoder;
import org.semlux.encoders.SparseEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.MaxSim;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.text.LateTokens;
import org.semlux.encoders.text.PairReader;
import org.semlux.encoders.text.Prompts;
import org.semlux.encoders.text.Tokenizer;
import org.semlux.encoders.text.Tokenizers;
import org.semlux.encoders.text.Tokens;

/**
 * What the reference library answers for small models, in float32: the committed ones, and all of
 * the folder that {@code semlux.shared} names where it is there.
 */
class GoldensTest {
  private static final double TOLERANCE = 1e-4;
  private static final EncoderOptions OPTIONS =
      EncoderOptions.defaults().withPrecision(Precision.FLOAT32);

  @TestFactory
  Stream<DynamicTest> dense() throws IOException {
    return Goldens.folders("dense-")
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> checkDense(folder)));
  }

  @TestFactory
  Stream<DynamicTest> sparse() throws IOException {
    return Goldens.folders("sparse-")
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> checkSparse(folder)));
  }

  @TestFactory
  Stream<DynamicTest> cross() throws IOException {
    return Goldens.folders("cross-")
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> checkCross(folder)));
  }

  @TestFactory
  Stream<DynamicTest> multiVector() throws IOException {
    return Goldens.folders("multi-vector-")
        .map(
            folder ->
                DynamicTest.dynamicTest(Goldens.label(folder), () -> checkMultiVector(folder)));
  }

  /** Every architecture, where the folder that {@code semlux.shared} names has them. */
  @TestFactory
  Stream<DynamicTest> architectures() throws IOException {
    Path root = Path.of(System.getProperty("semlux.shared")).resolve("goldens/architectures");
    if (!Files.isDirectory(root)) {
      return Stream.of(
          DynamicTest.dynamicTest("none", () -> Assumptions.abort(root + " is not there")));
    }
    try (Stream<Path> children = Files.list(root)) {
      return children
          .filter(child -> Files.exists(child.resolve("expected.json")))
          .sorted()
          .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> check(folder)))
          .toList()
          .stream();
    }
  }

  /** Holds a folder's answers against its expected.json, by the kind that its name begins with. */
  static void check(Path folder) throws IOException {
    String name = folder.getFileName().toString();
    switch (name.substring(0, name.indexOf('-'))) {
      case "dense" -> checkDense(folder);
      case "sparse" -> checkSparse(folder);
      case "cross" -> checkCross(folder);
      case "multi" -> checkMultiVector(folder);
      default -> throw new IllegalArgumentException("of no kind: " + name);
    }
  }

  static JsonObject expected(Path folder) throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("expected.json"), UTF_8))
        .getAsJsonObject();
  }

  private static void checkSparse(Path folder) throws IOException {
    JsonObject expected = expected(folder);
    List<String> texts = strings(expected.getAsJsonArray("texts"));
    int checked = 0;
    try (SparseEncoder encoder = SparseEncoder.load(folder, OPTIONS)) {
      for (String key : expected.keySet()) {
        switch (key) {
          case "term_weights_by_token_id" ->
              compareTerms(encoder.encode(texts), expected.getAsJsonArray(key));
          case "query_term_weights_by_token_id" ->
              compareTerms(encoder.encode(texts, InputType.QUERY), expected.getAsJsonArray(key));
          case "document_term_weights_by_token_id" -> {
            compareTerms(encoder.encode(texts, InputType.DOCUMENT), expected.getAsJsonArray(key));
            compareTerms(encoder.encode(texts), expected.getAsJsonArray(key));
          }
          case "decoded_top5" -> compareTop(encoder.encode(texts), expected.getAsJsonArray(key));
          default -> checked--;
        }
        checked++;
      }
    }
    assertThat(checked).isPositive();
  }

  private static void compareTerms(List<TermWeights> answers, JsonArray expected) {
    assertThat(answers).hasSize(expected.size());
    for (int i = 0; i < answers.size(); i++) {
      Map<Integer, Double> wanted = new TreeMap<>();
      expected
          .get(i)
          .getAsJsonObject()
          .asMap()
          .forEach((id, weight) -> wanted.put(Integer.valueOf(id), weight.getAsDouble()));
      Map<Integer, Double> found = new TreeMap<>();
      TermWeights terms = answers.get(i);
      for (int t = 0; t < terms.size(); t++) {
        found.put(terms.ids()[t], (double) terms.weights()[t]);
      }
      double largest = wanted.values().stream().mapToDouble(Math::abs).max().orElse(0);
      Set<Integer> ids = new TreeSet<>(wanted.keySet());
      ids.addAll(found.keySet());
      for (int id : ids) {
        // A weight within the tolerance of 0 may be there or not.
        assertThat(found.getOrDefault(id, 0.0))
            .as("text %d, term %d", i, id)
            .isCloseTo(wanted.getOrDefault(id, 0.0), Offset.offset(TOLERANCE * largest));
      }
    }
  }

  private static void compareTop(List<TermWeights> answers, JsonArray expected) {
    assertThat(answers).hasSize(expected.size());
    for (int i = 0; i < answers.size(); i++) {
      List<JsonElement> wanted = expected.get(i).getAsJsonArray().asList();
      List<String> tokens =
          wanted.stream().map(pair -> pair.getAsJsonArray().get(0).getAsString()).toList();
      TermWeights terms = answers.get(i);
      assertThat(List.of(terms.tokens()).subList(0, tokens.size())).isEqualTo(tokens);
      for (int t = 0; t < tokens.size(); t++) {
        double weight = wanted.get(t).getAsJsonArray().get(1).getAsDouble();
        assertThat((double) terms.weights()[t])
            .isCloseTo(weight, Offset.offset(TOLERANCE * weight));
      }
    }
  }

  private static void checkCross(Path path) throws IOException {
    JsonObject expected = expected(path);
    List<TextPair> pairs = pairs(expected);
    ModelFolder folder = ModelFolder.open(path);
    try (Tokenizer tokenizer = Tokenizers.of(folder, Networks.of(folder))) {
      PairReader tokenized = PairReader.of(folder, tokenizer);
      JsonArray ids = expected.getAsJsonArray("token_ids");
      for (int i = 0; i < pairs.size(); i++) {
        int[] wanted = ints(ids.get(i).getAsJsonArray());
        TextPair pair = pairs.get(i);
        // Of a lone pair with an empty second text the reference's tokenizer makes a single text;
        // its predict(), and so the scores, take it as a pair.
        if (pair.second().isEmpty()) {
          continue;
        }
        assertThat(tokenized.tokenize(pair.first(), pair.second()).ids()).isEqualTo(wanted);
      }
    }
    try (CrossEncoder encoder = CrossEncoder.load(path, OPTIONS)) {
      List<PairScore> scores = encoder.score(pairs);
      compareRows(
          scores.stream().map(PairScore::scores).toList(), expected.getAsJsonArray("scores"));
      compareRows(scores.stream().map(PairScore::raw).toList(), expected.getAsJsonArray("raw"));
    }
  }

  private static void checkMultiVector(Path path) throws IOException {
    JsonObject expected = expected(path);
    ModelFolder folder = ModelFolder.open(path);
    Network network = Networks.of(folder);
    LateTokens late = LateTokens.of(folder, network);
    try (Tokenizer tokenizer = Tokenizers.of(folder, network);
        MultiVectorEncoder encoder = MultiVectorEncoder.load(path, OPTIONS)) {
      Map<InputType, List<TokenVectors>> answers = new EnumMap<>(InputType.class);
      for (InputType type : InputType.values()) {
        boolean query = type == InputType.QUERY;
        List<String> texts = strings(expected.getAsJsonArray(query ? "queries" : "documents"));
        String side = query ? "query" : "document";
        String prompt = Prompts.of(folder).ofSide(type);
        JsonArray ids = expected.getAsJsonArray(side + "_token_ids");
        JsonArray wanted = expected.getAsJsonArray(side + "_token_embeddings");
        answers.put(type, encoder.encode(texts, type));
        for (int i = 0; i < texts.size(); i++) {
          Tokens read = tokenizer.of(Optional.of(type)).tokenize(prompt + texts.get(i));
          assertThat(late.filled(Optional.of(type), read).ids())
              .as("%s %d", side, i)
              .isEqualTo(ints(ids.get(i).getAsJsonArray()));
          compareRows(List.of(answers.get(type).get(i).vectors()), wanted.get(i).getAsJsonArray());
        }
      }
      assertThat(encoder.similarity().toString())
          .isEqualTo(expected.get("similarity_fn").getAsString());
      for (int i = 0; i < answers.get(InputType.QUERY).size(); i++) {
        MaxSim.Query query = encoder.similarity().query(answers.get(InputType.QUERY).get(i));
        List<float[]> scores =
            answers.get(InputType.DOCUMENT).stream()
                .map(document -> new float[] {query.score(document)})
                .toList();
        compareRows(scores, expected.getAsJsonArray("similarities").get(i).getAsJsonArray());
      }
      List<PairScore> scores = encoder.score(pairs(expected));
      compareRows(
          scores.stream().map(PairScore::scores).toList(), expected.getAsJsonArray("scores"));
      compareRows(scores.stream().map(PairScore::raw).toList(), expected.getAsJsonArray("raw"));
    }
  }

  private static int[] ints(JsonArray array) {
    return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }

  static List<TextPair> pairs(JsonObject expected) {
    return expected.getAsJsonArray("pairs").asList().stream()
        .map(pair -> strings(pair.getAsJsonArray()))
        .map(pair -> new TextPair(pair.get(0), pair.get(1)))
        .toList();
  }

  private static void checkDense(Path folder) throws IOException {
    JsonObject expected = expected(folder);
    try (DenseEncoder encoder = DenseEncoder.load(folder, OPTIONS)) {
      EncodeRequest request = EncodeRequest.of(strings(expected.getAsJsonArray("texts")));
      for (String key : expected.keySet()) {
        if (key.equals("embeddings")) {
          compare(encoder.encodeAll(request), expected.getAsJsonArray(key));
        } else if (key.equals("query_embeddings") || key.equals("document_embeddings")) {
          InputType side = key.startsWith("query") ? InputType.QUERY : InputType.DOCUMENT;
          compare(encoder.encode(request.texts(), side), expected.getAsJsonArray(key));
        } else if (key.startsWith("embeddings_prompt_")) {
          String prompt = key.substring("embeddings_prompt_".length());
          compare(encoder.encodeAll(request.withPromptName(prompt)), expected.getAsJsonArray(key));
        } else if (key.equals("max_seq_length")) {
          EncoderInfo info = encoder.info();
          if (info.maxTokens() == info.maxQueryTokens()) { // the library tells of neither side
            assertThat(info.maxTokens()).isEqualTo(expected.get(key).getAsInt());
          }
        }
      }
    }
  }

  static List<String> strings(JsonArray array) {
    return array.asList().stream().map(JsonElement::getAsString).toList();
  }

  private static void compare(List<DenseVector> vectors, JsonArray expected) {
    compareRows(vectors.stream().map(DenseVector::values).toList(), expected);
  }

  /**
   * What a number near 0 is a sum of: each part is rounded. cross-electra's scores by the reference
   * itself are up to 1.9e-6 from what it gives in float64.
   */
  private static final double PART = 2e-2;

  /** A row of one number may be stored as that number. */
  private static void compareRows(List<float[]> rows, JsonArray expected) {
    assertThat(rows).hasSize(expected.size());
    for (int i = 0; i < rows.size(); i++) {
      float[] values = rows.get(i);
      JsonElement stored = expected.get(i);
      List<JsonElement> row =
          stored.isJsonArray() ? stored.getAsJsonArray().asList() : List.of(stored);
      assertThat(values).as("text %d", i).hasSize(row.size());
      double largest = row.stream().mapToDouble(v -> Math.abs(v.getAsDouble())).max().orElse(0);
      for (int j = 0; j < values.length; j++) {
        assertThat((double) values[j])
            .as("text %d, dimension %d", i, j)
            .isCloseTo(
                row.get(j).getAsDouble(), Offset.offset(TOLERANCE * Math.max(largest, PART)));
      }
    }
  }
}

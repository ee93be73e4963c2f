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
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.DenseVector;
import org.semlux.encoders.EncodeRequest;
import org.semlux.encoders.EncoderOptions;
import org.semlux.encoders.program.Precision;

/**
 * What the reference library answers for small models, in float32: the committed ones, and all of
 * the folder that {@code semlux.shared} names where it is there.
 */
class GoldensTest {
  private static final double TOLERANCE = 1e-4;

  @TestFactory
  Stream<DynamicTest> dense() throws IOException {
    return Goldens.folders("dense-")
        .map(folder -> DynamicTest.dynamicTest(Goldens.label(folder), () -> checkDense(folder)));
  }

  private static void checkDense(Path folder) throws IOException {
    JsonObject expected =
        JsonParser.parseString(Files.readString(folder.resolve("expected.json"), UTF_8))
            .getAsJsonObject();
    EncoderOptions options = EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
    try (DenseEncoder encoder = DenseEncoder.load(folder, options)) {
      EncodeRequest request = EncodeRequest.of(strings(expected.getAsJsonArray("texts")));
      for (String key : expected.keySet()) {
        if (key.equals("embeddings")) {
          compare(encoder.encodeAll(request), expected.getAsJsonArray(key));
        } else if (key.startsWith("embeddings_prompt_")) {
          String prompt = key.substring("embeddings_prompt_".length());
          compare(encoder.encodeAll(request.withPromptName(prompt)), expected.getAsJsonArray(key));
        } else if (key.equals("max_seq_length")) {
          assertThat(encoder.info().maxTokens()).isEqualTo(expected.get(key).getAsInt());
        }
      }
    }
  }

  private static List<String> strings(JsonArray array) {
    return array.asList().stream().map(JsonElement::getAsString).toList();
  }

  private static void compare(List<DenseVector> vectors, JsonArray expected) {
    assertThat(vectors).hasSize(expected.size());
    for (int i = 0; i < vectors.size(); i++) {
      float[] values = vectors.get(i).values();
      JsonArray row = expected.get(i).getAsJsonArray();
      assertThat(values).as("text %d", i).hasSize(row.size());
      double largest =
          row.asList().stream().mapToDouble(v -> Math.abs(v.getAsDouble())).max().orElse(0);
      for (int j = 0; j < values.length; j++) {
        assertThat((double) values[j])
            .as("text %d, dimension %d", i, j)
            .isCloseTo(
                row.get(j).getAsDouble(), Offset.offset(TOLERANCE * Math.max(largest, 1e-6)));
      }
    }
  }
}

package org.semlux.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;

/**
 * The committed goldens of a kind, each loaded and asked.
 *
 * @param <E> the encoder
 */
abstract class GoldenEncoders<E extends Encoder> {
  /** Of an answer's largest number: what summing in another order may change. */
  static final double ROUNDING = 1e-5;

  /** A model under test. */
  interface Check<E> {
    void run(E encoder) throws Exception;
  }

  /** What the names of this kind's goldens begin with. */
  abstract String prefix();

  abstract E load(Path folder, EncoderOptions options) throws IOException;

  /** One answer a text, as numbers at fixed places. */
  abstract CompletableFuture<List<float[]>> submit(E encoder, List<String> texts);

  final Stream<Path> folders() throws IOException {
    return Goldens.folders(prefix()).filter(folder -> folder.startsWith(Goldens.committed()));
  }

  static EncoderOptions float32() {
    return EncoderOptions.defaults().withPrecision(Precision.FLOAT32);
  }

  final Stream<DynamicTest> each(Check<E> check) throws IOException {
    return each(float32(), check);
  }

  final Stream<DynamicTest> each(EncoderOptions options, Check<E> check) throws IOException {
    return folders()
        .map(
            folder ->
                DynamicTest.dynamicTest(
                    Goldens.label(folder) + " " + options.precision(),
                    () -> {
                      try (E encoder = load(folder, options)) {
                        check.run(encoder);
                      }
                    }));
  }

  final List<float[]> answers(E encoder, List<String> texts) {
    return submit(encoder, texts).join();
  }

  /** The goldens' texts: other scripts, blanks, punctuation, long ones. */
  static List<String> corpus() throws IOException {
    Path file = Goldens.committed().resolve("dense-bert-cls").resolve("expected.json");
    JsonObject expected = JsonParser.parseString(Files.readString(file, UTF_8)).getAsJsonObject();
    return expected.getAsJsonArray("texts").asList().stream()
        .map(JsonElement::getAsString)
        .toList();
  }

  static void assertSame(float[] actual, float[] expected) {
    assertThat(difference(actual, expected)).isLessThan(ROUNDING);
  }

  /** The largest difference, as a share of the largest number. */
  static double difference(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    double largest = 1e-6;
    double difference = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(b[i]));
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
    }
    return difference / largest;
  }
}

package org.semlux.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.PairScore;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.encoders.load.EncoderOptions;

/**
 * Random variations of folders and texts, and what the reference library answers for them: those
 * that are committed, or those of the folder that {@code semlux.fuzz} names, made by {@code
 * tests/reference/fuzz_folders.py}. There a folder that is refused by name is skipped, with the
 * reason; a difference fails.
 */
class FolderFuzzTest {
  private static final String FOLDER = System.getProperty("semlux.fuzz");

  /**
   * What rounding may change in random networks as small as these, of the largest number: the
   * library's own bfloat16 changes up to .4.
   */
  private static final Map<Precision, Double> LOSS =
      Map.of(Precision.BFLOAT16, 0.5, Precision.INT8, 0.7);

  /** What the others may change: where float32 differs in its last bit, an integer may by one. */
  private static final Map<Precision, Double> COMPANY =
      Map.of(Precision.BFLOAT16, GoldenEncoders.ROUNDING, Precision.INT8, 0.03);

  /** No tiny vocabulary is larger. */
  private static final int VOCABULARY = 4_096;

  @TestFactory
  Stream<DynamicTest> folders() throws IOException {
    Path root = FOLDER == null ? Goldens.committed().resolveSibling("fuzz") : Path.of(FOLDER);
    try (Stream<Path> children = Files.list(root)) {
      return children.filter(Files::isDirectory).sorted().toList().stream()
          .map(
              folder ->
                  DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }
  }

  private static void check(Path folder) throws IOException {
    try (Encoder exact = loadOrSkip(folder)) {
      GoldensTest.check(folder);
      JsonObject expected = GoldensTest.expected(folder);
      Inputs inputs =
          expected.has("pairs")
              ? new Inputs(List.of(), GoldensTest.pairs(expected))
              : new Inputs(GoldensTest.strings(expected.getAsJsonArray("texts")), List.of());
      List<float[]> wanted = inputs.answers(exact);
      compare(folder, Precision.BFLOAT16, inputs, wanted);
      boolean lstm = Files.exists(folder.resolve("1_LSTM"));
      if (exact.info().productsPerToken() > 0 && !lstm) { // others have no int8
        compare(folder, Precision.INT8, inputs, wanted);
      }
    }
  }

  private static Encoder loadOrSkip(Path folder) throws IOException {
    try {
      return load(folder, Precision.FLOAT32);
    } catch (IOException | ModelException e) {
      if (FOLDER == null) {
        throw e;
      }
      throw new TestAbortedException(e.getMessage(), e);
    }
  }

  private static Encoder load(Path folder, Precision precision) throws IOException {
    return Encoder.load(folder, EncoderOptions.defaults().withPrecision(precision));
  }

  /** Near the exact answers, and a text's the same alone as among the others. */
  private static void compare(Path folder, Precision precision, Inputs inputs, List<float[]> wanted)
      throws IOException {
    // Of all texts: some weights are tiny, and a score near 0 is a sum of numbers near 1.
    double scale = inputs.pairs.isEmpty() ? 1e-6 : 1;
    for (float[] row : wanted) {
      for (float number : row) {
        scale = Math.max(scale, Math.abs(number));
      }
    }
    try (Encoder encoder = load(folder, precision)) {
      List<float[]> together = inputs.answers(encoder);
      for (int i = 0; i < wanted.size(); i++) {
        assertThat(distance(together.get(i), wanted.get(i)) / scale)
            .as("%s of text %d", precision, i)
            .isLessThan(LOSS.get(precision));
        float[] alone = inputs.only(i).answers(encoder).get(0);
        assertThat(distance(alone, together.get(i)) / scale)
            .as("%s of text %d alone", precision, i)
            .isLessThan(COMPANY.get(precision));
      }
    }
  }

  private static double distance(float[] a, float[] b) {
    assertThat(a).hasSameSizeAs(b);
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  /** What an encoder is asked: one of the two is empty. */
  private record Inputs(List<String> texts, List<TextPair> pairs) {
    Inputs only(int place) {
      return texts.isEmpty()
          ? new Inputs(texts, pairs.subList(place, place + 1))
          : new Inputs(texts.subList(place, place + 1), pairs);
    }

    List<float[]> answers(Encoder encoder) {
      return switch (encoder) {
        case CrossEncoder cross -> cross.score(pairs).stream().map(PairScore::raw).toList();
        case TextEncoder<?> single ->
            single.encode(texts).stream().map(FolderFuzzTest::numbers).toList();
      };
    }
  }

  private static float[] numbers(Encoding encoding) {
    return switch (encoding) {
      case DenseVector vector -> vector.values();
      case TermWeights terms -> {
        float[] row = new float[VOCABULARY];
        for (int i = 0; i < terms.size(); i++) {
          row[terms.ids()[i]] = terms.weights()[i];
        }
        yield row;
      }
      case TokenVectors vectors -> throw new AssertionError("no seed makes these");
    };
  }
}

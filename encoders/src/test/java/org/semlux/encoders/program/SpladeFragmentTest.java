package org.semlux.encoders.program;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/** The tiled pooling over the vocabulary against SPLADE's formula on the whole of it. */
class SpladeFragmentTest {
  private static final int HIDDEN = 16;
  private static final int VOCABULARY = 45;
  private static final int COLUMNS = 8; // five whole tiles and a rest
  private static final int TILES = 6;
  private static final int WORDS = 30;

  private static final String RELU = "torch.log1p(torch.relu(x))";
  private static final String TWICE = "torch.log1p(torch.log1p(torch.relu(x)))";

  /** A network of nothing but its word embedding. */
  private static final String BODY =
      """
        def body(self: __torch__.Program, tokens: Tensor, groups: List[int], plan: List[Tensor], w: List[Tensor]) -> Tensor:
          return torch.embedding(w[0], torch.select(tokens, 0, 0))

        def transform(self: __torch__.Program, states: Tensor, w: List[Tensor]) -> Tensor:
          return states

      """;

  private final Random random = new Random(5);

  private float[] gaussian(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Program compile(Precision precision, String strategy, boolean twice)
      throws IOException {
    boolean half = precision == Precision.BFLOAT16;
    Map<String, Object> constants = new HashMap<>();
    constants.put("compute", ScalarType.of(precision).code());
    constants.put("columns", COLUMNS);
    constants.put("tiles", TILES);
    constants.put("tile", 1);
    constants.put("bias", "w[" + (1 + TILES) + " + t]");
    constants.put("pool", "pool_" + strategy);
    constants.put("saturation", twice ? TWICE : RELU);
    constants.put("bits", half ? 2 : 3);
    ProgramText text = ProgramText.empty();
    for (String fragment :
        new String[] {
          ServedProducts.ONEDNN,
          "token-products",
          "serving",
          "weights",
          "groups",
          "splade-pooling",
          "splade"
        }) {
      text.add(fragment, constants);
    }
    return Program.compile(text.append(BODY));
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, max, false",
    "FLOAT32, max, true",
    "FLOAT32, sum, false",
    "FLOAT32, sum, true",
    "BFLOAT16, max, false",
    "BFLOAT16, sum, true"
  })
  void tilesGiveWhatTheWholeVocabularyGives(Precision precision, String strategy, boolean twice)
      throws IOException {
    float[] words = gaussian(WORDS * HIDDEN);
    float[] decoder = gaussian(VOCABULARY * HIDDEN);
    float[] bias = gaussian(VOCABULARY);
    List<Tokens> sequences = new ArrayList<>();
    for (int length : new int[] {1, 1, 2, 5, 5, 5, 6, 9}) {
      sequences.add(new Tokens(random.ints(length, 0, WORDS).toArray(), new int[length], 0));
    }
    float[][] actual = new float[sequences.size()][VOCABULARY];
    try (Program program = compile(precision, strategy, twice);
        NativeScope scope = new NativeScope()) {
      IValue w = weights(program, scope, words, decoder, bias);
      float[] found = scope.toFloats(encode(program, scope, TokenBatch.of(sequences), w));
      int terms = found.length / 3;
      for (int i = 0; i < terms; i++) {
        assertThat(found[2 * terms + i]).isPositive();
        actual[(int) found[i]][(int) found[terms + i]] = found[2 * terms + i];
      }
    }
    double tolerance = precision == Precision.FLOAT32 ? 1e-5 : 0.05;
    for (int s = 0; s < actual.length; s++) {
      for (int term = 0; term < VOCABULARY; term++) {
        double expected = 0;
        for (int id : sequences.get(s).ids()) {
          double score = bias[term];
          for (int i = 0; i < HIDDEN; i++) {
            score += (double) words[id * HIDDEN + i] * decoder[term * HIDDEN + i];
          }
          double weight = Math.log1p(Math.max(0, score));
          weight = twice ? Math.log1p(weight) : weight;
          expected = strategy.equals("max") ? Math.max(expected, weight) : expected + weight;
        }
        assertThat((double) actual[s][term])
            .as("text %d, term %d", s, term)
            .isCloseTo(expected, Offset.offset(tolerance * (1 + expected)));
      }
    }
  }

  private static IValue weights(
      Program program, NativeScope scope, float[] words, float[] decoder, float[] bias) {
    List<IValue> weights = new ArrayList<>();
    weights.add(scope.floats(words, WORDS, HIDDEN));
    for (String role : new String[] {"linear", "bias"}) {
      int width = role.equals("linear") ? HIDDEN : 1;
      float[] whole = role.equals("linear") ? decoder : bias;
      for (int row = 0; row < VOCABULARY; row += COLUMNS) {
        int rows = Math.min(COLUMNS, VOCABULARY - row);
        float[] part = Arrays.copyOfRange(whole, row * width, (row + rows) * width);
        IValue tile = width == 1 ? scope.floats(part, rows) : scope.floats(part, rows, width);
        IValue parts = scope.own(IValue.listFrom(tile));
        weights.add(scope.own(program.run("prepare", parts, scope.own(IValue.from(role)))));
      }
    }
    return scope.own(IValue.listFrom(weights.toArray(new IValue[0])));
  }

  private static IValue encode(Program program, NativeScope scope, TokenBatch batch, IValue w) {
    int tokens = batch.tokens();
    int[] rows = new int[3 * tokens];
    System.arraycopy(batch.ids(), 0, rows, 0, tokens);
    int[] lengths = Arrays.copyOf(batch.lengths(), 2 * batch.sequences());
    long[] groups = {batch.sequences(), batch.lengths()[batch.sequences() - 1], tokens};
    return scope.own(
        program.run(
            "encode",
            scope.ints(rows, 3, tokens),
            scope.ints(lengths, 2, batch.sequences()),
            scope.own(IValue.listFrom(groups)),
            w));
  }
}

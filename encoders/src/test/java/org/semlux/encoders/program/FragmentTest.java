package org.semlux.encoders.program;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/** Program fragments against naive twins: the formulas of the papers, number by number. */
class FragmentTest {
  private static final int HEADS = 2;
  private static final int HEAD_SIZE = 8;
  private static final int HIDDEN = HEADS * HEAD_SIZE;
  private static final int REACH = 3;

  private static final Map<String, Object> CONSTANTS =
      Map.ofEntries(
          entry("compute", 6),
          entry("attention_dropout", 0.1),
          entry("heads", HEADS),
          entry("head_size", HEAD_SIZE),
          entry("key_value_heads", HEADS),
          entry("context_width", HIDDEN),
          entry("score_divisor", Math.sqrt(HEAD_SIZE)),
          entry("causal", "False"),
          entry("reach", REACH),
          entry("block", 2 * REACH),
          entry("narrow", 4 * REACH),
          entry("padding", 1),
          entry("side_buckets", 16),
          entry("single_buckets", 8),
          entry("log_of_farthest", Math.log(128 / 8)),
          entry("w.relative", "w[0]"));

  private static final String EXACT =
      """
        def exact(self: __torch__.Program, x: Tensor) -> Tensor:
          return torch.to(x, ${float32})
      """;

  private final Random random = new Random(42);

  private static Program compile(String... fragments) throws IOException {
    return compile(Map.of(), fragments);
  }

  private static Program compile(Map<String, ?> others, String... fragments) throws IOException {
    Map<String, Object> constants = new HashMap<>(CONSTANTS);
    constants.putAll(others);
    ProgramText text = ProgramText.empty().append(EXACT);
    for (String fragment : fragments) {
      text.add(fragment, constants);
    }
    return Program.compile(text);
  }

  private float[] gaussian(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void assertClose(float[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("number %d", i)
          .isCloseTo(expected[i], Offset.offset(tolerance));
    }
  }

  /** Sequences of neighbours in length, as the queue sorts them: some groups need padding. */
  private TokenBatch batch() {
    List<Tokens> sequences = new ArrayList<>();
    for (int length : new int[] {1, 1, 3, 4, 5, 9, 12, 13, 14, 40, 40, 200, 201, 205}) {
      sequences.add(new Tokens(random.ints(length, 5, 100).toArray(), new int[length], 0));
    }
    return TokenBatch.of(sequences);
  }

  private static IValue groups(TokenBatch batch, NativeScope scope) {
    long[] groups =
        batch.groups().stream()
            .flatMapToLong(
                group -> LongStream.of(group.sequences(), group.longest(), group.tokens()))
            .toArray();
    return scope.own(IValue.listFrom(groups));
  }

  @ParameterizedTest
  @CsvSource({
    "false, 2, false, 6",
    "true, 2, false, 6",
    "false, 1, true, 6",
    "true, 1, true, 6",
    "false, 1, false, 15",
    "false, 1, true, 15",
    "true, 1, true, 15"
  })
  void attentionByGroupsIsAttentionOfEachTextAlone(
      boolean near, int keyHeads, boolean causal, int compute) throws IOException {
    TokenBatch batch = batch();
    assertThat(batch.groups()).anyMatch(g -> g.tokens() < g.sequences() * g.longest());
    assertThat(batch.groups()).anyMatch(g -> g.tokens() == g.sequences() * g.longest());
    int width = (HEADS + 2 * keyHeads) * HEAD_SIZE;
    float[] qkv = gaussian(batch.tokens() * width);
    Map<String, ?> kind =
        Map.of(
            "key_value_heads", keyHeads, "causal", causal ? "True" : "False", "compute", compute);
    try (Program program =
            compile(
                kind, ServedProducts.ONEDNN, "serving", "groups", "attention", "neighbourhood");
        NativeScope scope = new NativeScope()) {
      IValue groups = groups(batch, scope);
      IValue lengths = scope.ints(batch.lengths(), batch.sequences());
      IValue plan = scope.own(program.run("plan", lengths, groups));
      IValue rows = scope.floats(qkv, batch.tokens(), width);
      if (near) {
        plan = scope.own(program.run("plan_near", groups, plan));
      }
      String method = near ? "attention_near" : "attention";
      IValue weights = scope.own(IValue.listFrom(rows)); // read by dropout alone, in training
      IValue mixed = scope.own(program.run(method, rows, groups, plan, weights));
      float[] actual = scope.toFloats(scope.own(program.run("exact", mixed)));
      int reach = near ? REACH : Integer.MAX_VALUE;
      double[] expected = attention(qkv, batch.lengths(), reach, keyHeads, causal);
      assertClose(actual, expected, compute == 6 ? 1e-5 : 0.03);
    }
  }

  /** Vaswani et al. 2017, section 3.2.1, of every text by itself. */
  private static double[] attention(
      float[] qkv, int[] lengths, int reach, int keyHeads, boolean causal) {
    int all = HEADS + 2 * keyHeads;
    double[] context = new double[qkv.length / all * HEADS];
    int first = 0;
    for (int length : lengths) {
      for (int head = 0; head < HEADS; head++) {
        int keys = HEADS + head * keyHeads / HEADS;
        for (int query = 0; query < length; query++) {
          double[] weights = new double[length];
          double sum = 0;
          for (int key = 0; key < length; key++) {
            double score = 0;
            for (int i = 0; i < HEAD_SIZE; i++) {
              score += at(qkv, all, first + query, head, i) * at(qkv, all, first + key, keys, i);
            }
            boolean seen = Math.abs(query - key) <= reach && (key <= query || !causal);
            weights[key] = seen ? Math.exp(score / Math.sqrt(HEAD_SIZE)) : 0;
            sum += weights[key];
          }
          for (int key = 0; key < length; key++) {
            for (int i = 0; i < HEAD_SIZE; i++) {
              context[(first + query) * HIDDEN + head * HEAD_SIZE + i] +=
                  weights[key] / sum * at(qkv, all, first + key, keys + keyHeads, i);
            }
          }
        }
      }
      first += length;
    }
    return context;
  }

  private static double at(float[] qkv, int heads, int row, int head, int i) {
    return qkv[(row * heads + head) * HEAD_SIZE + i];
  }

  @Test
  void rotaryPositionsTurnPairs() throws IOException {
    int[] places = {0, 1, 2, 7, 511, 8_191};
    float[] qkv = gaussian(places.length * 3 * HIDDEN);
    double theta = 160_000;
    try (Program program = compile("rotary", "rotate");
        NativeScope scope = new NativeScope()) {
      IValue at = scope.ints(places, places.length);
      IValue base = scope.own(IValue.from(theta));
      IValue frequencies = scope.own(program.run("frequencies", base));
      IValue length = scope.own(IValue.from(1.0));
      IValue turn = scope.own(program.run("rotation", at, frequencies, length));
      IValue rows = scope.floats(qkv, places.length, 3 * HIDDEN);
      float[] actual = scope.toFloats(scope.own(program.run("rotate", rows, turn)));
      for (int row = 0; row < places.length; row++) {
        for (int block = 0; block < 3 * HEADS; block++) {
          for (int i = 0; i < HEAD_SIZE / 2; i++) {
            int low = (row * 3 * HEADS + block) * HEAD_SIZE + i;
            int high = low + HEAD_SIZE / 2;
            boolean value = block >= 2 * HEADS;
            double angle = value ? 0 : places[row] / Math.pow(theta, 2.0 * i / HEAD_SIZE);
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            // float32 angles of far places are this far from the true ones, as in the reference
            double tolerance = 1e-5 + places[row] * 5e-7;
            Offset<Double> offset = Offset.offset(tolerance);
            assertThat((double) actual[low]).isCloseTo(qkv[low] * cos - qkv[high] * sin, offset);
            assertThat((double) actual[high]).isCloseTo(qkv[high] * cos + qkv[low] * sin, offset);
          }
        }
      }
    }
  }

  @Test
  void relativePositionsFallIntoBuckets() throws IOException {
    int longest = 300;
    float[] table = new float[32 * HEADS]; // a number that tells bucket and head
    for (int i = 0; i < table.length; i++) {
      table[i] = i;
    }
    try (Program program = compile("relative-positions");
        NativeScope scope = new NativeScope()) {
      IValue weights = scope.own(IValue.listFrom(scope.floats(table, 32, HEADS)));
      IValue length = scope.own(IValue.from((long) longest));
      float[] actual = scope.toFloats(scope.own(program.run("relative", length, weights)));
      assertThat(actual).hasSize(HEADS * longest * longest);
      for (int head = 0; head < HEADS; head++) {
        for (int query = 0; query < longest; query++) {
          for (int key = 0; key < longest; key++) {
            assertThat(actual[(head * longest + query) * longest + key])
                .as("query %d, key %d", query, key)
                .isEqualTo(bucket(key - query) * HEADS + head);
          }
        }
      }
    }
  }

  /** Two steps a doubling of the distance from 8 on: 8, 12, 16, 23, 32, 46, 64, 91. */
  private static int bucket(int offset) {
    int distance = Math.abs(offset);
    int bucket = Math.min(distance, 7);
    for (int start : new int[] {8, 12, 16, 23, 32, 46, 64, 91}) {
      bucket += distance >= start ? 1 : 0;
    }
    return bucket + (offset > 0 ? 16 : 0);
  }

  @Test
  void positionsFollowThePaddingTokenAndSkipIt() throws IOException {
    int padding = 1;
    int[][] texts = {{0, 7, 2}, {0, 1, 7, 1, 1, 8, 2}, {1}, {1, 1, 5}, {0, 2}};
    List<Tokens> sequences = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    for (int[] text : texts) {
      sequences.add(new Tokens(text, new int[text.length], 0));
      int position = padding;
      for (int id : text) {
        expected.add(id == padding ? padding : ++position);
      }
    }
    TokenBatch batch = TokenBatch.of(sequences);
    int[] rows = new int[3 * batch.tokens()];
    System.arraycopy(batch.ids(), 0, rows, 0, batch.tokens());
    System.arraycopy(batch.positions(), 0, rows, batch.tokens(), batch.tokens());
    try (Program program = compile("positions-after-padding");
        NativeScope scope = new NativeScope()) {
      IValue tokens = scope.ints(rows, 3, batch.tokens());
      IValue actual = scope.own(program.run("positions_after_padding", tokens));
      assertThat(scope.toInts(actual))
          .containsExactly(expected.stream().mapToInt(i -> i).toArray());
    }
  }
}

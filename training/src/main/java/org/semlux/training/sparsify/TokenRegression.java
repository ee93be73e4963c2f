package org.semlux.training.sparsify;

import java.io.IOException;
import java.util.Map;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.program.NamedWeights;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;

/**
 * Weighted ridge regression from a token's last state {@code x} to the centred input embedding
 * {@code y} of the token itself: with {@code X} the states and a column of ones, {@code D} the
 * weights of the rows and {@code λ} the ridge, {@code (XᵀDX + λI) B = XᵀDY}. As the head of a
 * network its program makes {@code XᵀD[X Y]} of a batch, in float64: {@code encode(tokens,
 * sequences, groups, w) -> [hidden + 1, 2 * hidden + 1]}. Nothing else is kept of the texts.
 */
final class TokenRegression implements Head {
  /**
   * Of the mean of {@code XᵀDX}'s diagonal. A third and three times as much make no difference on
   * the STS benchmark; with ten times as much terms become vague.
   */
  private static final double RIDGE = 0.03;

  private static final String ENCODE =
      """
        def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
          plan = (self).plan(torch.select(sequences, 0, 0), groups)
          states = torch.to((self).body(tokens, groups, plan, w), ${float64})  # [tokens, hidden]
          ids = torch.select(tokens, 0, 0)
          targets = torch.to(torch.sub(torch.embedding(${w.words}, ids), ${w.center}), ${float64})  # [tokens, hidden]
          ones = torch.ones([torch.size(ids, 0), 1], dtype=${float64})
          x = torch.cat([states, ones], 1)
          weights = torch.to(torch.unsqueeze(torch.index_select(${w.token_weights}, 0, ids), 1), ${float64})
          return torch.matmul(torch.t(torch.mul(x, weights)), torch.cat([x, targets], 1))
      """;

  private static final String SOLVE =
      """
        def solve(self: __torch__.Program, a: Tensor, b: Tensor) -> Tensor:
          return torch.linalg_solve(a, b)
      """;

  private static final String WEIGHTS = "weights of tokens";
  private static final String CENTER = "center";

  private final int hidden;
  private final int vocabulary;
  private final Network network;
  private final Tensors tensors;
  private final double[] sums;

  /**
   * @param weights {@code [vocabulary]} of a row, by its token
   */
  TokenRegression(Network network, WordEmbedding embedding, float[] weights) {
    this.network = network;
    hidden = embedding.hidden();
    vocabulary = embedding.vocabulary();
    tensors =
        new Tensors().with(WEIGHTS, weights, vocabulary).with(CENTER, embedding.center(), hidden);
    sums = new double[(hidden + 1) * width()];
  }

  private int width() {
    return 2 * hidden + 1;
  }

  @Override
  public void addTo(ProgramText text, int firstWeight, Precision precision) {
    Map<String, Object> constants = network.allConstants();
    constants.putAll(weights().constants(firstWeight));
    text.append(ENCODE, constants);
  }

  @Override
  public void addTo(WeightList weights) {
    weights.add(weights().parameters(), tensors, "");
  }

  private NamedWeights weights() {
    return new NamedWeights()
        .plain("token_weights", WEIGHTS, vocabulary)
        .plain("center", CENTER, hidden);
  }

  /** Adds what the program made of a batch. */
  void add(double[] batch) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += batch[i];
    }
  }

  /** Solves for what has been added. */
  Projection solve() throws IOException {
    int n = hidden + 1;
    double[] a = new double[n * n];
    double[] b = new double[n * hidden];
    double trace = 0;
    for (int i = 0; i < n; i++) {
      System.arraycopy(sums, i * width(), a, i * n, n);
      System.arraycopy(sums, i * width() + n, b, i * hidden, hidden);
      trace += i < hidden ? a[i * n + i] : 0;
    }
    double ridge = RIDGE * trace / hidden;
    for (int i = 0; i < hidden; i++) { // not the intercept
      a[i * n + i] += ridge;
    }
    double rows = a[n * n - 1];
    try (Program program = Program.compile(ProgramText.empty().append(SOLVE));
        NativeScope scope = new NativeScope()) {
      double[] solution =
          scope.toDoubles(
              scope.own(program.run("solve", scope.doubles(a, n, n), scope.doubles(b, n, hidden))));
      return Projection.of(solution, hidden, size(solution, b, rows));
    }
  }

  /** The root mean square of what the solution predicts, or a little more: {@code tr BᵀXᵀDY}. */
  private double size(double[] solution, double[] b, double rows) {
    double squares = 0;
    for (int i = 0; i < b.length; i++) {
      squares += solution[i] * b[i];
    }
    return Math.sqrt(squares / (rows * hidden));
  }
}

package org.semlux.training.sparsify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.pytorch.jni.IValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.folder.ModelFolder;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.load.LoadedModel;
import org.semlux.encoders.network.Head;
import org.semlux.encoders.network.Network;
import org.semlux.encoders.network.Networks;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.ProgramText;
import org.semlux.encoders.program.WeightList;
import org.semlux.encoders.text.TokenBatch;
import org.semlux.encoders.text.Tokens;

/** The regression against a naive twin in Java. */
class TokenRegressionTest {
  private static final Path MODEL =
      Path.of(System.getProperty("basedir", "."))
          .resolve("../tests/src/test/resources/goldens/dense-bert-mean-normalize")
          .normalize();
  private static final String WORDS = "embeddings.word_embeddings.weight";

  /** A head that only hands out the states. */
  private record States() implements Head {
    @Override
    public void addTo(ProgramText text, int firstWeight, Precision precision) {
      text.append(
          """
            def encode(self: __torch__.Program, tokens: Tensor, sequences: Tensor, groups: List[int], w: List[Tensor]) -> Tensor:
              return (self).body(tokens, groups, (self).plan(torch.select(sequences, 0, 0), groups), w)
          """);
    }

    @Override
    public void addTo(WeightList weights) {}
  }

  @Test
  void solvesTheNormalEquations() throws IOException {
    ModelFolder folder = ModelFolder.open(MODEL);
    Network network = Networks.of(folder);
    StoredTensor stored = folder.weights(folder.modules().get(0)).find(WORDS).orElseThrow();
    WordEmbedding embedding = WordEmbedding.of(stored);
    int hidden = embedding.hidden();
    Random random = new Random(5);
    float[] rowWeights = new float[embedding.vocabulary()];
    for (int id = 0; id < rowWeights.length; id++) {
      rowWeights[id] = id % 7 == 0 ? 0 : random.nextFloat();
    }
    List<Tokens> texts = texts(random, rowWeights.length);

    TokenRegression regression = new TokenRegression(network, embedding, rowWeights);
    for (Tokens text : texts) {
      regression.add(run(folder, network, regression, text, NativeScope::toDoubles));
    }
    Projection projection = regression.solve();

    double[][] a = new double[hidden + 1][2 * hidden + 1];
    for (Tokens text : texts) {
      float[] states = run(folder, network, new States(), text, NativeScope::toFloats);
      for (int token = 0; token < text.length(); token++) {
        int id = text.ids()[token];
        for (int i = 0; i <= hidden; i++) {
          double left = rowWeights[id] * (i < hidden ? states[token * hidden + i] : 1);
          for (int j = 0; j <= 2 * hidden; j++) {
            double right =
                j < hidden
                    ? states[token * hidden + j]
                    : j == hidden ? 1 : embedding.rows()[id * hidden + j - hidden - 1];
            a[i][j] += left * right;
          }
        }
      }
    }
    double trace = 0;
    for (int i = 0; i < hidden; i++) {
      trace += a[i][i];
    }
    for (int i = 0; i < hidden; i++) {
      a[i][i] += 0.03 * trace / hidden;
    }
    eliminate(a);

    // The projection is the solution at another scale.
    double scale = projection.bias()[0] / a[hidden][hidden + 1];
    for (int out = 0; out < hidden; out++) {
      for (int in = 0; in <= hidden; in++) {
        double found =
            in < hidden ? projection.weight()[out * hidden + in] : projection.bias()[out];
        assertThat(found).isCloseTo(scale * a[in][hidden + 1 + out], within(1e-3));
      }
    }
    assertThat(scale).isPositive();
  }

  private static List<Tokens> texts(Random random, int vocabulary) {
    List<Tokens> texts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int[] ids = random.ints(5 + 2 * i, 0, vocabulary).toArray();
      texts.add(new Tokens(ids, new int[ids.length], 0));
    }
    return texts;
  }

  private interface Reading<T> {
    T of(NativeScope scope, IValue answer);
  }

  private static <T> T run(
      ModelFolder folder, Network network, Head head, Tokens text, Reading<T> reading)
      throws IOException {
    try (LoadedModel model = LoadedModel.load(folder, network, head, Precision.FLOAT32);
        NativeScope scope = new NativeScope()) {
      return reading.of(scope, model.encode(TokenBatch.of(List.of(text)), scope));
    }
  }

  /** Gauss and Jordan: the right-hand columns become the solution. */
  private static void eliminate(double[][] a) {
    for (int pivot = 0; pivot < a.length; pivot++) {
      int best = pivot;
      for (int row = pivot; row < a.length; row++) {
        best = Math.abs(a[row][pivot]) > Math.abs(a[best][pivot]) ? row : best;
      }
      double[] swapped = a[pivot];
      a[pivot] = a[best];
      a[best] = swapped;
      for (int row = 0; row < a.length; row++) {
        double factor = a[row][pivot] / a[pivot][pivot];
        for (int column = pivot; row != pivot && column < a[row].length; column++) {
          a[row][column] -= factor * a[pivot][column];
        }
      }
    }
    for (int row = 0; row < a.length; row++) {
      double diagonal = a[row][row];
      for (int column = row; column < a[row].length; column++) {
        a[row][column] /= diagonal;
      }
    }
  }
}

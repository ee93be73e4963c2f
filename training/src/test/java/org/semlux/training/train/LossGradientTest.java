package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.encoders.program.NativeScope;
import org.semlux.encoders.program.Program;
import org.semlux.encoders.program.ProgramText;
import org.semlux.training.loss.Loss;
import org.semlux.training.loss.LossArguments;
import org.semlux.training.loss.Losses;
import org.semlux.training.loss.RowShape.Labels;

/** The gradient of every loss, those that the reference lacks too, against finite differences. */
class LossGradientTest {
  private static final int ROWS = 4;
  private static final int DIMENSIONS = 6;
  private static final float STEP = 1e-2f;

  private static final String SLOPE =
      """

        def slope(self: __torch__.Program, answers: Tensor, labels: Tensor, hyper: Tensor) -> List[Tensor]:
          leaf = torch.requires_grad_(torch.clone(answers))
          loss = torch.sum((self).loss(leaf, labels, hyper))
          found = torch.autograd.grad([loss], [leaf])
          return [torch.detach(loss), unchecked_cast(Tensor, found[0])]
      """;

  private static final String PARTS =
      """

        def parts(self: __torch__.Program, answers: Tensor, labels: Tensor, hyper: Tensor) -> List[Tensor]:
          return [(self).loss(answers, labels, hyper)]
      """;

  private static final int TOKENS = 3; // of a text, where each has a vector
  private static final String TOKEN_WIDTH =
      """

        def token_width(self: __torch__.Program) -> int:
          return %s
      """
          .formatted(DIMENSIONS);

  static Stream<Loss> losses() {
    LossArguments matryoshka = new LossArguments();
    matryoshka.matryoshkaDims = List.of(DIMENSIONS, 3);
    matryoshka.matryoshkaWeights = List.of(1.0, 0.5);
    List<Loss> all = Losses.all();
    return Stream.concat(
        all.stream(),
        all.stream()
            .filter(loss -> loss.kind() == EncoderKind.DENSE)
            .map(loss -> loss.reference().replaceFirst("Loss$", ""))
            .map(name -> Losses.of(EncoderKind.DENSE, Optional.of(name), matryoshka)));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void aGradientIsASlope(Loss loss) throws IOException {
    ProgramText text = ProgramText.empty();
    loss.addTo(text);
    boolean tokens = loss.kind() == EncoderKind.MULTI_VECTOR;
    if (tokens) {
      text.append(TOKEN_WIDTH);
    }
    int columns = columns(loss.kind());
    Random random = new Random(7);
    boolean cross = loss.kind() == EncoderKind.CROSS;
    int texts = Math.min(4, loss.shape().most());
    int width = loss.shape().labels() == Labels.ONE ? 1 : texts - 1;
    float[] answers = new float[ROWS * (cross ? texts - 1 : texts) * columns];
    for (int i = 0; i < answers.length; i++) {
      answers[i] =
          (float) (loss.kind() == EncoderKind.SPARSE ? random.nextDouble() : random.nextGaussian());
      if (tokens && i % (DIMENSIONS + 2) >= DIMENSIONS) {
        answers[i] = 1; // every token counts, in a query and in a document
      }
    }
    float[] labels = new float[ROWS * width];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3 == 1 ? 1 : 0;
    }
    try (Program program = Program.compile(text.append(SLOPE))) {
      float[] found = slope(program, answers, labels, columns)[1];
      float largest = 0;
      for (float one : found) {
        largest = Math.max(largest, Math.abs(one));
      }
      assertThat(largest).isPositive();
      for (int i = 0; i < answers.length; i++) {
        float there = answers[i];
        answers[i] = there + STEP;
        float above = slope(program, answers, labels, columns)[0][0];
        answers[i] = there - STEP;
        float below = slope(program, answers, labels, columns)[0][0];
        answers[i] = there;
        assertThat(found[i])
            .as("slope of number %d", i)
            .isCloseTo((above - below) / (2 * STEP), within(0.02f * largest));
      }
    }
  }

  /**
   * FLOPS as the reference reckons it, of the texts that there are: whatever stands in the places
   * of shorter rows costs nothing and gets no gradient. The second row has three texts, the last
   * two, the others four.
   */
  @ParameterizedTest
  @CsvSource({"SparseMarginMSE, 3", "SparseMarginMSE, 2", "SparseDistillKLDiv, 3"})
  void whatIsNotThereCostsNothing(String name, int width) throws IOException {
    Loss loss = Losses.of(EncoderKind.SPARSE, Optional.of(name), new LossArguments());
    int[] texts = {4, 3, 4, width == 2 ? 3 : 2};
    Random random = new Random(7);
    float[] answers = new float[ROWS * 4 * DIMENSIONS];
    double[] sums = new double[DIMENSIONS];
    double[] querySums = new double[DIMENSIONS];
    float[] labels = new float[ROWS * width];
    for (int side = 0; side < 4; side++) {
      for (int row = 0; row < ROWS; row++) {
        boolean there = side < texts[row];
        for (int i = 0; i < DIMENSIONS; i++) {
          float weight = there ? random.nextFloat() : 1000;
          answers[(side * ROWS + row) * DIMENSIONS + i] = weight;
          (side == 0 ? querySums : sums)[i] += there ? weight : 0;
        }
        int label = side - (4 - width);
        if (label >= 0) {
          labels[row * width + label] = there ? label : Float.NaN;
        }
      }
    }
    int documents = Arrays.stream(texts).sum() - ROWS;
    ProgramText text = ProgramText.empty();
    loss.addTo(text);
    try (Program program = Program.compile(text.append(SLOPE).append(PARTS))) {
      float[] gradient = slope(program, answers, labels, DIMENSIONS)[1];
      for (int side = 1; side < 4; side++) {
        for (int row = 0; row < ROWS; row++) {
          float[] own =
              Arrays.copyOfRange(
                  gradient, (side * ROWS + row) * DIMENSIONS, (side * ROWS + row + 1) * DIMENSIONS);
          assertThat(IntStream.range(0, own.length).anyMatch(i -> own[i] != 0))
              .as("text %d of row %d", side, row)
              .isEqualTo(side < texts[row]);
        }
      }
      float[] parts = parts(program, answers, labels, 0.1f, 0.2f);
      assertThat(parts[1]).isCloseTo((float) (0.1 * flops(sums, documents)), within(1e-4f));
      assertThat(parts[2]).isCloseTo((float) (0.2 * flops(querySums, ROWS)), within(1e-4f));
      double[] all = new double[DIMENSIONS];
      Arrays.setAll(all, i -> sums[i] + querySums[i]);
      assertThat(parts(program, answers, labels, 0.1f, -1)[1])
          .isCloseTo((float) (0.1 * flops(all, documents + ROWS)), within(1e-4f));
    }
  }

  /** torch.sum(torch.mean(weights, dim=0) ** 2) */
  private static double flops(double[] sums, int texts) {
    return Arrays.stream(sums).map(sum -> Math.pow(sum / texts, 2)).sum();
  }

  private static float[] parts(Program program, float[] answers, float[] labels, float... hyper) {
    try (NativeScope scope = new NativeScope()) {
      NDList list =
          new NDList(
              BatchTensors.floats(scope, answers, answers.length / DIMENSIONS),
              BatchTensors.floats(scope, labels, ROWS),
              BatchTensors.floats(scope, hyper));
      return program.train("parts", list, scope).get(0).toFloatArray();
    }
  }

  /** Numbers that a text, or a pair's logits, takes. */
  private static int columns(EncoderKind kind) {
    return switch (kind) {
      case DENSE, SPARSE -> DIMENSIONS;
      case CROSS -> 2;
      case MULTI_VECTOR -> TOKENS * (DIMENSIONS + 2);
    };
  }

  /** The loss and its gradient. */
  private static float[][] slope(Program program, float[] answers, float[] labels, int columns) {
    try (NativeScope scope = new NativeScope()) {
      NDList list =
          new NDList(
              BatchTensors.floats(scope, answers, answers.length / columns),
              BatchTensors.floats(scope, labels, ROWS),
              BatchTensors.floats(scope, 0.1f, 0.2f));
      NDList said = program.train("slope", list, scope);
      return new float[][] {said.get(0).toFloatArray(), said.get(1).toFloatArray()};
    }
  }
}

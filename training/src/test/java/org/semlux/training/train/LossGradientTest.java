package org.semlux.training.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
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

  private static final int TOKENS = 3; // of a text, where each has a vector
  private static final String TOKEN_WIDTH =
      """

        def token_width(self: __torch__.Program) -> int:
          return %d
      """
          .formatted(DIMENSIONS);

  static Stream<Loss> losses() {
    LossArguments matryoshka = new LossArguments();
    matryoshka.matryoshkaDims = List.of(DIMENSIONS, 3);
    return Stream.concat(
        Losses.all().stream(),
        Stream.of(
            Losses.of(
                EncoderKind.DENSE, java.util.Optional.of("MultipleNegativesRanking"), matryoshka)));
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

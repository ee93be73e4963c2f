package org.semlux.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class Float32SumTest {
  @RepeatedTest(20)
  void everyTermIsAddedOnce(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    float[] terms = new float[random.nextInt(100)];
    double sum = 0;
    for (int i = 0; i < terms.length; i++) {
      terms[i] = random.nextFloat();
      sum += terms[i];
    }

    assertThat((double) Float32Sum.of(terms.length, 1, i -> terms[i])).isCloseTo(sum, within(1e-4));
    assertThat((double) Float32Sum.of(terms.length, 4, i -> terms[i])).isCloseTo(sum, within(1e-4));
  }

  /** 1 is lost beside 2^24, unless another lane or chain keeps it. */
  @Test
  void lanesAndChainsKeepTheirOwnSums() {
    float[] terms = new float[64];
    terms[0] = 1 << 24;
    terms[8] = 1;
    terms[32] = 1;

    assertThat(Float32Sum.of(64, 1, i -> terms[i])).isEqualTo(16_777_216f);
    terms[16] = 1;
    terms[24] = 1;
    assertThat(Float32Sum.of(64, 4, i -> terms[i])).isEqualTo(16_777_216f);
    terms[1] = 3;
    assertThat(Float32Sum.of(64, 4, i -> terms[i])).isEqualTo(16_777_220f);
  }

  @Test
  void aZeroVectorHasNoDirection() {
    assertThat(Similarity.COSINE.of(new float[4], new float[] {1, 2, 3, 4})).isZero();
    assertThat(Similarity.COSINE.of(new float[] {3, 4}, new float[] {6, 8}))
        .isCloseTo(1, within(1e-6));
  }
}

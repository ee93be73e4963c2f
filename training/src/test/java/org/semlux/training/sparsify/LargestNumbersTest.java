package org.semlux.training.sparsify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LargestNumbersTest {
  @Test
  void sortingFindsTheSame() {
    Random random = new Random(3);
    float[] numbers = new float[3_000_000]; // more than are held between two cuts
    LargestNumbers largest = new LargestNumbers(1_000);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat();
      largest.add(numbers[i]);
    }
    Arrays.sort(numbers);

    assertThat(largest.smallest()).isEqualTo(numbers[numbers.length - 1_000]);
  }

  @Test
  void equalNumbersCountEach() {
    LargestNumbers largest = new LargestNumbers(3);
    for (float number : new float[] {1, 5, 4, 4, 4, 2}) {
      largest.add(number);
    }

    assertThat(largest.smallest()).isEqualTo(4);
  }

  @Test
  void fewerNumbersThanWanted() {
    LargestNumbers largest = new LargestNumbers(3);
    largest.add(1);
    largest.add(2);

    assertThat(largest.smallest()).isEqualTo(Float.NEGATIVE_INFINITY);
  }
}

package org.semlux.training.sparsify;

import java.util.Arrays;

/** Keeps the largest of many numbers, in memory for some times as many. */
final class LargestNumbers {
  private static final int SLACK = 1 << 20;

  private final int count;
  private float[] kept;
  private int size;
  private float floor = Float.NEGATIVE_INFINITY;

  /**
   * @param count how many to keep
   */
  LargestNumbers(int count) {
    this.count = count;
    this.kept = new float[count + SLACK];
  }

  void add(float number) {
    if (number > floor) {
      if (size == kept.length) {
        cut();
      }
      kept[size++] = number;
    }
  }

  private void cut() {
    Arrays.sort(kept, 0, size);
    System.arraycopy(kept, size - count, kept, 0, count);
    size = count;
    floor = kept[0];
  }

  /** The smallest of those to keep; negative infinity when there were fewer numbers. */
  float smallest() {
    if (size < count) {
      return Float.NEGATIVE_INFINITY;
    }
    cut();
    return floor;
  }
}

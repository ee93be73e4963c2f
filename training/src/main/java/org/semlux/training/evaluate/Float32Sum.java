package org.semlux.training.evaluate;

/**
 * Sums in float32, in the order in which PyTorch's CPU kernels add up to 512 numbers: eight lanes,
 * in one or several chains. Rounding decides how pairs of equal vectors rank, whose cosines are 1
 * but for the last bit: among the reference's 200 pairs of word vectors that moves Spearman's
 * correlation by .001.
 */
final class Float32Sum {
  private static final int LANES = 8;

  private Float32Sum() {}

  /** The number at a place. */
  interface Terms {
    float at(int i);
  }

  /** The sum of the terms at 0 to {@code size - 1}. */
  static float of(int size, int chains, Terms terms) {
    float[][] sums = new float[chains][LANES];
    int vectors = size / LANES;
    int inChains = vectors / chains * chains;
    for (int vector = 0; vector < vectors; vector++) {
      float[] lanes = sums[vector < inChains ? vector % chains : 0];
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += terms.at(vector * LANES + lane);
      }
    }
    float sum = 0;
    for (int i = vectors * LANES; i < size; i++) {
      sum += terms.at(i);
    }
    for (int lane = 0; lane < LANES; lane++) {
      float all = sums[0][lane];
      for (int chain = 1; chain < chains; chain++) {
        all += sums[chain][lane];
      }
      sum += all;
    }
    return sum;
  }
}

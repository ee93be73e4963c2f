package org.semlux.training.sparsify;

import java.util.Arrays;

/**
 * From a token's last state to the centred embedding of words: {@code y = W x + b}, at the scale
 * where predictions have a root mean square of 1.
 *
 * @param weight {@code [hidden, hidden]}, a row for each number that comes out
 * @param bias {@code [hidden]}
 */
record Projection(float[] weight, float[] bias) {
  /**
   * @param solution {@code [hidden + 1, hidden]} the last row for the intercept
   * @param size the root mean square of its predictions
   */
  static Projection of(double[] solution, int hidden, double size) {
    float[] weight = new float[hidden * hidden];
    float[] bias = new float[hidden];
    for (int out = 0; out < hidden; out++) {
      for (int in = 0; in < hidden; in++) {
        weight[out * hidden + in] = (float) (solution[in * hidden + out] / size);
      }
      bias[out] = (float) (solution[hidden * hidden + out] / size);
    }
    return new Projection(weight, bias);
  }

  /** The bias with a constant added to all of it. */
  float[] raisedBias(float constant) {
    float[] raised = Arrays.copyOf(bias, bias.length);
    for (int i = 0; i < raised.length; i++) {
      raised[i] += constant;
    }
    return raised;
  }
}

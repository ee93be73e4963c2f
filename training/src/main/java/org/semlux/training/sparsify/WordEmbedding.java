package org.semlux.training.sparsify;

import org.semlux.encoders.folder.StoredTensor;

/**
 * A model's input embedding around its mean.
 *
 * @param rows {@code [vocabulary * hidden]} with the center taken off, row by row
 * @param center {@code [hidden]} the mean of all rows
 */
record WordEmbedding(int vocabulary, int hidden, float[] rows, float[] center) {
  /** Reads it from {@code [vocabulary, hidden]}. */
  static WordEmbedding of(StoredTensor tensor) {
    int vocabulary = Math.toIntExact(tensor.shape()[0]);
    int hidden = Math.toIntExact(tensor.shape()[1]);
    float[] rows = tensor.toFloats();
    double[] sums = new double[hidden];
    for (int i = 0; i < rows.length; i++) {
      sums[i % hidden] += rows[i];
    }
    float[] center = new float[hidden];
    for (int j = 0; j < hidden; j++) {
      center[j] = (float) (sums[j] / vocabulary);
    }
    for (int i = 0; i < rows.length; i++) {
      rows[i] -= center[i % hidden];
    }
    return new WordEmbedding(vocabulary, hidden, rows, center);
  }

  /** The mean length of a row. */
  double meanNorm() {
    double sum = 0;
    for (int row = 0; row < vocabulary; row++) {
      double squares = 0;
      for (int i = row * hidden; i < (row + 1) * hidden; i++) {
        squares += (double) rows[i] * rows[i];
      }
      sum += Math.sqrt(squares);
    }
    return sum / vocabulary;
  }
}

package org.semlux.encoders.network;

import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.Parameter;

/**
 * A vector a token, of a size that no config but only the file tells.
 *
 * @param parameter {@code [rows, width]}
 */
record VectorTable(Parameter parameter, int rows, int width) {
  /**
   * Looks at a stored table.
   *
   * @throws ModelException when it is missing or no table
   */
  static VectorTable of(String model, TensorSource weights, String name) {
    StoredTensor stored =
        weights
            .find(name)
            .orElseThrow(
                () ->
                    ModelException.of(
                        model,
                        "weight " + name + " is missing, its file holds " + weights.names()));
    if (stored.shape().length != 2) {
      throw ModelException.of(
          model, "weight " + name + " has " + stored.shape().length + " dimensions, expected 2");
    }
    int rows = Math.toIntExact(stored.shape()[0]);
    int width = Math.toIntExact(stored.shape()[1]);
    return new VectorTable(Parameter.plain(name, rows, width), rows, width);
  }
}

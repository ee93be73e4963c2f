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
                        "weight "
                            + name
                            + " is missing, its file holds "
                            + ModelException.brief(weights.names().toString())));
    if (stored.shape().length != 2) {
      throw ModelException.of(
          model, "weight " + name + " has " + stored.shape().length + " dimensions, expected 2");
    }
    long rows = stored.shape()[0];
    long width = stored.shape()[1];
    if (rows < 1 || rows > SizeLimits.VOCABULARY || width < 1 || width > SizeLimits.WIDTH) {
      throw ModelException.of(
          model,
          "weight %s has shape [%s, %s], expected 1 to %s rows of 1 to %s numbers"
              .formatted(name, rows, width, SizeLimits.VOCABULARY, SizeLimits.WIDTH));
    }
    return new VectorTable(Parameter.plain(name, rows, width), (int) rows, (int) width);
  }
}

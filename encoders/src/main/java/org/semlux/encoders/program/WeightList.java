package org.semlux.encoders.program;

import java.util.List;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.folder.TensorSource;

/** The weights that a program takes, being put together in the program's order. */
public interface WeightList {
  /**
   * Reads parameters.
   *
   * @param prefix what some folders put before every name, such as {@code bert.}
   * @throws ModelException when one is missing, of another shape or type, or holds a number that is
   *     none, or when the source has more layers
   */
  void add(List<Parameter> parameters, TensorSource source, String prefix);

  /**
   * Reads a parameter that a served program uses tile by tile.
   *
   * @param rows of a tile; the last one may have fewer
   * @throws ModelException as {@link #add}
   */
  void addTiles(Parameter parameter, int rows, TensorSource source, String prefix);
}

package org.semlux.encoders.program;

import java.util.List;
import org.semlux.encoders.folder.TensorSource;

/**
 * Holds the weights that a folder stores against those that its config promises, and makes nothing
 * of them: a folder that lies is refused before memory is taken or native code sees it.
 *
 * @param model the model's name, for messages
 */
public record PromisedWeights(String model) implements WeightList {
  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    WeightReader reader = new WeightReader(model);
    List<Parameter> stored = Parameter.in(parameters, source, prefix);
    reader.refuseMoreLayers(stored, source, prefix);
    stored.forEach(parameter -> reader.checkShape(parameter, source, prefix));
  }

  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    new WeightReader(model).checkShape(parameter, source, prefix);
  }
}

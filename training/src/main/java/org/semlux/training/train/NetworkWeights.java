package org.semlux.training.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.semlux.encoders.folder.StoredTensor;
import org.semlux.encoders.folder.TensorSource;
import org.semlux.encoders.program.Parameter;
import org.semlux.encoders.program.WeightList;

/** The weights of one network among {@link TrainedWeights}, in its program's order. */
final class NetworkWeights implements WeightList {
  private final TrainedWeights all;
  private final Optional<int[]> firstRows;
  private final int others;
  private final List<Integer> places = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /**
   * @param all to which they are added, unless another network has them already
   * @param firstRows the rows of its first parameter that are held; all where empty
   */
  NetworkWeights(TrainedWeights all, Optional<int[]> firstRows) {
    this.all = all;
    this.firstRows = firstRows;
    this.others = all.count();
  }

  /** Where they stand among all. */
  List<Integer> places() {
    return List.copyOf(places);
  }

  @Override
  public void add(List<Parameter> parameters, TensorSource source, String prefix) {
    List<Parameter> stored = Parameter.in(parameters, source, prefix);
    all.reader().refuseMoreLayers(stored, source, prefix);
    stored.forEach(parameter -> add(parameter, source, prefix));
  }

  /** As a whole, or not at all where it is tied to a parameter that is there. */
  @Override
  public void addTiles(Parameter parameter, int rows, TensorSource source, String prefix) {
    if (!names.contains(prefix + parameter.names().get(0))) {
      add(parameter, source, prefix);
    }
  }

  private void add(Parameter parameter, TensorSource source, String prefix) {
    all.reader().checkShape(parameter, source, prefix);
    List<StoredTensor> tensors =
        parameter.names().stream().map(name -> all.reader().find(name, source, prefix)).toList();
    Optional<int[]> rows = places.isEmpty() ? firstRows : Optional.empty();
    places.add(
        all.find(others, tensors, source)
            .orElseGet(() -> all.read(parameter, tensors, source, rows)));
    parameter.names().forEach(name -> names.add(prefix + name));
  }
}

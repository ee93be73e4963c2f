package org.semlux.training.loss;

import static java.util.stream.Collectors.joining;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.encoders.program.ProgramText;

/**
 * A loss of vectors' first numbers, of so many as are named, so that vectors may be cut (Kusupati
 * et al. 2022, https://arxiv.org/abs/2205.13147).
 */
final class Matryoshka extends LossAround {
  private final List<Integer> dimensions;
  private final List<Double> weights;

  /**
   * @param weights one for each; none: all 1
   */
  Matryoshka(Loss loss, List<Integer> dimensions, List<Double> weights) {
    super(loss.kind(), "MatryoshkaLoss", loss);
    this.dimensions = dimensions;
    this.weights = weights.isEmpty() ? Collections.nCopies(dimensions.size(), 1.0) : weights;
  }

  @Override
  Set<String> settings() {
    Set<String> all = new HashSet<>(inside.settings());
    all.addAll(List.of(LossArguments.MATRYOSHKA_DIMS, LossArguments.MATRYOSHKA_WEIGHTS));
    return all;
  }

  /** A slice would end where the vector does, and the whole of it count twice. */
  @Override
  public void checkDimensions(int width) {
    List<Integer> beyond = dimensions.stream().filter(wanted -> wanted > width).toList();
    if (!beyond.isEmpty()) {
      throw new IllegalArgumentException(
          "%s %s goes beyond the model's vectors, which have %s numbers: leave it out"
              .formatted(
                  LossArguments.MATRYOSHKA_DIMS,
                  beyond.stream().map(Object::toString).collect(joining(",")),
                  width));
    }
  }

  @Override
  public Optional<String> untrained(int width) {
    List<Integer> trained =
        IntStream.range(0, dimensions.size())
            .filter(i -> weights.get(i) > 0)
            .mapToObj(dimensions::get)
            .toList();
    return trained.contains(width)
        ? Optional.empty()
        : Optional.of(
            "%s has %s and not all %s numbers of the model's vectors: whole vectors are not trained and may get worse, name %s too unless all are cut"
                .formatted(LossArguments.MATRYOSHKA_DIMS, trained, width, width));
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = super.parameters();
    parameters.put("matryoshka_dims", dimensions.toString());
    parameters.put("matryoshka_weights", weights.toString());
    return parameters;
  }

  @Override
  public void addTo(ProgramText text) {
    inside.addBaseTo(text);
    add("matryoshka", Map.of("sizes", list(dimensions), "weights", list(weights)), text);
  }

  private static String list(List<?> numbers) {
    return numbers.stream().map(Object::toString).collect(joining(", ", "[", "]"));
  }
}

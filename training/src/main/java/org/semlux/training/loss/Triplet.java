package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.loss.LossArguments.Distance;

/**
 * An anchor's positive is to be nearer than its negative by a margin (Hermans et al. 2017,
 * https://arxiv.org/abs/1703.07737).
 */
final class Triplet extends Loss {
  private final Distance distance;
  private final double margin;

  Triplet(LossArguments arguments) {
    super(EncoderKind.DENSE, "TripletLoss");
    distance = arguments.distance == null ? Distance.EUCLIDEAN : arguments.distance;
    margin = LossArguments.or(arguments.margin, 5);
  }

  @Override
  Set<String> settings() {
    return Set.of(LossArguments.DISTANCE, LossArguments.MARGIN);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put(
        "distance_metric", "TripletDistanceMetric." + distance.name().toUpperCase(Locale.ROOT));
    parameters.put("triplet_margin", margin);
    return parameters;
  }

  @Override
  public RowShape shape() {
    return new RowShape(3, 3, RowShape.Labels.NONE);
  }

  @Override
  List<String> fragments() {
    return List.of("distance-" + distance, "triplet");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("margin", margin, "epsilon", 0.0);
  }
}

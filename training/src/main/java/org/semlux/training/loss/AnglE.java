package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;

/** Ranks angles as labels do (Li and Li 2023, https://arxiv.org/abs/2309.12871). */
final class AnglE extends Loss {
  private final double scale;

  AnglE(LossArguments arguments) {
    super(EncoderKind.DENSE, "AnglELoss");
    scale = LossArguments.or(arguments.scale, 20);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("scale", scale);
    parameters.put("similarity_fct", "pairwise_angle_sim");
    return parameters;
  }

  @Override
  public RowShape shape() {
    return RowShape.SCORED_PAIR;
  }

  @Override
  List<String> fragments() {
    return List.of("angle", "ranking");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("scale", scale);
  }
}

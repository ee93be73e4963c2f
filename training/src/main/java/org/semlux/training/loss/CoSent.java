package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;

/** Ranks cosines as labels do (Huang et al. 2024, https://doi.org/10.1109/TASLP.2024.3402087). */
final class CoSent extends Loss {
  private final double scale;

  CoSent(LossArguments arguments) {
    super(EncoderKind.DENSE, "CoSENTLoss");
    scale = LossArguments.or(arguments.scale, 20);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("scale", scale);
    parameters.put("similarity_fct", "cos_sim");
    return parameters;
  }

  @Override
  public RowShape shape() {
    return RowShape.SCORED_PAIR;
  }

  @Override
  List<String> fragments() {
    return List.of("cosent", "ranking");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("scale", scale);
  }
}

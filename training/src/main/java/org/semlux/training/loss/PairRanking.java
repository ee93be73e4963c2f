package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;

/** Ranks pairs by what two texts have in common, as their labels do. */
final class PairRanking extends Loss {
  private final String fragment;
  private final String similarity;
  private final double scale;

  private PairRanking(
      String reference, String fragment, String similarity, LossArguments arguments) {
    super(EncoderKind.DENSE, reference);
    this.fragment = fragment;
    this.similarity = similarity;
    scale = LossArguments.or(arguments.scale, 20);
  }

  /** By cosines (Huang et al. 2024, https://doi.org/10.1109/TASLP.2024.3402087). */
  static Loss coSent(LossArguments arguments) {
    return new PairRanking("CoSENTLoss", "cosent", "cos_sim", arguments);
  }

  /** By angles (Li and Li 2023, https://arxiv.org/abs/2309.12871). */
  static Loss anglE(LossArguments arguments) {
    return new PairRanking("AnglELoss", "angle", "pairwise_angle_sim", arguments);
  }

  @Override
  Set<String> settings() {
    return Set.of(LossArguments.SCALE);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("scale", scale);
    parameters.put("similarity_fct", similarity);
    return parameters;
  }

  @Override
  public RowShape shape() {
    return RowShape.SCORED_PAIR;
  }

  @Override
  public boolean ranks() {
    return true;
  }

  @Override
  List<String> fragments() {
    return List.of(fragment, "ranking");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("scale", scale);
  }
}

package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;

/**
 * Each two documents of a list are to score as their labels say, weighted by what their order means
 * to NDCG (LambdaLoss, Wang et al. 2018, https://doi.org/10.1145/3269206.3271784), or all alike
 * (RankNet, Burges et al. 2005, https://doi.org/10.1145/1102351.1102363).
 */
final class ListRanking extends Loss {
  private static final double MU = 10;

  private final String weights;
  private final Integer k;

  private ListRanking(String reference, String weights, LossArguments arguments) {
    super(EncoderKind.CROSS, reference);
    this.weights = weights;
    k = arguments.k;
  }

  static Loss lambda(LossArguments arguments) {
    return new ListRanking("LambdaLoss", "ndcg-weights", arguments);
  }

  static Loss rankNet(LossArguments arguments) {
    return new ListRanking("RankNetLoss", "equal-weights", arguments);
  }

  @Override
  Set<String> settings() {
    return Set.of(LossArguments.NDCG_K);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    if (weights.equals("ndcg-weights")) {
      parameters.put("weighting_scheme", "NDCGLoss2PPScheme");
    }
    parameters.put("k", k == null ? "None" : k);
    parameters.put("sigma", 1.0);
    return parameters;
  }

  @Override
  public RowShape shape() {
    return new RowShape(2, RowShape.ANY, RowShape.Labels.EACH);
  }

  @Override
  List<String> fragments() {
    return List.of("scores-of-pairs", weights, "list-ranking");
  }

  @Override
  Map<String, ?> constants() {
    return Map.of("k", k == null ? Integer.MAX_VALUE : k, "mu", MU);
  }
}

package org.semlux.training.loss;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.loss.LossArguments.Distance;

/**
 * Pairs of label 1 are drawn together, those of label 0 pushed apart up to a margin (Hadsell et al.
 * 2006, https://doi.org/10.1109/CVPR.2006.100).
 */
class Contrastive extends Loss {
  private static final LabelRange SHARES = new LabelRange(0);

  private final Distance distance;
  private final double margin;

  Contrastive(LossArguments arguments) {
    this("ContrastiveLoss", arguments);
  }

  Contrastive(String reference, LossArguments arguments) {
    super(EncoderKind.DENSE, reference);
    distance = arguments.distance == null ? Distance.COSINE : arguments.distance;
    margin = LossArguments.or(arguments.margin, 0.5);
  }

  @Override
  Set<String> settings() {
    return Set.of(LossArguments.DISTANCE, LossArguments.MARGIN);
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    String metric = distance == Distance.COSINE ? "COSINE_DISTANCE" : distance.name();
    parameters.put("distance_metric", "SiameseDistanceMetric." + metric);
    parameters.put("margin", margin);
    return parameters;
  }

  @Override
  public RowShape shape() {
    return new RowShape(2, 2, RowShape.Labels.EACH);
  }

  @Override
  public void check(List<TrainingRow> rows) {
    SHARES.check("Contrastive", rows);
  }

  @Override
  List<String> fragments() {
    return List.of("distance-" + distance, "contrastive");
  }

  /** PyTorch's pairwise distance adds that to every difference, as the reference's does. */
  @Override
  Map<String, ?> constants() {
    return Map.of("margin", margin, "epsilon", "1e-06");
  }
}

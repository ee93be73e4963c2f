package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.TrainingRow;

/** The mean squared error of cosines against labels. */
final class CosineSimilarity extends Loss {
  private static final LabelRange COSINES = new LabelRange(-1);

  CosineSimilarity(LossArguments arguments) {
    super(EncoderKind.DENSE, "CosineSimilarityLoss");
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("loss_fct", "torch.nn.modules.loss.MSELoss");
  }

  @Override
  public RowShape shape() {
    return RowShape.SCORED_PAIR;
  }

  @Override
  public void check(List<TrainingRow> rows) {
    COSINES.check("CosineSimilarity", rows);
  }

  @Override
  List<String> fragments() {
    return List.of("cosine-similarity");
  }
}

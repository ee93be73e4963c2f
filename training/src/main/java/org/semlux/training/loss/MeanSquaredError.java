package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;

/** The mean squared error of a pair's score against a teacher's, whatever its scale. */
final class MeanSquaredError extends Loss {
  MeanSquaredError(LossArguments arguments) {
    super(EncoderKind.CROSS, "MSELoss");
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("activation_fn", "torch.nn.modules.Identity");
  }

  @Override
  public RowShape shape() {
    return new RowShape(2, RowShape.ANY, RowShape.Labels.EACH);
  }

  @Override
  List<String> fragments() {
    return List.of("scores-of-pairs", "mse");
  }
}

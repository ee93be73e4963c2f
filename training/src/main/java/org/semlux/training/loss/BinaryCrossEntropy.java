package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.training.data.TrainingRow;

/** Binary cross-entropy of a pair's score against its label. */
final class BinaryCrossEntropy extends Loss {
  private static final LabelRange PROBABILITIES = new LabelRange(0);

  BinaryCrossEntropy(LossArguments arguments) {
    super(EncoderKind.CROSS, "BinaryCrossEntropyLoss");
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("activation_fn", "torch.nn.modules.Identity");
  }

  @Override
  public RowShape shape() {
    return RowShape.SCORED_PAIR;
  }

  @Override
  public void check(List<TrainingRow> rows) {
    PROBABILITIES.check("BinaryCrossEntropy", rows);
  }

  @Override
  List<String> fragments() {
    return List.of("scores-of-pairs", "binary-cross-entropy");
  }
}

package org.semlux.training.loss;

import java.util.List;
import java.util.Map;
import org.semlux.encoders.api.EncoderKind;

/**
 * Cross-entropy of the softmax over a list's scores against that over its labels (Cao et al. 2007,
 * https://doi.org/10.1145/1273496.1273513).
 */
final class ListNet extends Loss {
  ListNet(LossArguments arguments) {
    super(EncoderKind.CROSS, "ListNetLoss");
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("activation_fn", "torch.nn.modules.linear.Identity");
  }

  @Override
  public RowShape shape() {
    return new RowShape(2, RowShape.ANY, RowShape.Labels.EACH);
  }

  @Override
  List<String> fragments() {
    return List.of("scores-of-pairs", "list-net");
  }
}

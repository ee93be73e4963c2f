package org.semlux.training.loss;

import java.util.List;
import org.semlux.training.data.TrainingRow;

/**
 * {@link Contrastive} of a batch's hard pairs alone: positives that are farther apart than its
 * nearest negative, and negatives nearer than its farthest positive.
 */
final class OnlineContrastive extends Contrastive {
  OnlineContrastive(LossArguments arguments) {
    super("OnlineContrastiveLoss", arguments);
  }

  /** The reference leaves pairs of other labels out; here they are refused. */
  @Override
  public void check(List<TrainingRow> rows) {
    for (int i = 0; i < rows.size(); i++) {
      double label = rows.get(i).labels().get(0);
      if (label != 0 && label != 1) {
        throw new IllegalArgumentException(
            "the label %s of pair %s [%s] is neither 0 nor 1, as OnlineContrastive needs it"
                .formatted(label, i + 1, rows.get(i).texts().get(0)));
      }
    }
  }

  @Override
  List<String> fragments() {
    return List.of(super.fragments().get(0), "online-contrastive");
  }
}

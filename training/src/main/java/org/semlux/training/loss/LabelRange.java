package org.semlux.training.loss;

import java.util.List;
import org.semlux.training.data.TrainingRow;

/** Labels that a loss can come near: from 0 to 1 for a probability, from -1 for a cosine. */
record LabelRange(int lowest) {
  void check(String name, List<TrainingRow> rows) {
    for (int i = 0; i < rows.size(); i++) {
      for (double label : rows.get(i).labels()) {
        if (label < lowest || label > 1) {
          throw new IllegalArgumentException(
              "the label %s of pair %s [%s] is not from %s to 1, as %s needs it: bring the scores into that range, or take a loss that ranks"
                  .formatted(label, i + 1, rows.get(i).texts().get(0), lowest, name));
        }
      }
    }
  }
}

package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.TrainingRows;

/**
 * Data that a run learns from.
 *
 * @param name of the data set
 * @param rows with labels as training sees them
 * @param scale what their labels were divided by
 */
public record TrainingFile(String name, Path file, TrainingRows rows, ScoreScale scale) {
  public String sha256() throws IOException {
    return Sha256.of(file);
  }
}

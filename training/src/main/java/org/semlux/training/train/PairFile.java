package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;

/**
 * A data set of a training run.
 *
 * @param name what its metrics are called by
 * @param pairs with scores as training sees them
 * @param scale what their scores were divided by
 */
public record PairFile(String name, Path file, List<ScoredPair> pairs, ScoreScale scale) {
  public String sha256() throws IOException {
    return Sha256.of(file);
  }
}

package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.TrainingRows;

/**
 * A data set that a run is judged by.
 *
 * @param name what its metrics are called by
 * @param columns what it calls the sentences and their scores
 * @param pairs with scores as they stand there, since a correlation needs no scale
 */
public record PairFile(String name, Path file, PairColumns columns, List<ScoredPair> pairs) {
  public String sha256() throws IOException {
    return Sha256.of(file);
  }

  /** The pairs as rows. */
  TrainingRows rows() {
    return TrainingRows.of(columns, pairs);
  }
}

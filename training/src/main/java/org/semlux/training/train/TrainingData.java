package org.semlux.training.train;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.semlux.training.loss.Loss;

/**
 * What a run learns, and what it is judged by.
 *
 * @param loss that the files' rows are shaped for
 * @param lossName as {@link org.semlux.training.loss.Losses} knows it
 * @param files that are learnt from; never empty
 * @param dev what the best checkpoint is chosen by
 * @param test what base and result are judged by
 */
public record TrainingData(
    Loss loss,
    String lossName,
    List<TrainingFile> files,
    Optional<PairFile> dev,
    Optional<PairFile> test) {
  public TrainingData {
    files = List.copyOf(files);
  }

  /** What the result is judged by: dev, then test, those that there are. */
  public List<PairFile> judging() {
    return Stream.of(dev, test).flatMap(Optional::stream).toList();
  }
}

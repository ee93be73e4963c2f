package org.semlux.training.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * Batches of several files, each of one file: as many of each as it has, in random order, or one of
 * each in turn until the first has no more.
 */
record SeveralFiles(List<BatchSampler> files, TrainingArguments arguments) implements BatchSampler {
  private boolean inTurn() {
    return arguments.multiDatasetBatchSampler == TrainingArguments.SeveralDatasets.ROUND_ROBIN;
  }

  @Override
  public int count() {
    return inTurn()
        ? files.size() * files.stream().mapToInt(BatchSampler::count).min().orElseThrow()
        : files.stream().mapToInt(BatchSampler::count).sum();
  }

  @Override
  public List<List<Integer>> batches(long epoch) {
    List<Integer> turns = new ArrayList<>();
    if (inTurn()) {
      for (int turn = 0; turn < count(); turn++) {
        turns.add(turn % files.size());
      }
    } else {
      for (int file = 0; file < files.size(); file++) {
        turns.addAll(Collections.nCopies(files.get(file).count(), file));
      }
      if (!arguments.noShuffle) {
        Collections.shuffle(turns, BatchSampler.random(arguments, ~epoch));
      }
    }
    List<Iterator<List<Integer>>> own =
        files.stream().map(file -> file.batches(epoch).iterator()).toList();
    return turns.stream().map(file -> own.get(file).next()).toList();
  }
}

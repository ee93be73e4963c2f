package org.semlux.training.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.loss.Loss;
import org.semlux.training.train.TrainingFile;

/**
 * The files that a run learns from, read as its loss takes them: as scored pairs, which may lack a
 * header and whose scores may be rescaled, or as columns of texts and labels.
 *
 * @param name of the loss
 */
record TrainingData(
    PairDataOptions options, List<Path> files, Loss loss, String name, Notices notices) {
  /** Who is told what was left out or changed. */
  interface Notices {
    void say(String format, Object... values);
  }

  List<TrainingFile> read() throws IOException {
    return loss.shape().isScoredPair() ? pairs() : rows();
  }

  /** Any score above 1 rescales all files, so that a label means the same everywhere. */
  private List<TrainingFile> pairs() throws IOException {
    List<List<ScoredPair>> read = new ArrayList<>();
    List<ScoredPair> all = new ArrayList<>();
    for (Path file : files) {
      read.add(options.read(file, Optional.of(Split.TRAIN)));
      all.addAll(read.get(read.size() - 1));
    }
    ScoreScale scale = ScoreScale.of(all, options.scoreScale);
    if (scale.divisor() != 1) {
      notices.say(
          "All scores are divided by %s, since %s holds some above 1%n",
          scale.divisor(), above1(read));
    }
    List<TrainingFile> training = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      TrainingRows rows = TrainingRows.of(options.columns(), scale.apply(read.get(i)));
      loss.check(rows.rows());
      training.add(new TrainingFile(title(i), files.get(i), rows, scale));
    }
    return training;
  }

  private Path above1(List<List<ScoredPair>> read) {
    for (int i = 0; i < files.size(); i++) {
      if (read.get(i).stream().anyMatch(pair -> pair.score() > 1)) {
        return files.get(i);
      }
    }
    return files.get(0);
  }

  private List<TrainingFile> rows() throws IOException {
    List<TrainingFile> training = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      TrainingRows rows =
          TrainingRows.read(file, Split.TRAIN, notice -> notices.say("%s%n", notice));
      if (rows.label().isPresent() && loss.shape().isUnlabelled()) {
        notices.say(
            "%s: the labels of [%s] are left out, since %s takes none%n",
            file, rows.label().get(), name);
        rows = rows.unlabelled();
      }
      try {
        loss.shape().check(name, rows.rows());
        loss.check(rows.rows());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
      }
      training.add(new TrainingFile(title(i), file, rows, new ScoreScale(1)));
    }
    return training;
  }

  /** One file is the training data, of several each has its own name. */
  private String title(int place) {
    return files.size() == 1
        ? "train"
        : files.get(place).getFileName().toString().replaceFirst("\\..*", "");
  }
}

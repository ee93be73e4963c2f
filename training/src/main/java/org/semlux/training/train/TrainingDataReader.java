package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairReader;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.loss.Loss;

/**
 * Reads files as a loss takes them: as scored pairs, which may lack a header and whose scores may
 * be rescaled, or as columns of texts and labels.
 *
 * @param lossName as {@link org.semlux.training.loss.Losses} knows it
 * @param pairs reads what is learnt from where it is pairs, and always what is judged by
 * @param scoreScale what all scores are divided by if one that is learnt from exceeds 1
 * @param err is told what was left out or changed
 */
public record TrainingDataReader(
    Loss loss, String lossName, ScoredPairReader pairs, double scoreScale, PrintWriter err) {
  /**
   * Reads all files.
   *
   * @param train one or more
   * @throws IOException when a file cannot be read; a bad row is named
   * @throws IllegalArgumentException when rows are not what the loss takes
   */
  public TrainingData read(List<Path> train, Optional<Path> dev, Optional<Path> test)
      throws IOException {
    List<TrainingFile> files = loss.shape().isScoredPair() ? pairs(train) : rows(train);
    ScoreScale scale = files.get(0).scale();
    Optional<PairFile> devPairs = Optional.empty();
    if (dev.isPresent()) {
      devPairs = Optional.of(judged(name(dev.get()), dev.get(), Split.DEV, scale));
    }
    Optional<PairFile> testPairs = Optional.empty();
    if (test.isPresent()) {
      // Metrics, and the files that hold them, are called by it; those of dev stay what they are
      // called when a run goes on with another --test.
      String name = name(test.get());
      boolean taken = dev.isPresent() && name(dev.get()).equals(name);
      testPairs =
          Optional.of(
              judged(taken ? name + "-" + Split.TEST : name, test.get(), Split.TEST, scale));
    }
    return new TrainingData(loss, lossName, files, devPairs, testPairs, pairs.columns());
  }

  private PairFile judged(String name, Path file, Split split, ScoreScale scale)
      throws IOException {
    List<ScoredPair> read = scale.apply(pairs.read(file, Optional.of(split)));
    if (read.size() < 2) {
      throw new IOException(file + " holds " + read.size() + " pairs: no correlation exists");
    }
    return new PairFile(name, file, read, scale);
  }

  /** Any score above 1 rescales all files, so that a label means the same everywhere. */
  private List<TrainingFile> pairs(List<Path> files) throws IOException {
    List<List<ScoredPair>> read = new ArrayList<>();
    List<ScoredPair> all = new ArrayList<>();
    for (Path file : files) {
      read.add(pairs.read(file, Optional.of(Split.TRAIN)));
      all.addAll(read.get(read.size() - 1));
    }
    ScoreScale scale = ScoreScale.of(all, scoreScale);
    if (scale.divisor() != 1) {
      say(
          "All scores are divided by %s, since %s holds some above 1",
          scale.divisor(), above1(files, read));
    }
    List<TrainingFile> training = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      TrainingRows rows = TrainingRows.of(pairs.columns(), scale.apply(read.get(i)));
      loss.check(rows.rows());
      training.add(new TrainingFile(title(files, i), files.get(i), rows, scale));
    }
    return training;
  }

  private static Path above1(List<Path> files, List<List<ScoredPair>> read) {
    for (int i = 0; i < files.size(); i++) {
      if (read.get(i).stream().anyMatch(pair -> pair.score() > 1)) {
        return files.get(i);
      }
    }
    return files.get(0);
  }

  private List<TrainingFile> rows(List<Path> files) throws IOException {
    List<TrainingFile> training = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      TrainingRows rows = TrainingRows.read(file, Split.TRAIN, notice -> say("%s", notice));
      if (rows.label().isPresent() && loss.shape().isUnlabelled()) {
        say(
            "%s: the labels of [%s] are left out, since %s takes none",
            file, rows.label().get(), lossName);
        rows = rows.unlabelled();
      }
      try {
        loss.shape().check(lossName, rows.rows());
        loss.check(rows.rows());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
      }
      training.add(new TrainingFile(title(files, i), file, rows, new ScoreScale(1)));
    }
    return training;
  }

  /** One file is the training data, of several each has its own name. */
  private static String title(List<Path> files, int place) {
    return files.size() == 1 ? "train" : name(files.get(place));
  }

  private static String name(Path file) {
    return file.getFileName().toString().replaceFirst("\\..*", "");
  }

  private void say(String format, Object... values) {
    err.printf(Locale.ROOT, format + "%n", values);
    err.flush();
  }
}

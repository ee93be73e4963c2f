package org.semlux.training.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.training.data.DataFile;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;
import org.semlux.training.data.ScoredPairReader;
import org.semlux.training.data.ScoredPairs;
import org.semlux.training.data.Split;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;
import org.semlux.training.loss.Loss;

/**
 * Reads files as a loss takes them: as scored pairs, which may lack a header and whose scores are
 * rescaled unless they only rank, or as columns of texts and labels.
 *
 * @param lossName as {@link org.semlux.training.loss.Losses} knows it
 * @param pairs reads what is learnt from where it is pairs, and always what is judged by
 * @param scoreScale what all scores that are learnt from are divided by if one exceeds 1; empty:
 *     those of a file where one does by {@link ScoreScale#DEFAULT}
 * @param err is told what was left out or changed
 */
public record TrainingDataReader(
    Loss loss,
    String lossName,
    ScoredPairReader pairs,
    OptionalDouble scoreScale,
    PrintWriter err) {
  private static final ScoreScale NONE = new ScoreScale(1);

  /**
   * Reads all files.
   *
   * @param train one or more
   * @throws IOException when a file cannot be read; a bad row is named
   * @throws IllegalArgumentException when rows are not what the loss takes
   */
  public TrainingData read(List<Path> train, Optional<Path> dev, Optional<Path> test)
      throws IOException {
    for (Path file :
        Stream.of(train.stream(), dev.stream(), test.stream()).flatMap(all -> all).toList()) {
      DataFile.requireLasting(file); // the model's card has its hash
    }
    List<TrainingFile> files = loss.shape().isScoredPair() ? pairs(train) : rows(train);
    Optional<PairFile> devPairs = Optional.empty();
    if (dev.isPresent()) {
      devPairs = Optional.of(judged(name(dev.get()), dev.get(), Split.DEV));
    }
    Optional<PairFile> testPairs = Optional.empty();
    if (test.isPresent()) {
      // Metrics, and the files that hold them, are called by it; those of dev stay what they are
      // called when a run goes on with another --test.
      String name = name(test.get());
      boolean taken = dev.isPresent() && name(dev.get()).equals(name);
      testPairs =
          Optional.of(judged(taken ? name + "-" + Split.TEST : name, test.get(), Split.TEST));
    }
    TrainingData data = new TrainingData(loss, lossName, files, devPairs, testPairs);
    data.judging().forEach(judged -> tellLearnt(files, judged));
    return data;
  }

  /** How a model judges what it has learnt by heart says nothing of other pairs. */
  private void tellLearnt(List<TrainingFile> files, PairFile judged) {
    Set<Set<String>> asked = new HashSet<>();
    judged.pairs().forEach(pair -> asked.add(texts(pair.sentence1(), pair.sentence2())));
    Set<Set<String>> learnt = new HashSet<>();
    for (TrainingFile file : files) {
      for (TrainingRow row : file.rows().rows()) {
        for (String other : row.texts().subList(1, row.texts().size())) {
          Set<String> pair = texts(row.texts().get(0), other);
          if (asked.contains(pair)) {
            learnt.add(pair);
          }
        }
      }
    }
    long count =
        judged.pairs().stream()
            .filter(pair -> learnt.contains(texts(pair.sentence1(), pair.sentence2())))
            .count();
    if (count > 0) {
      say(
          "%s: %,d of %,d pairs are learnt from too, so what is judged by them promises little of others",
          judged.file(), count, judged.pairs().size());
    }
  }

  /** Of a pair, in any order. */
  private static Set<String> texts(String one, String other) {
    return new HashSet<>(List.of(one, other)); // they may be equal
  }

  private PairFile judged(String name, Path file, Split split) throws IOException {
    ScoredPairs.Found read = pairs.read(file, Optional.of(split));
    int count = read.pairs().size();
    if (count < 2) {
      throw new IOException(file + " holds " + count + " pairs: no correlation exists");
    }
    return new PairFile(name, file, read.columns(), read.pairs());
  }

  private List<TrainingFile> pairs(List<Path> files) throws IOException {
    List<ScoredPairs.Found> read = new ArrayList<>();
    for (Path file : files) {
      read.add(pairs.read(file, Optional.of(Split.TRAIN)));
    }
    List<ScoreScale> scales = scales(files, read);
    List<TrainingFile> training = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      ScoredPairs.Found found = read.get(i);
      ScoreScale scale = scales.get(i);
      List<ScoredPair> scaled = loss.ranks() ? found.pairs() : scale.apply(found.pairs());
      TrainingRows rows = TrainingRows.of(found.columns(), scaled);
      loss.check(rows.rows());
      training.add(new TrainingFile(title(files, i), files.get(i), rows, scale));
    }
    return training;
  }

  /**
   * Each file's. A scale that is given is of all of them, so that one without a high score is read
   * as the others are.
   */
  private List<ScoreScale> scales(List<Path> files, List<ScoredPairs.Found> read) {
    List<Path> high = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (read.get(i).pairs().stream().anyMatch(pair -> pair.score() > 1)) {
        high.add(files.get(i));
      }
    }
    if (loss.ranks() || high.isEmpty()) {
      return Collections.nCopies(files.size(), NONE);
    }
    ScoreScale scale = new ScoreScale(scoreScale.orElse(ScoreScale.DEFAULT));
    if (scoreScale.isPresent() || high.size() == files.size()) {
      say(
          "All scores are divided by %s, since %s holds some above 1",
          scale.divisor(), high.get(0));
      return Collections.nCopies(files.size(), scale);
    }
    say(
        "The scores of %s are divided by %s, since some are above 1; those of the other files, which"
            + " are not, stay as they are: --score-scale divides all",
        high, scale.divisor());
    return files.stream().map(file -> high.contains(file) ? scale : NONE).toList();
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
      training.add(new TrainingFile(title(files, i), file, rows, NONE));
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

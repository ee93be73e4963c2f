package org.semlux.training.card;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.data.PairColumns;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.ScoredPair;

/**
 * What a data set holds, for people to see whether it is the one they mean.
 *
 * @param name of the data set, such as {@code sts-dev}
 * @param file its file name, without folders
 * @param rows pairs
 * @param sha256 of the file's bytes as it lies there, compressed or not
 * @param columns the two texts and the score
 * @param scoreDivisor what the file's scores were divided by; 1 for nothing
 * @param samples the first pairs whose sentences are all different, at most {@value #SAMPLES}
 */
public record DatasetSummary(
    String name,
    String file,
    long rows,
    String sha256,
    List<Column> columns,
    double scoreDivisor,
    List<ScoredPair> samples) {
  private static final int SAMPLES = 3;

  /**
   * A column's values, or for texts their lengths, over all rows.
   *
   * @param unit what lengths are counted in, such as {@code tokens}; empty for a score
   */
  public record Column(String name, String unit, double min, double mean, double max) {
    /** Whether it holds texts. */
    public boolean isText() {
      return !unit.isEmpty();
    }
  }

  public DatasetSummary {
    columns = List.copyOf(columns);
    samples = List.copyOf(samples);
  }

  /**
   * Describes the pairs of a file.
   *
   * @param name of the data set
   * @param pairs all of them, with the scores that training sees; never empty
   * @param scale what those were made with
   * @param tokenize a text's tokens, special ones counted as the model does
   * @throws IOException when the file cannot be read
   */
  public static DatasetSummary of(
      String name,
      Path file,
      PairColumns columns,
      List<ScoredPair> pairs,
      ScoreScale scale,
      Function<String, ? extends List<?>> tokenize)
      throws IOException {
    return new DatasetSummary(
        name,
        file.getFileName().toString(),
        pairs.size(),
        Sha256.of(file),
        List.of(
            column(
                columns.sentence1(),
                "tokens",
                pairs,
                pair -> tokenize.apply(pair.sentence1()).size()),
            column(
                columns.sentence2(),
                "tokens",
                pairs,
                pair -> tokenize.apply(pair.sentence2()).size()),
            column(columns.score(), "", pairs, ScoredPair::score)),
        scale.divisor(),
        samples(pairs));
  }

  private static List<ScoredPair> samples(List<ScoredPair> pairs) {
    Set<String> seen = new HashSet<>();
    List<ScoredPair> samples = new ArrayList<>();
    for (int i = 0; i < pairs.size() && samples.size() < SAMPLES; i++) {
      ScoredPair pair = pairs.get(i);
      Set<String> sentences = new HashSet<>(List.of(pair.sentence1()));
      sentences.add(pair.sentence2());
      if (Collections.disjoint(seen, sentences)) {
        seen.addAll(sentences);
        samples.add(pair);
      }
    }
    return samples;
  }

  private static Column column(
      String name, String unit, List<ScoredPair> pairs, ToDoubleFunction<ScoredPair> value) {
    var statistics = pairs.stream().mapToDouble(value).summaryStatistics();
    return new Column(
        name, unit, statistics.getMin(), statistics.getAverage(), statistics.getMax());
  }
}

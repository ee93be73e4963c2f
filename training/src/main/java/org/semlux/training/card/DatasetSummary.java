package org.semlux.training.card;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.semlux.encoders.folder.Sha256;
import org.semlux.training.data.ScoreScale;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.data.TrainingRows;

/**
 * What a data set holds, for people to see whether it is the one they mean.
 *
 * @param name of the data set, such as {@code sts-dev}
 * @param file its file name, without folders
 * @param rows how many
 * @param sha256 of the file's bytes as it lies there, compressed or not
 * @param columns of texts, and the labels where there are some
 * @param scoreDivisor what the file's scores were divided by; 1 for nothing
 * @param samples the first rows whose texts are all different, at most {@value #SAMPLES}
 */
public record DatasetSummary(
    String name,
    String file,
    long rows,
    String sha256,
    List<Column> columns,
    double scoreDivisor,
    List<TrainingRow> samples) {
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
   * Describes the rows of a file.
   *
   * @param name of the data set
   * @param rows all of them, with the labels that training sees; never empty
   * @param scale what those were made with
   * @param tokenize a text's tokens, special ones counted as the model does
   * @throws IOException when the file cannot be read
   */
  public static DatasetSummary of(
      String name,
      Path file,
      TrainingRows rows,
      ScoreScale scale,
      Function<String, ? extends List<?>> tokenize)
      throws IOException {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < rows.columns().size(); i++) {
      int place = i;
      boolean last = i == rows.columns().size() - 1;
      columns.add(
          column(
              rows.columns().get(i),
              "tokens",
              rows.rows().stream()
                  .flatMap(row -> texts(row, place, last).stream())
                  .mapToDouble(text -> tokenize.apply(text).size())));
    }
    if (rows.label().isPresent()) {
      columns.add(
          column(
              rows.label().get(),
              "",
              rows.rows().stream()
                  .flatMap(row -> row.labels().stream())
                  .mapToDouble(Double::doubleValue)));
    }
    return new DatasetSummary(
        name,
        file.getFileName().toString(),
        rows.rows().size(),
        Sha256.of(file),
        columns,
        scale.divisor(),
        samples(rows.rows()));
  }

  /** A column's texts; the last one may hold a list. */
  static List<String> texts(TrainingRow row, int place, boolean last) {
    return row.texts().subList(place, last ? row.texts().size() : place + 1);
  }

  private static List<TrainingRow> samples(List<TrainingRow> rows) {
    Set<String> seen = new HashSet<>();
    List<TrainingRow> samples = new ArrayList<>();
    for (int i = 0; i < rows.size() && samples.size() < SAMPLES; i++) {
      if (Collections.disjoint(seen, rows.get(i).texts())) {
        seen.addAll(rows.get(i).texts());
        samples.add(rows.get(i));
      }
    }
    return samples;
  }

  private static Column column(String name, String unit, DoubleStream values) {
    var statistics = values.summaryStatistics();
    return new Column(
        name, unit, statistics.getMin(), statistics.getAverage(), statistics.getMax());
  }
}

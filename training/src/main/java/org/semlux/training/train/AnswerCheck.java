package org.semlux.training.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.semlux.encoders.CrossEncoder;
import org.semlux.encoders.Encoder;
import org.semlux.encoders.TextEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.ModelException;
import org.semlux.encoders.api.Precision;
import org.semlux.encoders.load.EncoderOptions;
import org.semlux.training.data.TrainingRow;

/**
 * Whether a model that was trained can be used: finite weights may well answer with NaN.
 *
 * @param rows that are learnt from, which it must have answers for
 * @param precision that it is asked in
 */
record AnswerCheck(List<TrainingRow> rows, Precision precision) {
  /** Of all files together. */
  private static final int ROWS = 8;

  /** Texts of a row at most, which may have hundreds. */
  private static final int TEXTS = 8;

  /** Some rows, as many of each file, from all over it. */
  static AnswerCheck of(List<TrainingFile> files, Precision precision) {
    List<TrainingRow> some = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      int share = ROWS * (i + 1) / files.size() - ROWS * i / files.size();
      some.addAll(some(files.get(i).rows().rows(), share));
    }
    return new AnswerCheck(some, precision);
  }

  private static List<TrainingRow> some(List<TrainingRow> rows, int share) {
    int count = Math.min(share, rows.size());
    return IntStream.range(0, count)
        .mapToObj(i -> rows.get((int) ((long) i * (rows.size() - 1) / Math.max(1, count - 1))))
        .toList();
  }

  /**
   * Loads a model and asks it.
   *
   * @throws ModelException when it cannot be loaded, or answers with other than finite numbers
   */
  void require(Path model) throws IOException {
    try (Encoder encoder =
        Encoder.load(model, EncoderOptions.defaults().withPrecision(precision))) {
      for (TrainingRow row : rows) {
        List<String> first = row.texts().subList(0, 1);
        List<String> others = row.texts().subList(1, Math.min(TEXTS, row.texts().size()));
        switch (encoder) {
          case CrossEncoder cross -> {
            var unused = cross.score(first.get(0), others);
          }
          case TextEncoder<?> texts -> {
            var unused = texts.encode(first, InputType.QUERY);
            unused = texts.encode(others, InputType.DOCUMENT);
          }
        }
      }
    }
  }
}

package org.semlux.training.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.semlux.encoders.folder.Sha256;

/**
 * Reads rows to learn from, by the rules of sentence-transformers: a column called label or score,
 * in the singular or the plural, holds labels, every other column holds texts, and their order
 * alone says what they are: (anchor, positive), (anchor, positive, negative, ...), (sentence,
 * sentence), or a query and a list of documents.
 *
 * <p>The name says the format: {@code .parquet}; {@code .jsonl} or {@code .json} holds an object a
 * line, whose first row's keys are the columns; {@code .tsv} is separated by tabs, everything else
 * by commas, both with a header, in which a number stands only beside usual names: two texts and a
 * number before any header, and the layout that the STS benchmark is published in, are read as
 * {@link ScoredPairs} reads them. {@code .gz} may follow these. Lists need JSON or Parquet. A
 * column {@code split} tells rows for training, choosing and judging apart.
 *
 * {@snippet lang=java :
 * TrainingRows rows =
 *     TrainingRows.read(Path.of("triplets.jsonl"), Split.TRAIN, System.err::println);
 * rows.columns(); // such as [anchor, positive, negative]
 * rows.rows().get(0).texts(); // one text a column
 * }
 *
 * @param columns of texts, in order
 * @param label the column of labels; empty where there is none
 * @param lists whether the second column holds lists, of one text too
 * @param rows never empty
 */
public record TrainingRows(
    List<String> columns, Optional<String> label, boolean lists, List<TrainingRow> rows) {
  public TrainingRows {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** Scored pairs, in the order of their columns. */
  public static TrainingRows of(PairColumns columns, List<ScoredPair> pairs) {
    return new TrainingRows(
        List.of(columns.sentence1(), columns.sentence2()),
        Optional.of(columns.score()),
        false,
        pairs.stream().map(TrainingRow::of).toList());
  }

  /** SHA-256 of all texts and labels, however the file that holds them is read. */
  public String sha256() {
    MessageDigest digest = Sha256.newDigest();
    for (TrainingRow row : rows) {
      row.texts().forEach(text -> Sha256.update(digest, text));
      ByteBuffer labels = ByteBuffer.allocate(Double.BYTES * row.labels().size() + Integer.BYTES);
      row.labels().forEach(labels::putDouble);
      digest.update(labels.putInt(-row.labels().size()).array()); // no text has such a length
    }
    return Sha256.hex(digest);
  }

  /** The same without labels. */
  public TrainingRows unlabelled() {
    return new TrainingRows(
        columns,
        Optional.empty(),
        lists,
        rows.stream().map(row -> new TrainingRow(row.texts(), List.of())).toList());
  }

  /**
   * All rows of a file, in order.
   *
   * @param split those that are meant where a column tells them apart
   * @param notices is told when rows of other splits were left out, texts are empty, look like ids
   *     or numbers or stand elsewhere than their names say, or it is not clear whether the first
   *     row is a header
   * @throws IOException when the file cannot be read or holds no such row, or columns stand in
   *     another order than their names say; a bad row is named by file, line and reason
   */
  public static TrainingRows read(Path file, Split split, Consumer<String> notices)
      throws IOException {
    return new TrainingRowReader(file, split, notices).read();
  }
}

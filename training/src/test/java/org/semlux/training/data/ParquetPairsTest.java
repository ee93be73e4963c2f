package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blue.strategic.parquet.Dehydrator;
import blue.strategic.parquet.ParquetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetPairsTest {
  /** As data sets on hubs have them, a column more than is asked for. */
  private static final MessageType SCHEMA =
      new MessageType(
          "pairs",
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named("sentence1"),
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named("sentence2"),
          Types.optional(PrimitiveTypeName.DOUBLE).named("score"),
          Types.optional(PrimitiveTypeName.INT64).named("split"));

  private record Row(String first, String second, Double score) {}

  @TempDir Path folder;

  private Path write(Row... rows) throws IOException {
    Path file = folder.resolve("pairs.parquet");
    Dehydrator<Row> cells =
        (row, writer) -> {
          writer.write("sentence1", row.first);
          if (row.second != null) {
            writer.write("sentence2", row.second);
          }
          writer.write("score", row.score);
          writer.write("split", 1L);
        };
    try (ParquetWriter<Row> writer = ParquetWriter.writeFile(SCHEMA, file.toFile(), cells)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
    return file;
  }

  @Test
  void columnsByName() throws IOException {
    Path file = write(new Row("A plane.", "Ein Flugzeug, „groß“.", 4.5), new Row("a", "b", 0.0));
    assertThat(ScoredPairs.read(file, PairColumns.DEFAULT))
        .containsExactly(
            new ScoredPair("A plane.", "Ein Flugzeug, „groß“.", 4.5), new ScoredPair("a", "b", 0));
  }

  @Test
  void badRowsAreNamedOrLeftOut() throws IOException {
    Path file = write(new Row("a", "b", 1.0), new Row("c", null, 1.0));
    assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
        .hasMessage(file + ": row 2: [sentence2] is null");
    List<String> skipped = new ArrayList<>();
    assertThat(
            ScoredPairs.read(
                    file,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(skipped::add),
                    notice -> {})
                .pairs())
        .hasSize(1);
    assertThat(skipped).containsExactly(file + ": row 2: [sentence2] is null");
  }

  @Test
  void missingColumn() throws IOException {
    Path file = write(new Row("a", "b", 1.0));
    assertThatThrownBy(
            () -> ScoredPairs.read(file, new PairColumns("sentence1", "sentence2", "label")))
        .hasMessageContaining("no columns [sentence1, sentence2, label]")
        .hasMessageContaining("found [sentence1, sentence2, score, split]");
  }

  @Test
  void noParquet() throws IOException {
    Path file = Files.writeString(folder.resolve("a.parquet"), "PAR1 and no more");
    assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.parquet] is damaged or no Parquet file");
  }
}

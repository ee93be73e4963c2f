package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blue.strategic.parquet.Dehydrator;
import blue.strategic.parquet.ParquetWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of every shape out of Parquet, by the same rules as out of JSON lines. */
class ParquetRowsTest {
  @TempDir Path folder;

  /** Columns of texts, then one of labels where it has a name. */
  private Path write(List<String> texts, String label, Object[]... rows) throws IOException {
    List<PrimitiveType> types = new ArrayList<>();
    for (String text : texts) {
      types.add(
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(text));
    }
    if (!label.isEmpty()) {
      types.add(Types.optional(PrimitiveTypeName.DOUBLE).named(label));
    }
    MessageType schema = new MessageType("rows", types.toArray(PrimitiveType[]::new));
    Path file = folder.resolve("rows.parquet");
    Dehydrator<Object[]> cells =
        (row, writer) -> {
          for (int i = 0; i < row.length; i++) {
            if (row[i] != null) {
              writer.write(schema.getFieldName(i), row[i]);
            }
          }
        };
    try (ParquetWriter<Object[]> writer = ParquetWriter.writeFile(schema, file.toFile(), cells)) {
      for (Object[] row : rows) {
        writer.write(row);
      }
    }
    return file;
  }

  private static TrainingRows read(Path file) throws IOException {
    return TrainingRows.read(file, Split.TRAIN, notice -> {});
  }

  @Test
  void tripletsAndLabelledPairs() throws IOException {
    TrainingRows triplets =
        read(
            write(
                List.of("anchor", "positive", "negative"),
                "",
                new Object[] {"q", "größer", "n"},
                new Object[] {"r", "p", "m"}));
    assertThat(triplets.columns()).containsExactly("anchor", "positive", "negative");
    assertThat(triplets.label()).isEmpty();
    assertThat(triplets.rows().get(0).texts()).containsExactly("q", "größer", "n");

    TrainingRows pairs =
        read(write(List.of("one", "other"), "label", new Object[] {"a", "b", 0.25}));
    assertThat(pairs.label()).isEqualTo(Optional.of("label"));
    assertThat(pairs.rows()).containsExactly(new TrainingRow(List.of("a", "b"), List.of(0.25)));
  }

  /** Spark and others write texts so, and pandas its index. */
  @Test
  void bytesAreTextsAndTheIndexIsNone() throws IOException {
    Path file = writeBytes("größer".getBytes(UTF_8));

    assertThat(read(file).rows())
        .containsExactly(new TrainingRow(List.of("a", "größer"), List.of()));
    Path bytes = writeBytes((byte) 0xff, (byte) 1);
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "["
                + bytes
                + "]: the column [positive] holds bytes that are no UTF-8 text: leave it out, or write texts there");
  }

  /** Such as an image beside the texts. */
  @Test
  void bytesThatNobodyAsksForAreIgnored() throws IOException {
    MessageType type =
        MessageTypeParser.parseMessageType(
            "message m { required binary sentence1; required binary sentence2;"
                + " required double score; required binary image; }");
    Path file = folder.resolve("image.parquet");
    try (org.apache.parquet.hadoop.ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file)).withType(type).build()) {
      Group row = new SimpleGroup(type);
      row.add(0, "a");
      row.add(1, "b");
      row.add(2, 1.0);
      row.add(3, Binary.fromConstantByteArray(new byte[] {(byte) 0xff, 1}));
      writer.write(row);
    }
    assertThat(ScoredPairs.read(file, PairColumns.DEFAULT))
        .containsExactly(new ScoredPair("a", "b", 1));
  }

  private Path writeBytes(byte... positive) throws IOException {
    MessageType type =
        MessageTypeParser.parseMessageType(
            "message m { required binary anchor; required binary positive; required int64"
                + " __index_level_0__; }");
    Path file = folder.resolve(positive.length + ".parquet");
    try (org.apache.parquet.hadoop.ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file)).withType(type).build()) {
      Group row = new SimpleGroup(type);
      row.add(0, "a");
      row.add(1, Binary.fromConstantByteArray(positive));
      row.add(2, 7L);
      writer.write(row);
    }
    return file;
  }

  @Test
  void aLabelIsANumber() throws IOException {
    for (Double label : new Double[] {null, Double.NaN}) {
      Path file =
          write(
              List.of("one", "other"),
              "label",
              new Object[] {"a", "b", 1.0},
              new Object[] {"a", "b", label});
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file + ": row 2: ");
    }
  }

  @Test
  void splitsAreToldApartAndMissingCellsNamed() throws IOException {
    Path split =
        write(
            List.of("anchor", "positive", "split"),
            "",
            new Object[] {"a", "b", "train"},
            new Object[] {"c", "d", "test"});
    assertThat(read(split).rows()).containsExactly(new TrainingRow(List.of("a", "b"), List.of()));
    Path missing =
        write(List.of("anchor", "positive"), "", new Object[] {"a", "b"}, new Object[] {"c", null});
    assertThatThrownBy(() -> read(missing)).hasMessageStartingWith(missing + ": row 2: ");
  }
}

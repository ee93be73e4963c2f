package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Columns of lists, as pyarrow writes them ({@code tests/reference/generate_parquet.py}) and as
 * older writers did.
 */
class ParquetListsTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    return Path.of("src/test/resources/rows", name);
  }

  private static TrainingRows read(Path file) throws IOException {
    return TrainingRows.read(file, Split.TRAIN, notice -> {});
  }

  private static TrainingRow row(List<Double> labels, String... texts) {
    return new TrainingRow(List.of(texts), labels);
  }

  /** One row of the query q and two documents, as the schema has them. */
  private Path write(String columns) throws IOException {
    MessageType type =
        MessageTypeParser.parseMessageType("message m { required binary q (STRING); " + columns);
    Path file = folder.resolve("written.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file)).withType(type).build()) {
      Group row = new SimpleGroup(type);
      row.add(0, "q");
      add(row, 1, "a");
      if (!type.getType(1).isPrimitive()) {
        add(row.getGroup(1, 0), 0, "b");
      }
      writer.write(row);
    }
    return file;
  }

  private static void add(Group parent, int field, String text) {
    Group group = parent;
    int last = field;
    while (!group.getType().getType(last).isPrimitive()) {
      group = group.addGroup(last);
      last = 0;
    }
    group.add(last, text);
  }

  @Test
  void textsAndLabelsOfEveryLength() throws IOException {
    TrainingRows rows = read(resource("lists.parquet"));

    assertThat(rows.columns()).containsExactly("query", "docs");
    assertThat(rows.label()).isEqualTo(Optional.of("labels"));
    assertThat(rows.rows())
        .containsExactly(
            row(List.of(1.0, 0.0), "q", "a", "b"),
            row(List.of(0.0, 2.0, 1.0), "größer", "c", "d", "e"),
            row(List.of(1.0), "r", "f"));
  }

  @Test
  void otherNamesAndPages() throws IOException {
    assertThat(read(resource("items.parquet")).rows())
        .containsExactly(
            row(List.of(0.5, -1.25), "q", "a", "b"), row(List.of(3.0, 0.001), "r", "c", "d"));
  }

  /** Before there were groups of an element, a list's field was the element. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "required group d (LIST) { repeated binary array (STRING); } }",
        "optional group d (LIST) { repeated binary element (STRING); } }",
        "optional group d (LIST) { repeated group bag { optional binary array_element (STRING); } } }",
        "required group d (LIST) { repeated group list { required binary element (STRING); } } }",
      })
  void olderWriters(String columns) throws IOException {
    assertThat(read(write(columns)).rows()).containsExactly(row(List.of(), "q", "a", "b"));
  }

  @Test
  void aRepeatedColumnIsAList() throws IOException {
    assertThat(read(write("repeated binary d (STRING); }")).rows())
        .containsExactly(row(List.of(), "q", "a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "required group d { repeated binary url (STRING); } }",
        "required group d (MAP) { repeated group key_value { required binary key (STRING); } } }",
        "required group d (LIST) { repeated group array { required binary url (STRING); } } }",
        "required group d (LIST) { repeated group d_tuple { required binary url (STRING); } } }",
        "required group d (LIST) { repeated group list { repeated binary element (STRING); } } }",
      })
  void whatIsNestedIsRefusedByName(String columns) throws IOException {
    Path file = write(columns);

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "[%s]: the column [d] is nested, and neither a text, a number nor a list of them: leave it out",
            file);
  }

  @ParameterizedTest
  @CsvSource({
    "empty, '[docs] is no list of texts or numbers, or an empty one'",
    "null, '[docs] is neither a text nor a number'",
    "element, '[docs] is no list of texts or numbers'",
  })
  void aListWithoutTextsIsNamedByItsRow(String gap, String reason) {
    Path file = resource("gap-" + gap + ".parquet");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ": row 2: " + reason);
  }

  /** Columns that nobody asks for may hold anything; a list is no sentence. */
  @Test
  void pairsBesideNestedColumns() throws IOException {
    Path file = resource("nested.parquet");

    assertThat(ScoredPairs.read(file, PairColumns.DEFAULT))
        .containsExactly(new ScoredPair("a", "b", 2.5));
    assertThatThrownBy(() -> ScoredPairs.read(file, new PairColumns("sentence1", "docs", "score")))
        .hasMessage(file + ": row 1: [docs] is a list");
    assertThatThrownBy(() -> ScoredPairs.read(file, new PairColumns("sentence1", "gone", "score")))
        .hasMessageEndingWith("found [sentence1, sentence2, score, source, passages, docs]");
    assertThatThrownBy(
            () -> ScoredPairs.read(file, new PairColumns("sentence1", "passages", "score")))
        .hasMessageContaining("the column [passages] is nested");
    assertThatThrownBy(() -> read(file))
        .hasMessageStartingWith("[" + file + "]: the column [source] is nested");
  }

  /** Integers by what their type says they are. */
  @ParameterizedTest
  @CsvSource({
    "decimal32, 0.5, -1.25",
    "decimal64, 0.5, -1.25",
    "decimal128, 0.5, -1.25",
    "uint32, 4294967295, 1",
    "uint64, 18446744073709551615, 1",
  })
  void integersThatMeanOtherNumbers(String column, double first, double second) throws IOException {
    PairColumns columns = new PairColumns("sentence1", "sentence2", column);

    assertThat(ScoredPairs.read(resource("logical.parquet"), columns))
        .containsExactly(new ScoredPair("a", "b", first), new ScoredPair("c", "d", second));
  }

  @Test
  void listsOfDecimals() throws IOException {
    assertThat(read(resource("decimal-lists.parquet")).rows())
        .containsExactly(row(List.of(0.5, -1.25), "q", "a", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zstd"})
  void codecs(String codec) throws IOException {
    assertThat(ScoredPairs.read(resource(codec + ".parquet"), PairColumns.DEFAULT))
        .containsExactly(new ScoredPair("a", "b", 2.5));
  }

  /** The column [page] is compressed by BROTLI. */
  @Test
  void aCodecThatIsNotReadMattersWhereItsColumnIsAskedFor() throws IOException {
    Path file = resource("codecs.parquet");

    assertThat(ScoredPairs.read(file, PairColumns.DEFAULT))
        .containsExactly(new ScoredPair("a", "b", 2.5));
    assertThatThrownBy(
            () -> ScoredPairs.read(file, new PairColumns("sentence1", "sentence2", "page")))
        .hasMessageContaining("compressed by BROTLI");
  }

  @ParameterizedTest
  @CsvSource({"brotli, BROTLI", "lz4, LZ4_RAW"})
  void aCodecThatIsNotReadIsNamed(String codec, String name) {
    Path file = resource(codec + ".parquet");

    assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "[%s] is compressed by %s, which is not read: write it with snappy, zstd, gzip or no compression",
            file, name);
  }
}

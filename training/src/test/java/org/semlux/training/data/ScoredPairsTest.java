package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoredPairsTest {
  private static final ScoredPair PLANE =
      new ScoredPair("A plane is taking off.", "An air plane, taking off.", 5);
  private static final ScoredPair FLUTE = new ScoredPair("A \"flute\"\nplays.", "", 3.8);

  @TempDir Path folder;

  @Test
  void csvWithoutHeader() throws IOException {
    assertThat(
            read(
                "pairs.csv",
                """
                A plane is taking off.,"An air plane, taking off.",5.0\r
                "A ""flute""
                plays.",,3.8\r
                """))
        .containsExactly(PLANE, FLUTE);
  }

  @Test
  void csvWithHeaderInAnyOrderAndAByteOrderMark() throws IOException {
    assertThat(
            read(
                "pairs.csv",
                """
                \uFEFFid,score,sentence2,sentence1
                7,5,"An air plane, taking off.",A plane is taking off.
                8,3.8,,"A ""flute""
                plays."
                """))
        .containsExactly(PLANE, FLUTE);
  }

  @Test
  void tsv() throws IOException {
    assertThat(
            read(
                "pairs.tsv",
                """
                A plane is taking off.\tAn air plane, taking off.\t5\textra

                "A ""flute""
                plays."\t\t3.8\
                """))
        .containsExactly(PLANE, FLUTE);
  }

  @Test
  void jsonLines() throws IOException {
    assertThat(
            read(
                "pairs.jsonl",
                "{\"sentence1\":\"A plane is taking off.\",\"score\":5,\"sentence2\":\"An air"
                    + " plane, taking off.\",\"genre\":null}\r\n\n"
                    + "{\"sentence1\":\"A \\\"flute\\\"\\n"
                    + "plays.\",\"sentence2\":\"\",\"score\":\"3.8\"}"))
        .containsExactly(PLANE, FLUTE);
  }

  @Test
  void gzip() throws IOException {
    Path file = folder.resolve("pairs.TSV.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("A plane is taking off.\tAn air plane, taking off.\t5".getBytes(UTF_8));
    }

    assertThat(ScoredPairs.read(file, PairColumns.DEFAULT)).containsExactly(PLANE);
  }

  @Test
  void theStsBenchmarkAsItsAuthorsPublishIt() throws IOException {
    String row = "main-captions\tMSRvid\t2012test\t0001\t%s\tHe said \"no.\t\"Some\" men, then\n";

    assertThat(
            read(
                "sts-train.csv",
                row.formatted("5.000") + row.formatted("3.800\r").strip() + "\tx\ty"))
        .containsExactly(
            new ScoredPair("He said \"no.", "\"Some\" men, then", 5),
            new ScoredPair("He said \"no.", "\"Some\" men, then", 3.8));
    failing("sts-dev.csv", row.formatted("5") + "main\tx\n")
        .hasMessageEndingWith("sts-dev.csv:2: no column for [sentence1], the row has 2");
  }

  @Test
  void theStsBenchmarkAsGluePublishesIt() throws IOException {
    assertThat(
            read(
                "dev.tsv",
                """
                index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore
                0\tg\tf\t2012\t1\tnone\tnone\t"A man\tB" man\t4.750

                """))
        .containsExactly(new ScoredPair("\"A man", "B\" man", 4.75));
  }

  /** As a reader does that knows no quotes, such as Python's csv module with QUOTE_NONE. */
  @Test
  void strayQuotesInTsvAreCharacters() throws IOException {
    assertThat(
            read(
                "pairs.tsv",
                """
                sentence1\tsentence2\tscore
                "A man plays.\tA man sings.\t3
                A dog runs.\tA cat runs.\t2
                He said no".\t"Some" men\t1
                A 5" pipe\t"\t0
                """))
        .containsExactly(
            new ScoredPair("\"A man plays.", "A man sings.", 3),
            new ScoredPair("A dog runs.", "A cat runs.", 2),
            new ScoredPair("He said no\".", "\"Some\" men", 1),
            new ScoredPair("A 5\" pipe", "\"", 0));
    // These balance: between them a row would disappear without a word.
    assertThat(read("balanced.tsv", "\"a\tb\t3\nc\td\t2\ne\"\tf\t1\n"))
        .containsExactly(
            new ScoredPair("\"a", "b", 3),
            new ScoredPair("c", "d", 2),
            new ScoredPair("e\"", "f", 1));
    // The last field of one row and the first of the next.
    assertThat(read("ends.tsv", "x\ty\t0\tz\na\tb\t1\t\"c\nd\"\te\t2\tf\n"))
        .containsExactly(
            new ScoredPair("x", "y", 0),
            new ScoredPair("a", "b", 1),
            new ScoredPair("d\"", "e", 2));
  }

  @Test
  void aQuoteThatEnclosesRowsIsNamed() {
    failing("a.csv", "a,b,1\n\"c,d,2\ne,f,3\ng\",h,4\n")
        .hasMessageEndingWith(
            "a.csv:2: a quote that opens here encloses whole rows: double it, and quote its field");
    failing("a.csv", "score,sentence1,sentence2\n1,a,\"b\n2,c,d\n3,e\",f\n")
        .hasMessageContaining("a.csv:2: a quote that opens here encloses whole rows");
  }

  @Test
  void aColumnSplitTellsRowsApart() throws IOException {
    String published =
        """
        split\tgenre\tdataset\tyear\tsid\tscore\tsentence1\tsentence2
        train\tg\td\t2012\t1\t5\ta\t"b
        dev\tg\td\t2012\t2\t4\tc"\td
        test\tg\td\t2012\t3\t3\te\tf
        train\tg\td\t2012\t4\t2\tg\th
        """;
    String csv =
        "sentence1,sentence2,score,Split\na,\"\"\"b\",5,train\n\"c\"\"\",d,4,Validation\n"
            + "e,f,3,test\ng,h,2,train\n";
    String json =
        """
        {'sentence1':'a','sentence2':'\\\\"b','score':5,'split':'train'}
        {'sentence1':'c\\\\"','sentence2':'d','score':4,'split':'dev'}
        {'sentence1':'e','sentence2':'f','score':3,'split':'test'}
        {'sentence1':'g','sentence2':'h','score':2,'split':'train'}
        """;
    for (Path file :
        List.of(
            write("all.tsv", published),
            write("all.csv", csv),
            write("all.jsonl", json.replace('\'', '"').replace("\\\\", "\\")))) {
      List<String> notices = new ArrayList<>();
      assertThat(split(file, Split.TRAIN, notices))
          .containsExactly(new ScoredPair("a", "\"b", 5), new ScoredPair("g", "h", 2));
      assertThat(split(file, Split.DEV, notices)).containsExactly(new ScoredPair("c\"", "d", 4));
      assertThat(split(file, Split.TEST, notices)).containsExactly(new ScoredPair("e", "f", 3));
      assertThat(notices)
          .containsExactly(
              file + ": the 2 rows of split train, of 4 in all",
              file + ": the 1 rows of split dev, of 4 in all",
              file + ": the 1 rows of split test, of 4 in all");
      assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
          .hasMessageContaining("holds the splits [")
          .hasMessageContaining("say which one is meant");
    }
  }

  /** The rows in front of it are read, so that the line is told. */
  @Test
  void bytesThatAreNoUtf8AreToldWithTheirLine() throws IOException {
    for (String name : List.of("latin.csv", "latin.tsv", "latin.jsonl")) {
      String row =
          name.endsWith("csv")
              ? "a,b,1\n"
              : name.endsWith("tsv")
                  ? "a\tb\t1\n"
                  : "{\"sentence1\":\"a\",\"sentence2\":\"b\",\"score\":1}\n";
      Path file = write(name, row.repeat(4));
      Files.write(file, new byte[] {'x', (byte) 0xe9, '\n'}, StandardOpenOption.APPEND);
      assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
          .hasMessageContaining(name + ":5: the text from here on is not UTF-8");
    }
  }

  @Test
  void unclearSplitsAreRefused() throws IOException {
    String header = "sentence1,sentence2,score,split\n";
    Path tests = write("tests.csv", header + "a,b,1,test\nc,d,2,test\n");
    assertThat(ScoredPairs.read(tests, PairColumns.DEFAULT)).hasSize(2);
    assertThatThrownBy(() -> split(tests, Split.TRAIN, new ArrayList<>()))
        .hasMessageEndingWith(
            "tests.csv] holds no rows of split train, its column [split] says [test]");
    Path folds = write("folds.csv", header + "a,b,1,train\nc,d,2,fold-7\n");
    assertThatThrownBy(() -> split(folds, Split.TRAIN, new ArrayList<>()))
        .hasMessageContaining("folds.csv:3: the column [split] says [fold-7]");
    Path some =
        write(
            "some.jsonl",
            """
            {"sentence1":"a","sentence2":"b","score":1}
            {"sentence1":"a","sentence2":"b","score":1,"split":"test"}
            """);
    assertThatThrownBy(() -> split(some, Split.TRAIN, new ArrayList<>()))
        .hasMessageContaining("some.jsonl:2: some rows have a [split]");
  }

  /** Under another name it would have rows for judging learned. */
  @Test
  void aColumnThatNamesSplitsIsCalledSplit() throws IOException {
    for (Path file :
        List.of(
            write("a.csv", "sentence1,sentence2,score,subset\na,b,1,train\nc,d,2,test\n"),
            write("a.tsv", "Subset\tscore\tsentence1\tsentence2\nTrain\t1\ta\tb\ntest\t2\tc\td\n"),
            write("b.csv", "a,b,1,train\nc,d,2,validation\n"),
            write(
                "a.jsonl",
                "{\"sentence1\":\"a\",\"sentence2\":\"b\",\"score\":1,\"part\":\"test\"}\n"))) {
      assertThatThrownBy(() -> split(file, Split.TRAIN, new ArrayList<>()))
          .hasMessageMatching(
              "\\[.*\\] names splits in its column \\[(subset|Subset|4|part)\\]: call it \\[split\\].*");
    }
    Path other = write("c.csv", "sentence1,sentence2,score,subset\na,b,1,train\nc,d,2,news\n");
    assertThat(split(other, Split.TRAIN, new ArrayList<>())).hasSize(2);
  }

  private static List<ScoredPair> split(Path file, Split split, List<String> notices)
      throws IOException {
    return ScoredPairs.read(
            file, PairColumns.DEFAULT, Optional.of(split), Optional.empty(), notices::add)
        .pairs();
  }

  @Test
  void badRowsAreToldAndLeftOut() throws IOException {
    List<String> skipped = new ArrayList<>();
    Path csv = write("a.csv", "a,b,1\n\"c\nc\",d,high\ne,f\ng,h,2\n");
    Path json =
        write(
            "a.jsonl",
            "[1]\n{\"sentence1\":1}\n{\n{\"sentence1\":1,\"sentence2\":2,\"score\":3}\n");
    Path published = write("a.tsv", "1\t2\t3\t4\tx\t6\t7\n1\t2\t3\t4\t5\t6\t7\n");

    assertThat(
            ScoredPairs.read(
                    csv,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(skipped::add),
                    notice -> {})
                .pairs())
        .containsExactly(new ScoredPair("a", "b", 1), new ScoredPair("g", "h", 2));
    assertThat(
            ScoredPairs.read(
                    json,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(skipped::add),
                    notice -> {})
                .pairs())
        .containsExactly(new ScoredPair("1", "2", 3));
    assertThat(
            ScoredPairs.read(
                    published,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(skipped::add),
                    notice -> {})
                .pairs())
        .containsExactly(new ScoredPair("6", "7", 5));
    assertThat(skipped)
        .containsExactly(
            csv + ":2: the score [high] is not a number",
            csv + ":4: no column for [score], the row has 2",
            json
                + ":1: a list begins, where an object is expected: write an object a line (JSON lines)",
            json + ":2: no text or number [sentence2], found [sentence1]",
            json + ":3: not a JSON object: it ends too early",
            published + ":1: the score [x] is not a number");
  }

  /** Lines may end in commas, and the STS benchmark's have sources behind its sentences. */
  @Test
  void cellsBehindTheHeaders() throws IOException {
    assertThat(read("a.csv", "score,sentence1,sentence2\n3,a,b,\n"))
        .containsExactly(new ScoredPair("a", "b", 3));
    assertThat(
            read(
                "b.tsv",
                """
                genre\tfile\tyear\tid\tscore\tsentence1\tsentence2
                news\tx\t2015\t4\t3\ta\tb\tMSRvid\tMSRvid
                """))
        .containsExactly(new ScoredPair("a", "b", 3));
  }

  @Test
  void aBadHeaderIsLeftOutWhereRowsAre() throws IOException {
    List<String> skipped = new ArrayList<>();
    Path file = write("a.csv", "sentence1,sentence2\na,b,1\n");
    assertThat(
            ScoredPairs.read(
                    file,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(skipped::add),
                    notice -> {})
                .pairs())
        .containsExactly(new ScoredPair("a", "b", 1));
    assertThat(skipped).singleElement().asString().contains("a.csv:1: a header without a label");
  }

  @Test
  void whatCannotBeSkippedStillStops() throws IOException {
    Path open = write("a.csv", "a,b,1\n\"never closed,b,2\nc,d,3\n");
    assertThatThrownBy(
            () ->
                ScoredPairs.read(
                    open,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(row -> {}),
                    notice -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.csv:2: unreadable row: ");
    Path none = write("b.csv", "a,b,x\n");
    assertThatThrownBy(
            () ->
                ScoredPairs.read(
                    none,
                    PairColumns.DEFAULT,
                    Optional.empty(),
                    Optional.of(row -> {}),
                    notice -> {}))
        .hasMessageEndingWith("b.csv] holds no rows");
  }

  @Test
  void parquetIsKnownByItsFirstBytes() {
    failing("a.csv", "PAR1....PAR1")
        .hasMessageContaining(
            "a.csv] is a Parquet file: rows are read from one whose name ends in");
  }

  @Test
  void columnsOfOtherNames() throws IOException {
    PairColumns columns = new PairColumns("left", "right", "label");
    String row = "\"An air plane, taking off.\",5,A plane is taking off.\n";

    assertThat(ScoredPairs.read(write("a.csv", "right,label,left\n" + row), columns))
        .containsExactly(PLANE);
    assertThatThrownBy(() -> ScoredPairs.read(write("b.csv", "right,score,left\n" + row), columns))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "b.csv:1: no header with the columns [left, right, label],"
                + " found [right, score, left]");
    assertThatThrownBy(
            () -> ScoredPairs.read(write("c.jsonl", "{\"left\":\"a\",\"label\":1}"), columns))
        .hasMessageEndingWith("c.jsonl:1: no text or number [right], found [left, label]");
  }

  /** A label by a name that says so, and the two others in their order. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.csv   | sentence1,sentence2,label;a,b,0.5                     | sentence1, sentence2, label",
        "a.csv   | labels,query,response;0.5,a,b                         | query, response, labels",
        "a.csv   | id,sentence2,scores,sentence1;7,b,0.5,a               | sentence1, sentence2, scores",
        "a.tsv   | premise,hypothesis,Split,score;a,b,train,0.5          | premise, hypothesis, score",
        "a.jsonl | {'query':'a','response':'b','label':0.5}              | query, response, label",
        "a.jsonl | {'label':0.5,'x':'a','split':'train','y':'b'}         | x, y, label",
        "a.csv   | label,b,0.5;a,b,0.5                                   | sentence1, sentence2, score",
      })
  void columnsByTheRulesOfLabels(String name, String content, String columns) throws IOException {
    String text = content.replace(';', '\n').replace('\'', '"') + "\n";
    Path file = write(name, name.endsWith("tsv") ? text.replace(',', '\t') : text);
    ScoredPairs.Found found =
        ScoredPairs.read(
            file, PairColumns.DEFAULT, Optional.empty(), Optional.empty(), notice -> {});

    assertThat(String.join(", ", found.columns().names())).isEqualTo(columns);
    assertThat(found.pairs()).endsWith(new ScoredPair("a", "b", 0.5));
    assertThat(found.pairs()).hasSize(content.startsWith("label,b") ? 2 : 1);
  }

  @Test
  void columnsOfWhichNobodyCanSayWhichTheTextsAre() {
    failing("a.csv", "query_id,query,response,label\n7,a,b,1\n")
        .hasMessageContaining("a.csv:1: the columns [query_id, query, response, label] are not two")
        .hasMessageContaining("--sentence1-column");
    failing("a.jsonl", "{\"a\":1,\"b\":2,\"label\":1,\"scores\":2}")
        .hasMessageContaining("a.jsonl:1: the columns [a, b, label, scores] are not two texts");
  }

  @Test
  void sentencesInAnotherOrderThanTheirNames() {
    failing("b.jsonl", "{\"answer\":\"x\",\"label\":1,\"question\":\"y\"}")
        .hasMessageEndingWith(
            "b.jsonl]: the columns [answer, question] stand in another order than their names say,"
                + " and the order alone says what they are: write them in the order [question,"
                + " answer], or say which is which by --sentence1-column, --sentence2-column and"
                + " --score-column");
  }

  @ParameterizedTest
  @CsvSource({
    "a.csv, true",
    "a.TSV.gz, true",
    "a.json, true",
    "a.jsonl.gz, true",
    "a.parquet, true",
    "a.txt, false",
    "json, false",
    "a.json.txt, false",
    "a.parquet.gz, false"
  })
  void areInFilesOfSuchNames(String name, boolean pairs) {
    assertThat(ScoredPairs.areIn(folder.resolve(name))).isEqualTo(pairs);
  }

  /** As {@code --data <(zcat pairs.csv.gz)} gives one: the beginning would be gone. */
  @ParameterizedTest
  @CsvSource({
    "pipe, 'a,b,1/c,d,2/'",
    "pipe, '/x\tx\tx\tx\t1\ta\tb/x\tx\tx\tx\t2\tc\td/'",
    "pipe.tsv, "
  })
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // whoever opens it again waits
  void aPipeIsReadOnce(String name, String content) throws Exception {
    Path pipe = folder.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    String text = content == null ? "a\tb\t1\n" : content.replace('/', '\n');
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                Files.writeString(pipe, text);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    if (content == null) { // whether its quotes mean anything is seen at its end
      assertThatThrownBy(() -> ScoredPairs.read(pipe, PairColumns.DEFAULT))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith(
              "pipe.tsv] is a pipe, whose data are gone once they are read, and here they are read"
                  + " more than once: write them to a file first");
    } else {
      assertThat(ScoredPairs.read(pipe, PairColumns.DEFAULT))
          .containsExactly(new ScoredPair("a", "b", 1), new ScoredPair("c", "d", 2));
    }
    written.join();
  }

  @Test
  void aBadRowIsNamedByFileLineAndReason() {
    failing("a.csv", "a,b,1\n\"c\nc\",d,2\ne,f,high\n")
        .hasMessageEndingWith("a.csv:4: the score [high] is not a number");
    failing("a.csv", "a,b,NaN\n").hasMessageEndingWith("a.csv:1: the score [NaN] is not a number");
    failing("a.csv", "a,b,\n").hasMessageEndingWith("a.csv:1: the score [] is not a number");
    failing("a.csv", "a,b,1\r\n\r\na,b\r\n")
        .hasMessageEndingWith("a.csv:3: no column for [score], the row has 2");
    failing("a.csv", "sentence1,sentence2\na,b\n")
        .hasMessageEndingWith(
            "a.csv:1: a header without a label, [sentence1, sentence2]: name its columns sentence1,"
                + " sentence2 and score");
    failing("a.csv", "Question,Answer,2023\na,b,1\n")
        .hasMessageContaining("a.csv:1: a header without a label, [Question, Answer, 2023]");
    failing("a.csv", "0,1,2\na,b,1\n")
        .hasMessageContaining("a.csv:1: a header without a label, [0, 1, 2]");
    failing("a.csv", "sentence1,score,sentence2,score\na,1,b,2\n")
        .hasMessageEndingWith("a.csv:1: the column [score] is there twice: leave one out");
    failing("a.csv", "score,sentence1,sentence2\n3,A dog, running,A cat\n")
        .hasMessageEndingWith(
            "a.csv:2: 4 cells for the columns [score, sentence1, sentence2]: quote the text that"
                + " holds the comma");
    failing("a.csv", "text\na river\n")
        .hasMessageContaining(": call the file .txt if each line is");
    failing("a.csv", "a,b,0x1p3\n").hasMessageEndingWith("the score [0x1p3] is not a number");
    failing("a.jsonl", "{\"sentence1\":\"a\",\"sentence2\":[\"b\"],\"score\":1}")
        .hasMessageEndingWith(
            "a.jsonl:1: [sentence2] is a list, where a text or number is expected");
    failing("a.jsonl", "\n{\"sentence1\":\"a\",,}\n")
        .hasMessageContaining("a.jsonl:2: not a JSON object: ");
    failing("a.jsonl", "{} {}")
        .hasMessageContaining("a.jsonl:1: not a JSON object: it is malformed at column 5");
    failing("a.jsonl", "[1]")
        .hasMessageContaining("a.jsonl:1: a list begins, where an object is expected");
    failing("a.jsonl", "1").hasMessageEndingWith("a.jsonl:1: not a JSON object");
  }

  @Test
  void brokenQuotesAreNamedByTheLineWhereTheRowStarts() {
    failing("a.csv", "a,b,1\n\"never closed,b,2\nc,d,3\n")
        .hasMessageContaining("a.csv:2: unreadable row: ");
    failing("a.csv", "a,b,1\n\"quoted\" and not,b,2\n")
        .hasMessageContaining("a.csv:2: unreadable row: ");
  }

  @Test
  void aFileThatIsNotUtf8IsNamed() throws IOException {
    Path file = folder.resolve("latin1.csv");
    Files.write(file, "caf\u00e9,b,1\n".getBytes(ISO_8859_1));

    assertThatThrownBy(() -> ScoredPairs.read(file, PairColumns.DEFAULT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("latin1.csv:1: the text from here on is not UTF-8");
  }

  @Test
  void aFileWithoutRowsIsNamed() {
    failing("a.csv", "").hasMessageEndingWith("a.csv] holds no rows");
    failing("a.csv", "sentence1,sentence2,score\n").hasMessageEndingWith("holds no rows");
    failing("a.jsonl", "\n\n").hasMessageEndingWith("holds no rows");
  }

  @Test
  void aMissingFileAndAFolderAreNamed() {
    assertThatThrownBy(() -> ScoredPairs.read(folder.resolve("none.csv"), PairColumns.DEFAULT))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none.csv");
    assertThatThrownBy(() -> ScoredPairs.read(folder, PairColumns.DEFAULT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is a folder where a data file is expected");
  }

  @Test
  void theStsBenchmark() throws IOException {
    Path stsb = Path.of(System.getProperty("semlux.shared", "")).resolve("data/stsb");
    assumeTrue(Files.isDirectory(stsb), "no STS benchmark beside the checkout");

    assertThat(ScoredPairs.read(stsb.resolve("train.csv"), PairColumns.DEFAULT)).hasSize(5_749);
    assertThat(ScoredPairs.read(stsb.resolve("dev.csv"), PairColumns.DEFAULT)).hasSize(1_500);
    assertThat(ScoredPairs.read(stsb.resolve("test.csv"), PairColumns.DEFAULT))
        .hasSize(1_379)
        .startsWith(
            new ScoredPair("A girl is styling her hair.", "A girl is brushing her hair.", 2.5));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> failing(String name, String content) {
    return assertThatThrownBy(() -> read(name, content)).isInstanceOf(IOException.class);
  }

  private List<ScoredPair> read(String name, String content) throws IOException {
    return ScoredPairs.read(write(name, content), PairColumns.DEFAULT);
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}

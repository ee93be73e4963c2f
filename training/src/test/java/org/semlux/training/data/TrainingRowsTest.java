package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingRowsTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  private TrainingRows read(String name, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content);
    return TrainingRows.read(file, Split.TRAIN, notices::add);
  }

  private static TrainingRow row(List<Double> labels, String... texts) {
    return new TrainingRow(List.of(texts), labels);
  }

  /** Names mean nothing but where they name labels; the order is what counts. */
  @Test
  void columnsAreTextsInTheirOrder() throws IOException {
    TrainingRows rows = read("x.csv", "q,a,n\n\"one, two\",b,c\n");

    assertThat(rows)
        .isEqualTo(
            new TrainingRows(
                List.of("q", "a", "n"),
                Optional.empty(),
                false,
                List.of(row(List.of(), "one, two", "b", "c"))));
  }

  /** As the STS benchmark is found: the first row is no name of anything. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x.csv | 'A plane; takes off.,A bird, 5.0 /It rains.,It snows.,1.5/'",
        "x.tsv | 'A plane; takes off.\tA bird\t5.0/It rains.\tIt snows.\t1.5/'",
        "x.csv | 'main\tMSRvid\t2012\t0001\t5.000\tA plane; takes off.\tA bird\tfrom/main\tMSRvid\t2012\t0004\t1.500\tIt rains.\tIt snows.\tfrom/'",
      })
  void scoredPairsNeedNoHeader(String name, String content) throws IOException {
    TrainingRows rows = read(name, content.replace("\\t", "\t").replace('/', '\n'));

    assertThat(rows)
        .isEqualTo(
            new TrainingRows(
                List.of("sentence1", "sentence2"),
                Optional.of("score"),
                false,
                List.of(
                    row(List.of(5.0), "A plane; takes off.", "A bird"),
                    row(List.of(1.5), "It rains.", "It snows."))));
    assertThat(notices)
        .singleElement()
        .asString()
        .contains("no header, its rows are read as sentence1, sentence2 and score");
  }

  @Test
  void columnsThatLookLikeIdsAreTold() throws IOException {
    TrainingRows rows = read("x.csv", "query_id,query,video\n7,b,c\n");

    assertThat(rows.columns()).containsExactly("query_id", "query", "video");
    assertThat(notices).first().asString().contains("the columns [query_id] look like ids");
  }

  /** A first row is a header where it says so, and nobody has to guess which it was taken for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "query,answer,2023/a,b,c      | query, answer, 2023     |",
        "question,2022,2023/a,b,c     | question, 2022, 2023    |",
        "query,2023,label/a,b,1       | query, 2023             |",
        "frage,antwort/a,b            | frage, antwort          | the first row is read as the names of the columns, [frage, antwort]",
        "How is it?,Good./a,b         | How is it?, Good.       | the first row is read as the names",
        "a,b,0.5/c,d,1                | sentence1, sentence2    | no header, its rows are read",
      })
  void aHeaderIsToldFromARow(String content, String columns, String told) throws IOException {
    TrainingRows rows = read("x.csv", content.replace('/', '\n') + "\n");

    assertThat(String.join(", ", rows.columns())).isEqualTo(columns);
    assertThat(rows.rows()).hasSize(columns.startsWith("sentence") ? 2 : 1);
    if (told == null) {
      assertThat(notices).isEmpty();
    } else {
      assertThat(notices).singleElement().asString().contains(told);
    }
  }

  /** A file's index, labels by another name, and cells that nobody filled. */
  @Test
  void textsThatLookLikeNoneAreTold() throws IOException {
    read("x.csv", "query,answer,relevance\na,b,1\n,c,0\nd,e,1\nf, ,0\n");

    assertThat(notices)
        .satisfiesExactly(
            first -> assertThat(first).contains("the columns [relevance] hold numbers alone"),
            second ->
                assertThat(second)
                    .contains("2 of 4 rows have an empty text, the first is ")
                    .contains("x.csv:3: "));
  }

  @Test
  void numbersAreAnswersToo() throws IOException {
    read("x.csv", "query,answer\nWhat is 2 + 2?,4\nWho?,Bob\n");

    assertThat(notices).isEmpty();
  }

  /** As JSON has them that was written with sorted keys, or whoever puts answers first. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "positive,negative,anchor             | anchor, positive, negative",
        "positive,anchor                      | anchor, positive",
        "answer,question                      | question, answer",
        "response,title,query                 | query, title, response",
        "label,response,query                 | query, response",
        "anchor,negative,positive             | anchor, positive, negative",
        "negative_1,negative_2,positive,query | query, positive, negative_1, negative_2",
        "contradiction,entailment,hypothesis  | hypothesis, entailment, contradiction",
        "anchor,negative,positive,label       | anchor, positive, negative",
      })
  void namesThatContradictTheirPlacesAreRefused(String header, String right) {
    String cells = header.replaceAll("label", "1");

    assertThatThrownBy(() -> read("x.csv", header + "\n" + cells + "\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.csv]: the columns [")
        .hasMessageEndingWith("what they are: write them in the order [" + right + "]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "title,query,response     | [query] is text 2",
        "label,query,response     | ",
        "anchor,positive,negative | ",
        "query,answer,negative    | ",
        "query,positive,negative_1,negative_2 | ",
      })
  void aColumnThatStandsElsewhereIsTold(String header, String told) throws IOException {
    read("x.csv", header + "\n" + header.replaceAll("label", "1") + "\n");

    if (told == null) {
      assertThat(notices).isEmpty();
    } else {
      assertThat(notices).singleElement().asString().contains("the column " + told + " of [");
    }
  }

  /** Not the file but what is read of it; a text's end and a row's count. */
  @Test
  void theHashIsOfTextsAndLabels() throws IOException {
    String first = read("x.csv", "a,b,label\nx,yz,1\nu,v,0\n").sha256();

    assertThat(read("y.tsv", "c\td\tscore\nx\tyz\t1.0\nu\tv\t0\n").sha256()).isEqualTo(first);
    for (String other :
        List.of("xy,z,1\nu,v,0\n", "x,yz,1\nu,v,1\n", "u,v,0\nx,yz,1\n", "x,yz,1\n")) {
      assertThat(read("z.csv", "a,b,label\n" + other).sha256()).as(other).isNotEqualTo(first);
    }
  }

  @ParameterizedTest
  @CsvSource({"label", "labels", "score", "scores"})
  void aColumnOfLabelsIsNoText(String name) throws IOException {
    TrainingRows rows = read("x.tsv", "s\t" + name + "\tt\na\t0.5\tb\n");

    assertThat(rows.columns()).containsExactly("s", "t");
    assertThat(rows.label()).contains(name);
    assertThat(rows.rows()).containsExactly(row(List.of(0.5), "a", "b"));
  }

  @Test
  void listsStandInJson() throws IOException {
    TrainingRows rows =
        read(
            "x.jsonl",
            """
            {"query":"q","docs":["a","b"],"labels":[1,0]}

            {"query":"r","docs":["c"],"labels":[1]}
            """);

    assertThat(rows.rows())
        .containsExactly(row(List.of(1.0, 0.0), "q", "a", "b"), row(List.of(1.0), "r", "c"));
  }

  @Test
  void testRowsAreNeverLearntFrom() throws IOException {
    TrainingRows rows = read("x.csv", "Split,q,a\ntrain,a,b\ntest,c,d\ndev,e,f\ntrain,g,h\n");

    assertThat(rows.columns()).containsExactly("q", "a");
    assertThat(rows.rows()).containsExactly(row(List.of(), "a", "b"), row(List.of(), "g", "h"));
    assertThat(notices).singleElement().asString().contains("the 2 rows of split train, of 4");
  }

  /** A quote that opens no field is a character in a file that quotes nothing. */
  @Test
  void aStrayQuoteSwallowsNothing() throws IOException {
    assertThat(read("x.tsv", "q\ta\n\"one\tb\nc\td\n").rows())
        .containsExactly(row(List.of(), "\"one", "b"), row(List.of(), "c", "d"));
    assertThatThrownBy(() -> read("x.csv", "q,a\n\"one,b\nc,d\ne,f\"\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("x.csv:2: a quote");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x.csv   | q;a,b                                   | no two texts",
        "x.csv   | q,a,q;a,b,c                             | one is there twice",
        "x.csv   | q,label                                 | no two texts",
        "x.csv   | a,b,c,0.5;d,e,f,1                       | x.csv:1: the first row holds the number [0.5], so it looks like no header: write one",
        "x.csv   | 1,a,b;2,c,d                             | the first row holds the number [1]",
        "x.csv   | a,4,5.0;b,c,1                           | the first row holds the number [4]",
        "x.csv   | 0,1,2;a,b,c                             | the first row holds the number [0]",
        "x.csv   | land,2023;a,b                           | the first row holds the number [2023]",
        "x.txt   | q, r>a;b, c>d                           | where the file's name stands for commas between columns: call it .tsv",
        "x.csv   | ,q,a;0,b,c                              | leave it out (index=False), or name it",
        "x.csv   | q,a,label;a,b,1d                        | the label [1d] is not a number",
        "x.csv   | q,a,label,score;a,b,1,1                 | both [label] and [score] name labels",
        "x.csv   | q,a                                     | holds no rows",
        "x.csv   | q,a;a                                   | x.csv:2: 1 cells for the columns [q, a]",
        "x.csv   | q,a,label;a,b,high                      | x.csv:2: the label [high] is not a number",
        "x.csv   | q,a,label;a,b,NaN                       | is not a number",
        "x.csv   | split,q,a;test,a,b                      | holds no rows of split train",
        "x.csv   | subset,q,a;train,a,b;test,c,d           | names splits in its column [subset]",
        "x.jsonl | {'q':'a','d':'b','fold':'dev'}          | names splits in its column [fold]",
        "x.jsonl | {'q':'a','d':['b'],'n':'c'}             | [d] is neither a text nor a number",
        "x.jsonl | {'q':'a','d':[]}                        | [d] is no list of texts",
        "x.jsonl | {'q':'a','d':'b'};{'q':'a','e':'b'}     | x.jsonl:2: the keys [q, e]",
        "x.jsonl | {'q':'a','d':'b','label':[1,'x']}       | the label [x] is not a number",
        "x.jsonl | {'q':'a','d':null}                      | [d] is neither",
      })
  void aBadFileIsNamedWithItsReason(String name, String content, String reason) {
    String text = content.replace(';', '\n').replace('>', '\t').replace('\'', '"') + "\n";

    assertThatThrownBy(() -> read(name, text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(reason);
  }

  /** A text may well be called so. */
  @Test
  void aTextIsNoSplit() throws IOException {
    assertThat(read("x.csv", "q,a\ntest,a\nexam,b\n").rows()).hasSize(2);
  }
}

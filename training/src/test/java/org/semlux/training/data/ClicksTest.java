package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClicksTest {
  private static final Map<String, Gains> CLICKED =
      Map.of("who plays", Gains.equal(Set.of("a b", "7")), "rain", Gains.equal(Set.of("7")));

  @TempDir Path folder;

  /** Rows stand between slashes, cells between bars. */
  @ParameterizedTest
  @CsvSource({
    "clicks.tsv, who plays|a b/rain|7/who plays|7",
    "clicks.txt, who plays|a b/rain|7/who plays|7",
    "clicks.tsv, query|id/who plays|a b/rain|7/who plays|7",
    "clicks.tsv, \uFEFFquery|_id/who plays|a b/rain|7/who plays|7",
    "clicks.tsv, /id|query|when/a b|who plays|1/7|rain|2/7|who plays|",
    "clicks.tsv, _id|query|id/1|who plays|a b/2|rain|7/3|who plays|7",
    "clicks.csv, 'query,id/who plays,a b/rain,7/\"who plays\",7'",
    "clicks.csv, 'who plays,a b/rain,7/who plays,7'",
    "clicks.csv, query|id/who plays|a b/rain|7/who plays|7"
  })
  void aFirstLineThatNamesTheColumnsIsNoClick(String name, String rows) throws IOException {
    assertThat(Clicks.read(file(name, rows))).isEqualTo(CLICKED);
  }

  /** Words that data sets call columns by may be queries, and with numbers ids. */
  @ParameterizedTest
  @CsvSource({
    "claims, doc_17",
    "text3, document-5",
    "index, passage12",
    "label, context",
    "query, docs",
    "id, doc17"
  })
  void aFirstLineThatOnlyLooksLikeAHeaderIsAClick(String query, String document)
      throws IOException {
    assertThat(Clicks.read(file("clicks.tsv", query + "|" + document)))
        .isEqualTo(Map.of(query, Gains.equal(Set.of(document))));
  }

  @ParameterizedTest
  @CsvSource({
    "clicks.tsv, query|doc_id/rain|7, 1: a header [query$ doc_id] without the columns [query] and [id]: call them so",
    "clicks.tsv, query-id|corpus-id|score/1|7|1, 1: a header [query-id$ corpus-id$ score] without the columns",
    "clicks.tsv, question|docid/rain|7, 1: a header [question$ docid] without the columns",
    "clicks.tsv, query|id|id/rain|7|8, 1: the column [id] is there twice: leave one out",
    "clicks.tsv, query|id/rain|7|8, '2: 3 cells, where a query and a document''s id are expected'",
    "clicks.tsv, query|id|when/rain|7, '2: 2 cells, where a query and a document''s id, as the header has them, are'",
    "clicks.tsv, rain|7/rain, 2: 1 cells",
    "clicks.tsv, rain| , '1: no query and document''s id'"
  })
  void aLineThatIsNoneIsNamed(String name, String rows, String said) throws IOException {
    Path file = file(name, rows);
    assertThatThrownBy(() -> Clicks.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file + ":" + said.replace('$', ','));
  }

  @Test
  void noClicks() throws IOException {
    for (String name : new String[] {"clicks.tsv", "clicks.csv", "clicks.jsonl"}) {
      Path file = Files.writeString(folder.resolve(name), "\n");
      assertThatThrownBy(() -> Clicks.read(file)).hasMessage("[" + file + "] holds no clicks");
    }
    assertThatThrownBy(() -> Clicks.read(file("clicks.tsv", "query|id")))
        .hasMessageEndingWith("holds no clicks");
  }

  private Path file(String name, String rows) throws IOException {
    return Files.writeString(
        folder.resolve(name), rows.replace('|', '\t').replace("/", "\r\n") + "\r\n");
  }
}

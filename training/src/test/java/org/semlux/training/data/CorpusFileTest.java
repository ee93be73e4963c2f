package org.semlux.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.semlux.training.adapt.Document;
import org.semlux.training.adapt.Documents;

/** Whoever reads a corpus reads the same ids and texts. */
class CorpusFileTest {
  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    String text = content.replace("TAB", "\t").replace('/', '\n').replace('\'', '"');
    return Files.writeString(folder.resolve(name), text + "\n");
  }

  private static List<Document> documents(Path file) throws IOException {
    List<Document> all = new ArrayList<>();
    new Documents("text", Documents.TITLE).read(file, all::add);
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "collection.tsv | d1TABone two//d7TABthree",
        "collection.txt | d1TABone two/d7TABthree",
        "collection.tsv | idTABtext/d1TABone two/d7TABthree",
        "collection.txt | idTABtext/d1TABone two/d7TABthree",
        "collection.tsv | titleTABtextTAB_id/TABone twoTABd1/TABthreeTABd7",
        "collection.txt | textTABid/one twoTABd1/threeTABd7",
        "corpus.csv     | _idTABtext/d1TABone two/d7TABthree",
        "corpus.jsonl   | {'id':'d1','text':'one two'}/{'_id':'d7','id':'','text':'three'}",
        "corpus.jsonl   | {'_id':'d1','id':'other','text':'one two'}/{'_id':'d7','text':'three'}",
        "corpus.csv     | id,_id,text/other,d1,one two/8,d7,three",
        "corpus.jsonl   | {'_id':'d1','id':'d1','text':'one two'}/{'_id':'d7','text':'three'}",
        "corpus.csv     | _id,text/d1,one two/d7,'three'",
        "corpus.csv     | text,n,id/one two,4,d1/three,5,d7",
        "corpus.jsonl   | {'_id':'d1','text':'one two'}/{'_id':'d7','title':null,'text':'three'}",
      })
  void allReadersReadTheSame(String name, String content) throws IOException {
    Path file = write(name, content);

    assertThat(RetrievalData.texts(file))
        .containsExactly(entry("d1", "one two"), entry("d7", "three"));
    assertThat(CorpusTexts.read(file)).containsExactly("one two", "three");
    assertThat(documents(file))
        .containsExactly(new Document("d1", "", "one two"), new Document("d7", "", "three"));
  }

  @Test
  void titlesAndQuotedLines() throws IOException {
    Path file = write("corpus.csv", "_id,title,text/a,T,'one,/two, three'/b,,four");

    assertThat(documents(file))
        .containsExactly(new Document("a", "T", "one,\ntwo, three"), new Document("b", "", "four"));
    assertThat(CorpusTexts.read(file)).containsExactly("T one,\ntwo, three", "four");
  }

  /** What stands before a tab is a title, or a part of the text, unless it is one word. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "corpus.txt | titleTABtext/Wind speedTABIt blows./RainTABIt falls. | Wind speed It blows.| Rain It falls.",
        "corpus.tsv | titleTABtext/Wind speedTABIt blows./RainTABIt falls. | Wind speed It blows.| Rain It falls.",
        "corpus.txt | Wind speedTABIt blows./RainTABIt falls. | Wind speed\tIt blows. | Rain\tIt falls.",
        "corpus.txt | TABindented/text | \tindented | text",
        "corpus.txt | 風速TAB風が吹く。/雨 | 風速\t風が吹く。 | 雨",
      })
  void nothingBeforeATabIsLost(String name, String content, String first, String second)
      throws IOException {
    Path file = write(name, content);

    assertThat(CorpusTexts.read(file))
        .containsExactly(first.replace("\\t", "\t"), second.replace("\\t", "\t").strip());
  }

  /** Nothing else can stand before the tab there. */
  @Test
  void anyIdsInTsv() throws IOException {
    Path file =
        write("x.tsv", "Albert EinsteinTABphysics/記事1TABnews/<dbpedia:São_Paulo>TABa TABcity");

    assertThat(documents(file))
        .containsExactly(
            new Document("Albert Einstein", "", "physics"),
            new Document("記事1", "", "news"),
            new Document("<dbpedia:São_Paulo>", "", "a \tcity"));
    assertThat(documents(write("y.tsv", "_idTABtext/1TABone TABtwo/2TABthree")))
        .containsExactly(new Document("1", "", "one \ttwo"), new Document("2", "", "three"));
  }

  @Test
  void idsThatDifferAreToldOnce() throws IOException {
    Path file = write("x.csv", "_id,id,text/1,2,a/3,3,b/4,5,c");
    List<String> told = new ArrayList<>();
    new CorpusFile(file, "text", "title").read(row -> {}, told::add);
    assertThat(told)
        .containsExactly(file + ":2: [_id] says [1] and [id] says [2]: rows are called by [_id]");
  }

  /** As {@code --corpus <(zcat corpus.gz)} gives one: nothing of it comes twice. */
  @ParameterizedTest
  @CsvSource({
    "pipe, one/two/",
    "pipe, a\tone/b\ttwo/",
    "pipe.csv, '_id,text/a,one/b,two/'",
    "pipe.csv, a\tone/b\ttwo/",
    "pipe.tsv, a\tone/b\ttwo/",
    "pipe.jsonl, {\"text\":\"one\"}/{\"text\":\"two\"}/",
  })
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // whoever opens it again waits
  void aPipeIsReadOnce(String name, String lines) throws Exception {
    String content = lines.replace('/', '\n');
    Path pipe = folder.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try {
                Files.writeString(pipe, content);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThat(CorpusTexts.read(pipe)).containsExactly("one", "two");
    written.join();
  }

  /** They are called by the numbers of their lines. */
  @Test
  void linesWithoutIds() throws IOException {
    Path file = write("corpus.txt", "one/, two//three TABfour");

    assertThat(documents(file))
        .containsExactly(
            new Document("1", "", "one"),
            new Document("2", "", ", two"),
            new Document("4", "", "three \tfour"));
    assertThatThrownBy(() -> RetrievalData.texts(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("corpus.txt:1: no id: give");
    assertThat(documents(write("corpus.csv", "text/one/two")))
        .containsExactly(new Document("2", "", "one"), new Document("3", "", "two"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "x.tsv   | one                                         | x.tsv:1: no tab between an id",
        "x.tsv   | aTABone/two                                 | x.tsv:2: no tab between an id",
        "x.txt   | aTABone/two                                 | x.txt:2: no tab between an id",
        "x.txt   | RainTABIt falls./Wind speedTABIt blows.     | x.txt:2: [Wind speed] before the tab is no id of one word",
        "x.tsv   | aTABone/ TABtwo                             | x.tsv:2: [ ] before the tab is no id",
        "x.tsv   | query-idTABquery/1TABone                    | x.tsv:1: a header [query-id, query] without the column [text]",
        "x.txt   | titleTABbody/WindTABIt blows.               | x.txt:1: a header [title, body] without the column [text]",
        "x.tsv   | textTAB_id/one TABtwoTAB1                   | x.tsv:2: 3 cells for the columns [text, _id]",
        "x.csv   | text,id,text/a,1,b                          | x.csv:1: the column [text] is there twice",
        "x.csv   | one two/three                               | x.csv:1: no header with the column [text]",
        "x.csv   | id,text/a,b,c                               | x.csv:2: 3 cells for the columns [id, text]",
        "x.jsonl | {'text':'a'}/{'text':'b'}/{'id':2,'text':'c'} | x.jsonl:3: some rows have an id, [_id] or else [id], and",
        "x.jsonl | {'_id':'1','text':'a'}/{'text':'b'}         | x.jsonl:2: some rows have an id",
        "x.jsonl | {'_id':'1','body':'a'}                      | x.jsonl:1: no text [text], found",
      })
  void aBadRowIsNamed(String name, String content, String message) throws IOException {
    Path file = write(name, content);

    assertThatThrownBy(() -> documents(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> CorpusTexts.read(file)).hasMessageContaining(message);
  }
}

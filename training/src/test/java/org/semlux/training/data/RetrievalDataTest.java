package org.semlux.training.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalDataTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();
  private Path queries;
  private Path corpus;

  @BeforeEach
  void writeTexts() throws IOException {
    queries =
        write(
            "queries.jsonl",
            """
            {"_id":"q1","text":"one","metadata":{}}

            {"_id":2,"text":"two"}
            """);
    corpus =
        write(
            "corpus.jsonl",
            """
            {"_id":"d1","title":"T","text":"x"}
            {"_id":"d2","title":"","text":"y"}
            {"_id":"d3","text":"z"}
            """);
  }

  @Test
  void beir() throws IOException {
    Path judgements =
        write(
            "test.tsv",
            "query-id\tcorpus-id\tscore\nq1\td1\t1\r\nq1\td3\t2\n2\td2\t0\n2\td1\t-1\nq1\tgone\t1\n");

    RetrievalData data = RetrievalData.read(queries, corpus, judgements, notices::add);

    assertThat(data.queries()).containsExactly(entry("q1", "one"));
    assertThat(data.corpus())
        .containsExactly(entry("d1", "T x"), entry("d2", "y"), entry("d3", "z"));
    assertThat(data.relevant()).containsOnly(entry("q1", Set.of("d1", "d3", "gone")));
    assertThat(RetrievalData.judgements(judgements, notices::add))
        .containsOnly(
            entry("q1", new Gains(Map.of("d1", 1.0, "d3", 2.0, "gone", 1.0))),
            entry("2", new Gains(Map.of())));
  }

  @Test
  void trecAndTabsAndGzip() throws IOException {
    Path tabs = write("queries.tsv", "q1\tone\tand more\n2\t two\n");
    Path gzip = folder.resolve("corpus.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write("d1\tx\nd2\ty\n".getBytes(UTF_8));
    }
    Path judgements = write("qrels.txt", "2 0 d2 1\nq1 Q0 d1 3\n");

    RetrievalData data = RetrievalData.read(tabs, gzip, judgements, notices::add);

    assertThat(data.queries()).containsExactly(entry("q1", "one\tand more"), entry("2", "two"));
    assertThat(data.corpus()).containsExactly(entry("d1", "x"), entry("d2", "y"));
    assertThat(data.relevant()).containsOnly(entry("2", Set.of("d2")), entry("q1", Set.of("d1")));
  }

  /** Such a number in the first line is no name of a column. */
  @Test
  void aJudgementIsNoHeader() throws IOException {
    for (String score : new String[] {"1e0", "+1", "1."}) {
      assertThat(
              RetrievalData.judgements(write("qrels.tsv", "q1\td1\t" + score + "\n"), notices::add))
          .containsOnly(entry("q1", new Gains(Map.of("d1", 1.0))));
    }
  }

  /** As a search's run has them, given for judgements. */
  @Test
  void scoresAreTold() throws IOException {
    RetrievalData.read(queries, corpus, write("grades.tsv", "q1\td1\t1.0\n"), notices::add);
    assertThat(notices).isEmpty();
    Path run = write("run.tsv", "q1\td1\t12.75\nq1\td2\t3\n");
    RetrievalData.read(queries, corpus, run, notices::add);
    assertThat(notices)
        .containsExactly(
            "["
                + run
                + "] holds the score 12.75, which is no grade: whatever is above 0 counts as an"
                + " answer");
  }

  /** By other ids all models find nothing, and every metric is 0. */
  @Test
  void judgementsOfAnotherCorpusAreTold() throws IOException {
    Path some = write("some.tsv", "q1\td1\t1\nq1\tgone\t1\n2\tgone\t1\nq9\tlost\t1\n");
    RetrievalData.read(queries, corpus, some, notices::add);
    assertThat(notices)
        .containsExactly(
            "[%s]: 1 of 2 documents that answer a query are not in [%s] and count as not found"
                .formatted(some, corpus));

    Path none = write("none.tsv", "q1\tdoc1\t1\n2\tdoc2\t1\n");
    assertThatThrownBy(() -> RetrievalData.read(queries, corpus, none, notices::add))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "[%s]: none of 2 documents that answer a query is in [%s]: give documents by the ids that it has"
                .formatted(none, corpus));
  }

  /** Of several judges, say. */
  @Test
  void judgementsThatContradictAreTold() throws IOException {
    Path file = write("qrels.tsv", "q1\td1\t2\nq1\td1\t2\n2\td2\t0\nq1\td1\t0\n2\td2\t1\n");

    assertThat(RetrievalData.judgements(file, notices::add))
        .containsOnly(
            entry("q1", new Gains(Map.of("d1", 2.0))), entry("2", new Gains(Map.of("d2", 1.0))));
    assertThat(notices)
        .containsExactly(
            file
                + ":4: this document was judged otherwise for this query before: of several"
                + " judgements the highest counts");
  }

  @Test
  void badLinesAreNamed() throws IOException {
    assertBad("q1\td1\t1\nq1\td1\tx\n", "qrels.tsv:2: the score [x] is not a number");
    assertBad("q1\td1\n", "no query of [");
    assertBad("q1\td1\t1\nq1 1\n", "qrels.tsv:2: neither [query-id corpus-id score] nor TREC's");
    assertBad("q9\td1\t1\n", "no query of [" + queries + "] has a relevant document in [");
    Path judgements = write("qrels.tsv", "q1\td1\t1\n");
    assertThatThrownBy(
            () ->
                RetrievalData.read(
                    write("q.tsv", "q1\ta\nq1\tb\n"), corpus, judgements, notices::add))
        .hasMessageEndingWith("q.tsv:2: the id [q1] is there twice");
    assertThatThrownBy(
            () -> RetrievalData.read(write("q.tsv", "q1 a\n"), corpus, judgements, notices::add))
        .hasMessageContaining("q.tsv:1: no tab between an id and a text: give");
    assertThatThrownBy(
            () ->
                RetrievalData.read(
                    write("q.jsonl", "{\"_id\":1}\n"), corpus, judgements, notices::add))
        .hasMessageEndingWith("q.jsonl:1: no text [text], found [_id]");
    assertThatThrownBy(
            () ->
                RetrievalData.read(
                    write("q.jsonl", "{\"_id\":1,\"text\":null}\n"),
                    corpus,
                    judgements,
                    notices::add))
        .hasMessageEndingWith("q.jsonl:1: [text] is null, where a text is expected");
    assertThatThrownBy(
            () -> RetrievalData.read(write("q.jsonl", "x\n"), corpus, judgements, notices::add))
        .hasMessageContaining("q.jsonl:1: not a JSON object");
    assertThatThrownBy(
            () -> RetrievalData.read(write("q.jsonl", "\n"), corpus, judgements, notices::add))
        .hasMessageEndingWith("q.jsonl] holds no texts");
  }

  private void assertBad(String content, String message) throws IOException {
    Path judgements = write("qrels.tsv", content);
    assertThatThrownBy(() -> RetrievalData.read(queries, corpus, judgements, notices::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void samplesForReranking() throws IOException {
    Path file =
        write(
            "samples.jsonl",
            """
            {"query":"q","positive":"a","negative":["b","c"]}

            {"query":"r","positive":["a","z"],"documents":["b","a"]}
            """);

    List<RerankingSample> samples = RerankingSample.read(file);

    assertThat(samples)
        .containsExactly(
            new RerankingSample("q", List.of("a"), List.of("b", "c"), List.of()),
            new RerankingSample("r", List.of("a", "z"), List.of(), List.of("b", "a")));
    assertThat(samples.get(0).texts()).containsExactly("a", "b", "c");
    assertThat(samples.get(1).texts()).containsExactly("a", "z", "b");
  }

  @Test
  void badSamplesAreNamed() throws IOException {
    assertBadSample("{\"positive\":\"a\"}", ":1: no text [query], found [positive]");
    assertBadSample(
        "{\"query\":[\"q\"],\"positive\":\"a\"}",
        ":1: [query] is a list, where a text is expected");
    assertBadSample(
        "{\"query\":\"q\",\"positive\":\"a\"}",
        ":1: either [negative] or [documents], found [query, positive]");
    assertBadSample(
        "{\"query\":\"q\",\"positive\":{},\"negative\":[]}",
        ":1: [positive] is no text and no list of texts");
    assertBadSample(
        "{\"query\":\"q\",\"positive\":[],\"negative\":[[]]}",
        ":1: [negative] is no text and no list of texts");
    assertBadSample("", "] holds no samples");
  }

  private void assertBadSample(String content, String message) throws IOException {
    Path file = write("samples.jsonl", content);
    assertThatThrownBy(() -> RerankingSample.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(message);
  }

  /** As they come out of a spreadsheet; within an id they are its own. */
  @Test
  void blanksAroundAnIdAreNoneOfIt() throws IOException {
    Path tabs = write("q.tsv", "q 1 \tone\n q2\ttwo\n");
    Path objects = write("c.jsonl", "{\"_id\":\"d 1 \",\"text\":\"x\"}\n");
    Path judgements = write("qrels.tsv", "q 1\t d 1\t1\nq2 \td 1\t1\n");

    RetrievalData data = RetrievalData.read(tabs, objects, judgements, notices::add);

    assertThat(data.corpus()).containsOnlyKeys("d 1");
    assertThat(data.relevant())
        .containsOnly(entry("q 1", Set.of("d 1")), entry("q2", Set.of("d 1")));
  }

  /** A first line whose score is none may be a header, or a row that would be lost. */
  @Test
  void aHeaderOfUnusualNamesIsTold() throws IOException {
    String row = "q1\td1\t1\n";
    RetrievalData.judgements(
        write("qrels.tsv", "query-id\tcorpus-id\tscore\n" + row), notices::add);
    RetrievalData.judgements(write("qrels.tsv", "query\tdocument\tscore\n" + row), notices::add);
    assertThat(notices).isEmpty();

    for (String query : List.of("q7", "claims")) {
      notices.clear();
      Path file = write("qrels.tsv", query + "\tdoc_17\tyes\n" + row);
      assertThat(RetrievalData.judgements(file, notices::add)).containsOnlyKeys("q1");
      assertThat(notices)
          .containsExactly(
              "%s:1: read as the names of the columns, [%s, doc_17, yes], since the last is no number: mend it if it is a judgement"
                  .formatted(file, query));
    }
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}

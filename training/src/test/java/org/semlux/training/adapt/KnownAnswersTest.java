package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.semlux.training.data.Gains;

class KnownAnswersTest {
  @TempDir Path folder;

  /** A query that is there twice has the judgements of both. */
  @Test
  void answersAreAsGoodAsTheyWereJudged() throws IOException {
    Path queries = Files.writeString(folder.resolve("queries.tsv"), "1\tone\n2\tone\n3\ttwo\n");
    Path qrels =
        Files.writeString(folder.resolve("qrels.txt"), "1 0 a 3\n1 0 b 1\n1 0 c 0\n2 0 b 2\n");
    Path clicks = Files.writeString(folder.resolve("clicks.tsv"), "two\ta\ntwo\td\ntwo\ta\n");

    StringWriter told = new StringWriter();
    KnownAnswers known = KnownAnswers.read(queries, qrels, clicks, new PrintWriter(told));

    assertThat(known.judged()).containsOnly(entry("one", new Gains(Map.of("a", 3.0, "b", 2.0))));
    assertThat(known.clicked()).containsOnly(entry("two", Gains.equal(Set.of("a", "d"))));
    assertThat(told.toString()).isEmpty();
  }

  /** The other one may be the click's own. */
  @Test
  void clicksNameDocumentsById() throws IOException {
    Path clicks =
        Files.writeString(
            folder.resolve("clicks.jsonl"),
            """
            {"_id":"click-1","query":"two","id":"a"}
            {"query":"two","_id":"d"}
            """);
    KnownAnswers known = KnownAnswers.read(null, null, clicks, new PrintWriter(new StringWriter()));
    assertThat(known.clicked()).containsOnly(entry("two", Gains.equal(Set.of("a", "d"))));
  }

  /** A judgement that nothing answers is one too. */
  @Test
  void whatIsJudgedIsNeverLearntFrom() throws IOException {
    Path queries = Files.writeString(folder.resolve("queries.tsv"), "1\tone\n2\ttwo\n3\tthree\n");
    Path qrels = Files.writeString(folder.resolve("qrels.txt"), "1 0 a 1\n2 0 a 0\n2 0 b -1\n");
    Path clicks = Files.writeString(folder.resolve("clicks.tsv"), "two\ta\n");
    StringWriter told = new StringWriter();
    PrintWriter err = new PrintWriter(told);
    KnownAnswers known = KnownAnswers.read(queries, qrels, clicks, err);

    assertThat(known.unanswered()).containsExactly("three");
    assertThat(known.clicked()).isEmpty();
    // Yet it may be asked.
    assertThat(known.among(Set.of("a"), "it", err).unanswered()).containsExactly("two", "three");
    assertThat(told.toString())
        .isEqualTo("--qrels: 1 of 1 queries have a document in it, 1 of 1 documents found\n");
    Files.writeString(qrels, "1 0 a 0\n2 0 a 0\n");
    assertThatThrownBy(() -> KnownAnswers.read(queries, qrels, clicks, err))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no query of [" + queries + "] has a relevant document");
  }

  @Test
  void judgementsOfOtherQueriesAreCounted() throws IOException {
    Path queries = Files.writeString(folder.resolve("queries.tsv"), "1\tone\n");
    Path qrels = Files.writeString(folder.resolve("qrels.txt"), "1 0 a 3\n7 0 a 1\n8 0 b 0\n");
    StringWriter told = new StringWriter();
    KnownAnswers known = KnownAnswers.read(queries, qrels, null, new PrintWriter(told));

    assertThat(known.judged()).containsOnlyKeys("one");
    assertThat(told.toString())
        .isEqualTo(
            "--qrels: 2 of 3 judged queries are not in [" + queries + "] and are left out\n");
  }
}

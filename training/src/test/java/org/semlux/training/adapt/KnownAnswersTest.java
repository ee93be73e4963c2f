package org.semlux.training.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
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

    KnownAnswers known = KnownAnswers.read(queries, qrels, clicks);

    assertThat(known.judged()).containsOnly(entry("one", new Gains(Map.of("a", 3.0, "b", 2.0))));
    assertThat(known.clicked()).containsOnly(entry("two", Gains.equal(Set.of("a", "d"))));
  }
}

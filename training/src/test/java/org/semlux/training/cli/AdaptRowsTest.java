package org.semlux.training.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code semlux adapt} learns from: rows made of a corpus, of clicks and of queries. */
class AdaptRowsTest {
  @TempDir Path folder;

  /** Titles and texts share no word; that a stone stands for a river can only be learnt. */
  @Test
  void whatTheBaseCannotKnowIsLearnt() throws IOException {
    String[] words =
        ("river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
                + " train bike road city bridge map travel ship port piano song band music film")
            .split(" ");
    Random random = new Random(1);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      StringBuilder title = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int j = 0; j < 3; j++) {
        int word = random.nextInt(words.length / 2);
        title.append(words[word]).append(' ');
        text.append(words[words.length / 2 + word]).append(' ');
      }
      lines.add("{\"title\":\"%s\",\"text\":\"%s\"}".formatted(title, text));
    }
    CommandLineRun run =
        AdaptRun.on(
            folder,
            Files.write(folder.resolve("words.jsonl"), lines),
            "--learning-rate",
            5e-3,
            "--num-train-epochs",
            15,
            "--sentences",
            0,
            "--num-negatives", // its own tokens know it no better
            0,
            "--base-share",
            0);
    assertThat(run.exitCode()).as(run.err()).isZero();

    assertThat(
            AdaptRun.read(folder.resolve("adapted/adaptation.json")).get("better").getAsBoolean())
        .as(run.err())
        .isTrue();
  }

  /** The other answers of a batch are what a query is told from. */
  @Test
  void titlesAreLearntWithoutMinedNegatives() throws IOException {
    Path base = CommandLineRun.golden("dense-mpnet-mean-normalize");
    CommandLineRun run =
        CommandLineRun.of(
            "adapt",
            "--corpus",
            AdaptRun.corpus(folder),
            "--base",
            base,
            "--output",
            folder.resolve("adapted"),
            "--held-out",
            0.25,
            "--num-negatives",
            0,
            "--learning-rate",
            0);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("Mining");
    for (String row : Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"))) {
      assertThat(JsonParser.parseString(row).getAsJsonObject().keySet())
          .containsExactly("anchor", "positive");
    }
    assertThat(folder.resolve("adapted.work/trained/README.md")).content().contains("`scale` 12.0");

    CommandLineRun reranker =
        AdaptRun.on(
            folder,
            AdaptRun.corpus(folder),
            "--task",
            "cross-encoder",
            "--retriever",
            base,
            "--scale",
            12);
    assertThat(reranker.exitCode()).isEqualTo(2);
    assertThat(reranker.err()).contains("--scale is of a bi-encoder that nothing teaches");
  }

  /** What people opened is learnt from and judged by; what is judged is judged by alone. */
  @Test
  void clicksAndJudgements() throws IOException {
    Path corpus = AdaptRun.corpus(folder);
    List<String> clicks = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> qrels = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      clicks.add("clicked query " + i + "\t" + i); // without ids documents go by their lines
      clicks.add("clicked query " + i + "\t" + (i + 1));
      queries.add("q" + i + "\t judged query " + i);
      qrels.add("q" + i + "\t" + (i + 50) + "\t" + (i <= 30 ? 1 : 0));
    }
    CommandLineRun run =
        AdaptRun.on(
            folder,
            corpus,
            "--clicks",
            Files.write(folder.resolve("clicks.tsv"), clicks),
            "--queries",
            Files.write(folder.resolve("queries.tsv"), queries),
            "--qrels",
            Files.write(folder.resolve("qrels.tsv"), qrels),
            "--held-out",
            0.4);
    assertThat(run.exitCode()).as(run.err()).isZero();

    JsonObject report = AdaptRun.read(folder.resolve("adapted/adaptation.json"));
    assertThat(
            report.getAsJsonArray("judged").asList().stream()
                .map(
                    one ->
                        one.getAsJsonObject().get("name").getAsString()
                            + one.getAsJsonObject().get("queries")))
        .containsExactly("held-out48", "clicks24", "judged30");
    assertThat(report.get("verdict").getAsString()).contains("30 judged queries");
    List<String> rows = Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"));
    assertThat(rows).filteredOn(row -> row.contains("\"clicked query ")).hasSize(2 * (60 - 24));
    for (String line : rows) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      String[] query = row.get("anchor").getAsString().split("clicked query ");
      if (query.length == 2) { // what else was opened of this query is no wrong answer
        int second = Integer.parseInt(query[1]);
        assertThat(row.get("negative_1").getAsString() + row.get("negative_2").getAsString())
            .doesNotContain(" " + (second - 1) + ".", " " + second + ".");
      }
    }
    assertThat(rows).noneMatch(row -> row.contains("\"judged query 1\""));
  }
}
